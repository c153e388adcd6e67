/**
 * Example `zurl`: requests by HTTP, made by zurl on our behalf.
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
import { playWith } from "../support/scene.ts";

await playWith("zurl", async (folder) => {
  await writeFile(
    `${folder}/zurl.conf`,
    `[General]
in_spec=ipc://${folder}/in
in_stream_spec=ipc://${folder}/in-stream
out_spec=ipc://${folder}/out
in_req_spec=ipc://${folder}/req
defpolicy=deny
allow=127.0.0.1
timeout=600
max_open_requests=10
buffer_size=200000
`,
  );
  const words = [`--config=${folder}/zurl.conf`];
  await using _zurl = new Program("zurl", words, { withStderr: true });
  const server = createServer((request, response) =>
    response.end(`hello from ${request.url}`)
  ).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  await using socket = new zmq.Request({ receiveTimeout: 30_000 });
  socket.connect(`ipc://${folder}/req`);
  /** A letter says what follows: `J` for JSON, `T` for a tnetstring. */
  const get = async (uri: string) => {
    await socket.send(`J${JSON.stringify({ id: "1", method: "GET", uri })}`);
    const answer = String(await socket.receive());
    assert.equal(answer[0], "J");
    return JSON.parse(answer.slice(1));
  };
  const page = await get(`http://127.0.0.1:${port}/page`);
  assert.deepEqual([page.code, page.body], [200, "hello from /page"]);
  const refused = await get(`http://localhost:${port}/page`);
  assert.equal(refused.condition, "policy-violation");
  server.close();
  server.closeAllConnections();
  return "zurl fetched a page, and refused one that its policy denies";
});
