/**
 * Example `tango`: reads the events of a device of Tango. It is a program in
 * Python that subscribes to them, as that goes by CORBA.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { zmq } from "@agentzero/agentzero";
import { Program } from "../../guide/support/program.ts";
import { freePort } from "../support/free_port.ts";
import { PYTHON } from "../support/missing.ts";
import { playWith } from "../support/scene.ts";
import { readChange, readPlaces } from "./events.ts";

await playWith("tango", async () => {
  const port = await freePort();
  await using device = python("./device.py", port);
  await device.line(/Ready to accept request/);
  await using client = python("./subscribe.py", port);
  const [texts] = await client.line(/^\[.*/);
  const { heartbeats, events, eventTopic, heartbeatTopic } = readPlaces(
    JSON.parse(texts),
  );

  await using pulse = new zmq.Subscriber({ receiveTimeout: 30_000 });
  pulse.subscribe(heartbeatTopic);
  pulse.connect(heartbeats);
  const [topic] = await pulse.receive(); // every nine seconds
  assert.ok(String(topic).startsWith(heartbeatTopic));

  await using changes = new zmq.Subscriber({ receiveTimeout: 1_000 });
  changes.subscribe(eventTopic);
  changes.connect(events);
  const seen: number[] = [];
  for (let tries = 0; tries < 30 && seen.length < 3; tries++) {
    client.writeLine("count");
    // Nothing comes until the device has our subscription.
    const frames = await changes.receive().catch(() => undefined);
    if (!frames) continue;
    const change = readChange(frames);
    assert.equal(change.topic, eventTopic);
    // The first comes twice.
    if (change.value !== seen.at(-1)) seen.push(change.value);
  }
  assert.deepEqual(seen.map((value) => value - seen[0]!), [0, 1.5, 3]);
  return "three events of a device of Tango, and its heartbeat";
});

function python(script: string, port: number): Program {
  const path = fileURLToPath(new URL(script, import.meta.url));
  return new Program(PYTHON, [path, String(port)], { withStderr: true });
}
