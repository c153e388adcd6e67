/**
 * Example `uwsgi`: the Emperor of uWSGI starts and ends a web server when we say
 * so, and the server's lines come to us.
 *
 * @module
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { zmq } from "@agentzero/agentzero";
import { freePort } from "../support/free_port.ts";
import { UWSGI_PLUGINS } from "../support/missing.ts";
import { ParentProgram } from "../support/parent_program.ts";
import { playWith } from "../support/scene.ts";

const SCRIPT = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\nhello %s' "$QUERY_STRING"
`;

const configOf = (folder: string, port: number, log: string) =>
  `[uwsgi]
plugin-dir = ${UWSGI_PLUGINS}
plugins = cgi,logzmq
http-socket = 127.0.0.1:${port}
http-socket-modifier1 = 9
cgi = ${folder}/hello
logger = zeromq:${log}
log-format = %(method) %(uri): %(status)
`;

await playWith("uwsgi", async (folder) => {
  const port = await freePort();
  await using lines = new zmq.Pull({ receiveTimeout: 30_000 });
  await lines.bind("tcp://127.0.0.1:*"); // uWSGI connects to it
  const until = async (pattern: RegExp) => {
    for (;;) { // each frame is one line, with its line end
      const [frame] = await lines.receive();
      if (pattern.test(String(frame))) return String(frame);
    }
  };
  await writeFile(`${folder}/hello`, SCRIPT, { mode: 0o755 });

  const control = `ipc://${folder}/emperor`;
  await using emperor = new ParentProgram("uwsgi-core", [
    ...["--plugin-dir", UWSGI_PLUGINS, "--plugins", "emperor_zeromq"],
    ...["--emperor", `zmq://${control}`],
  ], { withStderr: true });
  await using orders = new zmq.Push();
  orders.connect(control);
  const config = configOf(folder, port, lines.lastEndpoint!);
  await orders.send(["touch", "shop.ini", config]);
  await until(/spawned uWSGI worker 1/);
  const page = await fetch(`http://127.0.0.1:${port}/page?visitor`);
  assert.equal(await page.text(), "hello visitor");
  assert.equal(await until(/^GET/), "GET /page?visitor: 200\n");
  await orders.send(["destroy", "shop.ini"]);
  await emperor.line(/removed uwsgi instance shop.ini/);
  return "uWSGI's Emperor started a server, whose lines came, and ended it";
});
