/**
 * Example `jeromq`: a program in Java answers requests, and publishes them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { zmq } from "@agentzero/agentzero";
import { Program } from "../../guide/support/program.ts";
import { JEROMQ_JAR } from "../support/missing.ts";
import { playWith } from "../support/scene.ts";

await playWith("jeromq", async () => {
  await using request = new zmq.Request({ receiveTimeout: 30_000 });
  await using subscriber = new zmq.Subscriber({ receiveTimeout: 30_000 });
  subscriber.subscribe("request");
  // tcp://, as JeroMQ's ipc:// reaches nothing but JeroMQ.
  await request.bind("tcp://127.0.0.1:*");
  await subscriber.bind("tcp://127.0.0.1:*");

  const source = fileURLToPath(new URL("./Peer.java", import.meta.url));
  await using peer = new Program("java", [
    ...["-XX:TieredStopAtLevel=1", "-cp", JEROMQ_JAR, source],
    ...[request.lastEndpoint!, subscriber.lastEndpoint!],
  ]);
  for (const text of ["grüße", "end"]) {
    await request.send(text);
    assert.equal(String(await request.receive()), text.toUpperCase());
    const published = await subscriber.receive();
    assert.deepEqual(published.map(String), ["request", text]);
  }
  assert.equal(await peer.ended, 0);
  return "JeroMQ answered two requests, and published them";
});
