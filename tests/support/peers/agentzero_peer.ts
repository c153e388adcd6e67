/**
 * Test support. This engine as a peer in another process, on any runtime: what
 * `zeromq_peer.mjs` does with libzmq, with the same commands.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { version } from "../../../src/zmq/mod.ts";
import { Ours } from "../../zmq/interop/party.ts";

interface Command {
  readonly id: number;
  readonly do: string;
  readonly socket?: number;
  readonly type: string;
  readonly options: Record<string, unknown>;
  readonly address: string;
  readonly routingId?: string;
  readonly frames: readonly string[];
  readonly head: readonly string[];
  readonly count: number;
  readonly topic: string;
  readonly linger?: number;
}

if (process.argv.includes("--version")) {
  console.log(version, version, "draft");
  process.exit(0);
}

const sockets = new Map<number, Ours>();
let lastSocket = 0;

const encode = (frame: Uint8Array) => Buffer.from(frame).toString("base64");
const decode = (text: string) => new Uint8Array(Buffer.from(text, "base64"));

/** What can be asked for; each gets its socket and the command. */
const COMMANDS: Record<string, (socket: Ours, command: Command) => unknown> = {
  open(_socket, { type, options }) {
    sockets.set(++lastSocket, new Ours(type, { linger: 0, ...options }));
    return lastSocket;
  },
  bind: (socket, { address }) => socket.bind(address),
  unbind: ({ socket }, { address }) => socket.unbind(address),
  connect: (socket, { address, routingId }) =>
    socket.connect(address, routingId),
  disconnect: ({ socket }, { address }) => socket.disconnect(address),
  send: (socket, { frames }) => socket.send(...frames.map(decode)),
  receive: async (socket) => (await socket.receive()).map(encode),
  sendSeries: (socket, { count, head }) =>
    socket.sendSeries(count, head.map(decode)),
  receiveSeries: (socket, { count }) => socket.receiveSeries(count),
  subscribe: (socket, { topic }) => socket.subscribe(decode(topic)),
  unsubscribe: (socket, { topic }) => socket.unsubscribe(decode(topic)),
  async close({ socket }, { socket: id, linger }) {
    sockets.delete(id!);
    if (linger !== undefined) socket.linger = linger;
    await socket.close();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command: Command = JSON.parse(line);
  const answer = (what: object) =>
    process.stdout.write(`${JSON.stringify({ id: command.id, ...what })}\n`);
  Promise.resolve()
    .then(() => COMMANDS[command.do]!(sockets.get(command.socket!)!, command))
    .then(
      (value) => answer({ value: value ?? null }),
      ({ code, message }) => answer({ error: { code, message } }),
    );
}
process.exit(0);
