/**
 * Example `monerod`: asks a node of Monero, which is offline and knows no block
 * but the first.
 *
 * @module
 */
import assert from "node:assert/strict";
import { zmq } from "@agentzero/agentzero";
import { Program } from "../../guide/support/program.ts";
import { freePort } from "../support/free_port.ts";
import { playWith } from "../support/scene.ts";

await playWith("monerod", async (folder) => {
  const [port, web] = [await freePort(), await freePort()].map(String);
  await using node = new Program("monerod", [
    ...["--data-dir", folder, "--offline", "--regtest", "--non-interactive"],
    ...["--fixed-difficulty", "1", "--rpc-bind-port", web!],
    ...["--zmq-rpc-bind-ip", "127.0.0.1", "--zmq-rpc-bind-port", port!],
  ], { withStderr: true });

  await using socket = new zmq.Request({ receiveTimeout: 30_000 });
  socket.connect(`tcp://127.0.0.1:${port}`);
  const ask = async (method: string) => {
    const params = {}; // always needed
    const request = { jsonrpc: "2.0", id: 1, method, params };
    await socket.send(JSON.stringify(request));
    return JSON.parse(String(await socket.receive()));
  };
  const { result } = await ask("get_info");
  assert.equal(result.info.height, 1, JSON.stringify(result));
  const { error } = await ask("make_me_rich");
  assert.ok(error.message.length > 0);
  assert.ok(node.lines.length > 0);
  return "monerod answered two requests";
});
