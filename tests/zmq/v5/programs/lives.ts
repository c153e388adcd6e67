/**
 * Test support. A program with sockets of v5, in the way that its first
 * argument names; the second is an endpoint. It says `end` in its last line of
 * code: whatever keeps it alive after that is a socket.
 *
 * @module
 */
import process from "node:process";
import zmq from "../../../../src/zmq/v5/mod.ts";

const [way, endpoint = ""] = process.argv.slice(2);

const WAYS: Record<string, () => void> = {
  /** An open socket with nothing to do; a REP that answers and then closes ends it. */
  open() {
    const reply = zmq.socket("rep");
    reply.connect(endpoint);
    reply.on("message", () => {
      reply.send("bye");
      reply.close();
    });
  },
  /** Each kind of socket, with no process kept alive for them. */
  unref() {
    const pull = zmq.socket("pull");
    pull.bindSync("tcp://127.0.0.1:*");
    pull.on("message", () => {});
    const request = zmq.socket("req");
    request.connect(endpoint);
    const subscriber = zmq.socket("sub");
    subscriber.subscribe("");
    for (const socket of [pull, request, subscriber]) socket.unref();
    const idle = zmq.socket("push"); // what is queued does not keep it, either
    idle.send("never");
    idle.unref();
  },
  /** Closed, and so nothing is left. */
  closed() {
    const pull = zmq.socket("pull");
    pull.monitor();
    pull.bindSync("tcp://127.0.0.1:*");
    pull.on("message", () => {});
    pull.ref();
    setTimeout(() => pull.close(), 10);
  },
  /** A message that has still to leave, of a closed socket. */
  leaving() {
    const push = zmq.socket("push");
    push.connect(endpoint);
    push.send("last words");
    push.close();
  },
};

WAYS[way!]!();
console.log("end");
