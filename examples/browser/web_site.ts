/**
 * Example `browser`. Serves the page, whose program it bundles once.
 *
 * @module
 */
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { variantsForEsbuild } from "../../scripts/lib/browser_variants.mjs";
import type { Addresses } from "./sensor.ts";

const HERE = new URL("./page/", import.meta.url);

/**
 * The page's program as one module. The plugin and the alias are for this
 * checkout: from npm, esbuild takes the build for browsers by itself.
 */
async function program(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("app.js", HERE))],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    alias: {
      "@agentzero/agentzero": fileURLToPath(
        new URL("../../mod.ts", import.meta.url),
      ),
    },
    plugins: [variantsForEsbuild],
  });
  return outputFiles[0]!.contents;
}

/** Serves the page; returns the server and where it is. */
export async function serveSite(
  addresses: Addresses,
  port: number,
): Promise<{ server: Server; url: string }> {
  const files: Record<
    string,
    readonly [type: string, body: string | Uint8Array]
  > = {
    "/": ["text/html", await readFile(new URL("index.html", HERE), "utf8")],
    "/app.js": ["text/javascript", await program()],
    "/addresses.json": ["application/json", JSON.stringify(addresses)],
  };
  const server = createServer(({ url = "" }, response) => {
    const [type, body] = files[url] ?? ["text/plain", "not found"];
    response.writeHead(url in files ? 200 : 404, { "content-type": type });
    response.end(body);
  });
  await new Promise<void>((resolve) =>
    server.listen(port, "127.0.0.1", resolve)
  );
  const { port: bound } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${bound}/` };
}
