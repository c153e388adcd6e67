/**
 * Example `go_zeromq`: a program in Go answers requests. It announces ZMTP 3.0,
 * so `heartbeatInterval` sends it no PING, which it would take for a message.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { zmq } from "@agentzero/agentzero";
import { Program } from "../../guide/support/program.ts";
import { pause } from "../../guide/support/scene.ts";
import { playWith } from "../support/scene.ts";

await playWith("go_zeromq", async (folder) => {
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const words = ["build", "-o", `${folder}/peer`, "."];
  await using compiler = new Program("go", words, { cwd });
  assert.equal(await compiler.ended, 0);

  await using request = new zmq.Request({
    receiveTimeout: 30_000,
    heartbeatInterval: 50,
  });
  await request.bind("tcp://127.0.0.1:*");
  await using _peer = new Program(`${folder}/peer`, [request.lastEndpoint!]);
  for (const text of ["one", "two", "three", "four", "five"]) {
    await request.send(text);
    assert.equal(String(await request.receive()), text.toUpperCase());
    await pause(100); // longer than a heartbeat
  }
  return "go-zeromq answered five requests";
});
