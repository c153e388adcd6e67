/**
 * Test support. A real libzmq peer for the socket types that zeromq.js keeps
 * apart: those of `zeromq/draft`, and STREAM. The protocol is that of
 * `zeromq_peer.mjs`; a message is one frame with its routing id or group beside
 * it, and that of a STREAM has two.
 *
 *     {"id": 3, "do": "send", "socket": 1, "frames": ["aGk="], "to": {"group": "g"}}
 *     {"id": 4, "do": "receive", "socket": 1}  ->  {"frames": ["aGk="], "from": {"routingId": 7}}
 *
 * `--version` prints libzmq's, or fails if it was built without drafts.
 */
import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";
import * as zmq from "zeromq";

if (!zmq.capability.draft) {
  console.error("zeromq was built without draft sockets");
  process.exit(1);
}
if (process.argv.includes("--version")) {
  console.log(zmq.version);
  process.exit(0);
}
// It has no entry for ES modules, and warns on stderr that it may change.
process.emitWarning = () => {};
const draft = createRequire(import.meta.url)("zeromq/draft");
zmq.context.blocky = false;

const CLASSES = {
  SERVER: draft.Server,
  CLIENT: draft.Client,
  RADIO: draft.Radio,
  DISH: draft.Dish,
  GATHER: draft.Gather,
  SCATTER: draft.Scatter,
  STREAM: zmq.Stream,
};

const sockets = new Map();
let lastSocket = 0;

const encode = (frame) => frame.toString("base64");
const decode = (text) => Buffer.from(text, "base64");

const COMMANDS = {
  open(_socket, { type, options }) {
    sockets.set(++lastSocket, new CLASSES[type]({ linger: 0, ...options }));
    return lastSocket;
  },
  async bind(socket, { address }) {
    await socket.bind(address);
    return socket.lastEndpoint;
  },
  connect(socket, { address, routingId }) {
    if (routingId === undefined) socket.connect(address);
    else socket.connect(address, { routingId });
  },
  async send(socket, { frames, to }) {
    if (to) await socket.send(decode(frames[0]), to);
    else await socket.send(frames.map(decode));
  },
  async receive(socket) {
    const parts = await socket.receive();
    const from = Buffer.isBuffer(parts.at(-1)) ? {} : parts.pop();
    if (from.group) from.group = String(from.group);
    return { frames: parts.map(encode), from };
  },
  // Dish.join and Dish.leave of zeromq.js 6.8 lose their `this`.
  join(socket, { group }) {
    const { join } = Object.getPrototypeOf(draft.Dish).prototype;
    join.call(socket, group);
  },
  leave(socket, { group }) {
    const { leave } = Object.getPrototypeOf(draft.Dish).prototype;
    leave.call(socket, group);
  },
  attend: (socket) => socket.readable, // has libzmq do what it has put off
  close(socket, { socket: id }) {
    sockets.delete(id);
    socket.close();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  Promise.resolve()
    .then(() => COMMANDS[command.do](sockets.get(command.socket), command))
    .then(
      (value) => answer({ id: command.id, value: value ?? null }),
      ({ code, message }) =>
        answer({ id: command.id, error: { code, message } }),
    );
}
process.exit(0);

function answer(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
