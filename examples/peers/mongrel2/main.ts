/**
 * Example `mongrel2`: a browser asks Mongrel2, and a handler of ours answers.
 * The request comes before there is a handler.
 *
 * @module
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { Program } from "../../guide/support/program.ts";
import { freePort } from "../support/free_port.ts";
import { playWith } from "../support/scene.ts";
import { untilListening } from "../support/until_listening.ts";
import { Handler } from "./handler.ts";

const configOf = (folder: string, port: number) => `
handler = Handler(send_spec="ipc://${folder}/requests", send_ident="server-1",
  recv_spec="ipc://${folder}/answers", recv_ident="")
web = Server(uuid="web", name="web", bind_addr="127.0.0.1", port=${port},
  access_log="${folder}/access.log", error_log="${folder}/error.log", chroot="",
  pid_file="${folder}/mongrel2.pid", default_host="any",
  hosts=[Host(name="any", routes={ "/": handler })])
settings = { "server.daemonize": 0 }
servers = [web]
`;

await playWith("mongrel2", async (folder) => {
  const port = await freePort();
  await writeFile(`${folder}/web.conf`, configOf(folder, port));
  const options = { cwd: folder, withStderr: true };
  await using loader = new Program(
    "m2sh",
    ["load", "-db", "config.sqlite", "-config", "web.conf"],
    options,
  );
  assert.equal(await loader.ended, 0, loader.lines.join("\n"));
  await using _server = new Program(
    "mongrel2",
    ["config.sqlite", "web"],
    options,
  );
  await untilListening(port);
  const url = `http://127.0.0.1:${port}`;
  const early = fetch(`${url}/early?page=1`, { method: "POST", body: "hello" });

  await using handler = new Handler(30_000);
  await handler.connect(`ipc://${folder}/requests`, `ipc://${folder}/answers`);
  const serving = handler.serve(({ path, headers, body }) =>
    `${headers.METHOD} ${path} ${headers.QUERY}: ${body}`
  );
  serving.catch(() => {}); // it ends with the handler
  const read = async (request: Promise<Response>) =>
    await (await request).text();
  assert.equal(await read(early), "POST /early page=1: hello");
  assert.equal(await read(fetch(url)), "GET / undefined: ");
  return "Mongrel2 passed two requests on, and our answers back";
});
