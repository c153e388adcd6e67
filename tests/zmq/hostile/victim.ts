/**
 * Hostile peers. The socket under attack: a ROUTER with one well-behaved peer,
 * bound or connecting, of which all events are kept. After each attack the
 * well-behaved peer must still be served, and the socket must close in time.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { type TestContext, within } from "../../support/harness.ts";
import {
  FakeListener,
  type FakeOptions,
  FakePeer,
} from "../../support/fake_peer.ts";

/** How long any one thing may take. */
export const STEP_MS = 3000;

/** Which side the socket under attack is on. */
export type Role = "bound" | "connecting";

/** Both sides. */
export const ROLES: readonly Role[] = ["bound", "connecting"];

/** An event that carries an error. */
export type Failure = Extract<zmq.Event, { error?: unknown }>;

/** All events of a socket, for tests that wait for one. */
export class EventLog {
  readonly #events: zmq.Event[] = [];
  #wake: () => void = () => {};

  /** Listens from now on. */
  constructor(socket: zmq.Socket) {
    const note = (event: zmq.Event) => {
      this.#events.push(event);
      this.#wake();
    };
    for (const type of EVENT_TYPES) socket.events.on(type, note);
  }

  /** The first event of the type that no call has had, waiting for it if need be. */
  async next<E extends zmq.EventType>(type: E): Promise<zmq.EventOfType<E>> {
    for (;;) {
      const at = this.#events.findIndex((event) => event.type === type);
      if (at >= 0) {
        return this.#events.splice(at, 1)[0] as zmq.EventOfType<E>;
      }
      await within(
        new Promise<void>((resolve) => this.#wake = resolve),
        STEP_MS,
        `the event "${type}"`,
      );
    }
  }

  /** How many events of these types no call has had. */
  count(...types: zmq.EventType[]): number {
    return this.#events.filter(({ type }) => types.includes(type)).length;
  }

  /** Forgets what has happened so far. */
  clear(): void {
    this.#events.length = 0;
  }
}

const EVENT_TYPES: readonly zmq.EventType[] = [
  "accept",
  "accept:error",
  "connect",
  "connect:retry",
  "disconnect",
  "handshake",
  "handshake:error:protocol",
  "handshake:error:other",
];

/** A socket under attack. */
export interface Victim {
  readonly socket: zmq.Router;
  readonly log: EventLog;
  /** Messages of others that came in while the well-behaved peer was served. */
  readonly strays: string[][];
  /** A new hostile connection, and the event of it. */
  attacker(options?: FakeOptions): Promise<FakePeer>;
  /** The well-behaved peer says something and is answered. */
  exchange(): Promise<void>;
  /**
   * Serves the well-behaved peer, at least once, until so many strays have come
   * in: whose turn it is first, the fair queue decides.
   */
  collect(count: number): Promise<string[][]>;
  /** Waits for the error event, of this type and with one of these codes, and the disconnect behind it. */
  fails(type: FailureType, ...codes: string[]): Promise<Error>;
  /** Closes the socket, in time, with the default linger. */
  close(): Promise<void>;
}

/** The events that report a peer's fault. */
export type FailureType = "handshake:error:protocol" | "handshake:error:other";

/** Options for the attackers' addresses alone, and what a bound socket is bound to. */
export interface ForAttackers extends zmq.RouterOptions {
  readonly address?: string;
}

/**
 * Makes a socket under attack that has exchanged its first messages.
 *
 * @param forAttackers Options for the attackers' addresses alone: of a short
 *   limit the well-behaved peer knows nothing.
 */
export async function victim(
  t: TestContext,
  role: Role,
  options: zmq.RouterOptions = {},
  { address = "tcp://127.0.0.1:*", ...forAttackers }: ForAttackers = {},
): Promise<Victim> {
  // No second attempt while a test runs: each attack is looked at by itself.
  const socket = t.use(
    new zmq.Router({ reconnectInterval: 60_000, ...options }),
  );
  const log = new EventLog(socket);
  const good = t.use(new zmq.Dealer({ routingId: "good", linger: 0 }));
  if (role === "bound") {
    await socket.bind(address);
    good.connect(socket.lastEndpoint!);
  } else {
    await good.bind("tcp://127.0.0.1:*");
    socket.connect(good.lastEndpoint!);
  }
  const strays: string[][] = [];
  let count = 0;
  const self: Victim = {
    socket,
    log,
    strays,
    attacker: role === "bound"
      ? (options) => acceptedAttacker(t, socket, log, options)
      : (options) => dialedAttacker(t, socket, log, options),
    async exchange() {
      const text = `message ${++count}`;
      await good.send(text);
      for (;;) {
        const message = await within(socket.receive(), STEP_MS, text);
        if (`${message[0]}` === "good") {
          assertEquals(message.map(String), ["good", text]);
          break;
        }
        strays.push(message.slice(1).map(String));
      }
      await socket.send(["good", `re ${text}`]);
      const [answer] = await within(good.receive(), STEP_MS, `re ${text}`);
      assertEquals(`${answer}`, `re ${text}`);
    },
    async collect(count) {
      do await self.exchange(); while (strays.length < count);
      return strays;
    },
    async fails(type, ...codes) {
      const { error } = await log.next(type);
      const { code } = error as zmq.ProtocolError;
      assert(codes.includes(code), `${code} is not ${codes}: ${error.message}`);
      await log.next("disconnect");
      return error;
    },
    async close() {
      await within(socket.close(), STEP_MS, "close()");
    },
  };
  await self.exchange();
  for (const [name, value] of Object.entries(forAttackers)) {
    socket.setOption(name, value);
  }
  if (role === "bound") await socket.bind(address);
  log.clear();
  return self;
}

async function acceptedAttacker(
  t: TestContext,
  socket: zmq.Router,
  log: EventLog,
  options?: FakeOptions,
): Promise<FakePeer> {
  const attacker = t.use(await FakePeer.connect(socket.lastEndpoint!, options));
  await log.next("accept");
  return attacker;
}

async function dialedAttacker(
  t: TestContext,
  socket: zmq.Router,
  log: EventLog,
  options?: FakeOptions,
): Promise<FakePeer> {
  const listener = t.use(await FakeListener.listen(undefined, options));
  socket.connect(listener.endpoint);
  const attacker = await listener.accept();
  await log.next("connect");
  return attacker;
}
