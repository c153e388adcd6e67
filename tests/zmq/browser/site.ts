/**
 * Test support. A web site that has the build for browsers, made from the
 * sources, and the functions of `page/page.js`.
 *
 * @module
 */
import { build } from "esbuild";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  BROWSER_ENTRIES,
  variantsForEsbuild,
} from "../../../scripts/lib/browser_variants.mjs";
import { openBrowser, type Page } from "../../support/browser.ts";
import type { TestContext } from "../../support/harness.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const OUT = "/out";

/** The build for browsers, by the path of each file. */
export async function browserBuild(): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: BROWSER_ENTRIES,
    outbase: ".",
    outdir: OUT,
    bundle: true,
    splitting: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    plugins: [variantsForEsbuild],
  });
  return new Map(
    outputFiles.map(({ path, contents }) => [path.slice(OUT.length), contents]),
  );
}

let building: Promise<Map<string, Uint8Array>> | undefined;

/** Serves the site; returns its origin. */
export async function serveSite(t: TestContext): Promise<string> {
  const files = await (building ??= browserBuild());
  const server = createServer(async ({ url = "" }, response) => {
    if (url === "/") {
      response.setHeader("content-type", "text/html");
      response.end(`<!doctype html><link rel="icon" href="data:,">
<title>page</title><script type="module">
  globalThis.page = await import("/page.js");
  document.title = "ready";
</script>`);
      return;
    }
    const file = new URL(`./page${url}`, import.meta.url);
    const content = files.get(url) ?? await readFile(file).catch(() => {});
    response.writeHead(content === undefined ? 404 : 200, {
      "content-type": "text/javascript",
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.cleanup(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A page of the site. */
export class SitePage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Calls a function of `page.js`. */
  call<T>(name: string, ...args: unknown[]): Promise<T> {
    const list = args.map((arg) => JSON.stringify(arg)).join(", ");
    return this.page.evaluate<T>(`page.${name}(${list})`);
  }

  /** Opens the site, and waits until its modules have been loaded. */
  async open(origin: string): Promise<this> {
    await this.page.goto(`${origin}/`);
    await this.page.waitForFunction("document.title === 'ready'");
    return this;
  }
}

/**
 * Opens a page.
 *
 * @param before JavaScript to run first in the page.
 */
export async function openSite(
  t: TestContext,
  origin: string,
  before?: string,
): Promise<SitePage> {
  const { page } = await openBrowser(t);
  if (before !== undefined) await page.addInitScript(before);
  return await new SitePage(page).open(origin);
}
