/**
 * Test support. Two sockets that are joined over a transport, whichever binds;
 * and the transports there are on this machine.
 *
 * @module
 */
import { join } from "node:path";
import {
  type Dish,
  type EventOfType,
  type EventType,
  POLLIN,
  type Radio,
  type Socket,
} from "../../../src/zmq/mod.ts";
import { checkIpcPath } from "../../../src/zmq/transport/ipc_path.ts";
import { platform, type TestContext } from "../../support/harness.ts";

/** A way to reach the other socket. */
export interface TransportUnderTest {
  readonly name: string;
  /** An address that is free, to bind. */
  address(t: TestContext): Promise<string>;
  /** Why it cannot be tested here. */
  readonly skip?: string | false;
}

/** Why there are no abstract names here; false where they are. */
export function whyNoAbstractNames(): string | false {
  try {
    checkIpcPath("ipc://@name", "connect");
    return false;
  } catch (error) {
    return (error as Error).message;
  }
}

let names = 0;

/** Every transport. */
export const TRANSPORTS: readonly TransportUnderTest[] = [
  { name: "tcp IPv4", address: () => Promise.resolve("tcp://127.0.0.1:*") },
  { name: "tcp IPv6", address: () => Promise.resolve("tcp://[::1]:*") },
  {
    name: "tcp host name",
    address: () => Promise.resolve("tcp://localhost:*"),
  },
  { name: "ws", address: () => Promise.resolve("ws://127.0.0.1:*/zmq") },
  {
    name: "ipc",
    address: async (t) => `ipc://${join(await t.tempDir(), "socket")}`,
    skip: platform === "win32" &&
      "Windows has no Unix domain sockets in node:net",
  },
  {
    name: "ipc abstract",
    address: () => Promise.resolve(`ipc://@agentzero-${crypto.randomUUID()}`),
    skip: whyNoAbstractNames(),
  },
  {
    name: "inproc",
    address: () =>
      Promise.resolve(`inproc://${names++}-${crypto.randomUUID()}`),
  },
];

/** TCP alone, for what does not depend on the transport. */
export const TCP = "tcp://127.0.0.1:*";

/** Binds one socket, connects the other, and returns the endpoint. */
export async function joined(
  bound: Socket,
  connected: Socket,
  address: string = TCP,
): Promise<string> {
  await bound.bind(address);
  connected.connect(bound.lastEndpoint!);
  return bound.lastEndpoint!;
}

/** Resolves with the next event of a type. */
export function once<E extends EventType>(
  socket: Socket,
  type: E,
): Promise<EventOfType<E>> {
  return new Promise((resolve) => socket.events.once(type, resolve));
}

/** The frames as text. */
export function texts(message: readonly Uint8Array[]): string[] {
  return message.map((frame) => new TextDecoder().decode(frame));
}

/**
 * Waits until what a RADIO sends to a group reaches a DISH that has joined it,
 * and takes out what was sent to find that out: a RADIO does not report who is there.
 */
export async function untilReceived(
  radio: Radio,
  dish: Dish,
  group: string,
): Promise<void> {
  while (!dish.readable) {
    await radio.send("probe", { group });
    await dish.poll(POLLIN, { timeout: 5 });
  }
  await radio.send("no more probes", { group });
  for (;;) {
    const [body] = await dish.receive();
    if (new TextDecoder().decode(body) === "no more probes") return;
  }
}
