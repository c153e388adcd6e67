/**
 * Example `pushpin`: a browser asks a web server, Pushpin keeps its connection,
 * and what we publish goes down to it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { zmq } from "@agentzero/agentzero";
import { Program } from "../../guide/support/program.ts";
import { freePort } from "../support/free_port.ts";
import { ParentProgram } from "../support/parent_program.ts";
import { playWith } from "../support/scene.ts";
import { untilListening } from "../support/until_listening.ts";

/** Pushpin's settings, of which Debian's own file has more. */
const configOf = (folder: string, port: number, publisher: string) =>
  `[global]
include={libdir}/internal.conf
rundir=${folder}
ipc_prefix=

[runner]
services=mongrel2,m2adapter,pushpin-proxy,pushpin-handler
http_port=127.0.0.1:${port}
logdir=${folder}
log_level=2
client_buffer_size=8192
client_maxconn=100
mongrel2_bin=mongrel2
m2sh_bin=m2sh

[proxy]
routesfile=routes
zurl_out_specs=ipc://${folder}/zurl-in
zurl_out_stream_specs=ipc://${folder}/zurl-in-stream
zurl_in_specs=ipc://${folder}/zurl-out

[handler]
push_in_spec=ipc://${folder}/push-in
push_in_sub_specs=${publisher}
push_in_sub_connect=true
stats_spec=ipc://${folder}/stats
command_spec=ipc://${folder}/command
message_rate=2500
message_hwm=25000
`;

/** zurl makes the requests to the web server. By default it refuses this machine. */
const zurlConfigOf = (folder: string) =>
  `[General]
in_spec=ipc://${folder}/zurl-in
in_stream_spec=ipc://${folder}/zurl-in-stream
out_spec=ipc://${folder}/zurl-out
defpolicy=allow
timeout=600
max_open_requests=10
buffer_size=200000
`;

await playWith("pushpin", async (folder) => {
  await using publisher = new zmq.XPublisher({ receiveTimeout: 30_000 });
  await publisher.bind("tcp://127.0.0.1:*");
  const server = createServer((_request, response) => {
    response.setHeader("Grip-Hold", "stream"); // "keep it open,
    response.setHeader("Grip-Channel", "news"); // and send it what is new"
    response.end("first\n");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const backend = (server.address() as AddressInfo).port;
  const port = await freePort();
  await writeFile(`${folder}/routes`, `* 127.0.0.1:${backend}\n`);
  await writeFile(
    `${folder}/pushpin.conf`,
    configOf(folder, port, publisher.lastEndpoint!),
  );
  await writeFile(`${folder}/zurl.conf`, zurlConfigOf(folder));
  const withStderr = true;
  await using _zurl = new Program("zurl", [`--config=${folder}/zurl.conf`], {
    withStderr,
  });
  await using _pushpin = new ParentProgram(
    "pushpin",
    [`--config=${folder}/pushpin.conf`],
    { withStderr },
  );
  await untilListening(port);

  const stopped = new AbortController();
  const { signal } = stopped;
  const page = await fetch(`http://127.0.0.1:${port}/`, { signal });
  const lines = page.body!.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await lines.read()).value, "first\n");
  /** Pushpin subscribes to a channel for its first reader. */
  const change = async () => String((await publisher.receive())[0]);
  assert.equal(await change(), "\x01news");
  for (const text of ["second\n", "third\n"]) {
    const item = { formats: { "http-stream": { content: text } } };
    await publisher.send(["news", `J${JSON.stringify(item)}`]);
    assert.equal((await lines.read()).value, text);
  }
  stopped.abort();
  await lines.read().catch(() => {});
  server.close();
  server.closeAllConnections();
  return "Pushpin sent a browser what we published";
});
