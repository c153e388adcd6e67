/**
 * Test support. A real libzmq peer: does with `npm:zeromq` what it reads as
 * JSON lines on stdin, and answers on stdout. Runs on Node alone. Ends with its
 * stdin, so that it never outlives the test that started it.
 *
 *     {"id": 1, "do": "open", "type": "PULL", "options": {}}  ->  {"id": 1, "value": 1}
 *
 * Frames travel as base64. `--version` only prints libzmq's version and zeromq's,
 * and "draft" where there are draft types. Messages that have a routing id or a
 * group beside them have it as their first frame here.
 */
import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";
import * as zmq from "zeromq";
import * as draft from "zeromq/draft.js";

if (process.argv.includes("--version")) {
  const { version } = createRequire(import.meta.url)("zeromq/package.json");
  console.log(zmq.version, version, zmq.capability.draft ? "draft" : "");
  process.exit(0);
}
zmq.context.blocky = false;

class CHANNEL extends zmq.Socket {
  constructor(options) {
    super(20, options);
  }
}

const CLASSES = {
  PAIR: zmq.Pair,
  PUB: zmq.Publisher,
  SUB: zmq.Subscriber,
  REQ: zmq.Request,
  REP: zmq.Reply,
  DEALER: zmq.Dealer,
  ROUTER: zmq.Router,
  PULL: zmq.Pull,
  PUSH: zmq.Push,
  XPUB: zmq.XPublisher,
  XSUB: zmq.XSubscriber,
  STREAM: zmq.Stream,
  SERVER: draft.Server,
  CLIENT: draft.Client,
  RADIO: draft.Radio,
  DISH: draft.Dish,
  GATHER: draft.Gather,
  SCATTER: draft.Scatter,
  DGRAM: draft.Datagram,
  CHANNEL, // zeromq has no class of that name
};

const [SERVER, RADIO, DISH] = [12, 14, 15];

/** @type {Map<number, { socket: zmq.Socket, sent: Promise<unknown>, received: Promise<unknown> }>} */
const sockets = new Map();
let lastSocket = 0;

const encode = (frame) => frame.toString("base64");
const decode = (text) => Buffer.from(text, "base64");

/** What can be asked for; each gets its socket, the command, and the socket's entry. */
const COMMANDS = {
  open(_socket, { type, options }) {
    const socket = new CLASSES[type]({ linger: 0, ...options });
    const done = Promise.resolve();
    sockets.set(++lastSocket, { socket, sent: done, received: done });
    return lastSocket;
  },
  async bind(socket, { address }) {
    await socket.bind(address);
    return socket.lastEndpoint;
  },
  unbind: (socket, { address }) => socket.unbind(address),
  connect(socket, { address, routingId }) {
    if (routingId === undefined) socket.connect(address);
    else socket.connect(address, { routingId });
  },
  disconnect: (socket, { address }) => socket.disconnect(address),
  // zeromq refuses calls at the same time (EBUSY); here they wait for each other.
  send(socket, { frames }, entry) {
    entry.sent = entry.sent.catch(() => {}).then(() =>
      sendTo(socket, frames.map(decode))
    );
    return entry.sent;
  },
  receive(socket, _command, entry) {
    entry.received = entry.received.catch(() => {}).then(() => next(socket));
    return entry.received.then((frames) => frames.map(encode));
  },
  async sendSeries(socket, { count, head }) {
    const frames = head.map(decode);
    for (let i = 0; i < count; i++) {
      await sendTo(socket, [...frames, Buffer.from(String(i))]);
    }
  },
  async receiveSeries(socket, { count }) {
    const last = [];
    while (last.length < count) last.push((await receiveFrom(socket)).at(-1));
    return last.map(String);
  },
  subscribe(socket, { topic }) {
    if (socket.type === DISH) socket.join(decode(topic));
    else socket.subscribe(decode(topic));
  },
  unsubscribe(socket, { topic }) {
    if (socket.type === DISH) socket.leave(decode(topic));
    else socket.unsubscribe(decode(topic));
  },
  attend: (socket) => socket.readable, // has libzmq do what it has put off
  close(socket, { socket: id, linger }) {
    sockets.delete(id);
    if (linger !== undefined) socket.linger = linger;
    socket.close();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const entry = sockets.get(command.socket);
  Promise.resolve()
    .then(() => COMMANDS[command.do](entry?.socket, command, entry))
    .then(
      (value) => answer({ id: command.id, value: value ?? null }),
      ({ code, message }) =>
        answer({ id: command.id, error: { code, message } }),
    );
}
process.exit(0);

function sendTo(socket, frames) {
  const [to, body] = frames;
  switch (socket.type) {
    case SERVER:
      return socket.send(body, { routingId: Number(to) });
    case RADIO:
      return socket.send(body, { group: to });
    default:
      return socket.send(frames);
  }
}

async function receiveFrom(socket) {
  const frames = await socket.receive();
  const { routingId, group } = frames.at(-1);
  if (routingId !== undefined) return [Buffer.from(`${routingId}`), frames[0]];
  return group === undefined ? frames : [group, frames[0]];
}

async function next(socket) {
  for (;;) {
    try {
      return await receiveFrom(socket);
    } catch (error) {
      // What seemed to be there was an answer to an earlier request.
      if (error.code !== "EAGAIN" || socket.closed) throw error;
    }
  }
}

function answer(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
