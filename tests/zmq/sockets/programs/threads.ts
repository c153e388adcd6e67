/**
 * Test support. A worker thread that uses an inproc name which the main thread
 * has bound, or will bind; reports what it sees.
 *
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import * as zmq from "../../../../src/zmq/mod.ts";

const { way, name } = workerData as { way: string; name: string };
const report = (...values: unknown[]) => parentPort!.postMessage(values);

if (way === "connects") {
  const socket = new zmq.Pull({ linger: 0 });
  socket.events.on("handshake:error:other", ({ error }) => {
    const { code, message } = error as zmq.ZmqError;
    report("event", code, message);
  });
  socket.connect(name);
  report("connected");
  const late = await socket.receive({ timeout: 1000 }).catch((error) => error);
  report("receive", late.code, late.cause?.code);
  await socket.close();
} else if (way === "sends") {
  // Nothing else keeps this thread alive.
  const socket = new zmq.Push();
  socket.events.on("handshake:error:other", ({ error }) => {
    report("event", (error as zmq.ZmqError).code);
  });
  socket.connect(name);
  await socket.send("x");
} else {
  // Connects before it binds, both in this thread.
  const push = new zmq.Push();
  push.connect(name);
  await push.send("within the thread");
  const pull = new zmq.Pull();
  await pull.bind(name);
  report("received", String((await pull.receive())[0]));
  await push.close();
  await pull.close();
}
