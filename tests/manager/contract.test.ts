/**
 * Tests that the manager asks no more of a ZeroMQ module than its contract
 * says: a module of a few lines, without any network, serves it.
 */
import {
  SocketManager,
  zmq,
  type ZmqModule,
  type ZmqSocket,
} from "@agentzero/agentzero";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { test } from "../support/harness.ts";

// The engine of this project fulfils the contract: the compiler says so.
const engine: ZmqModule<zmq.SocketOfType, zmq.OptionsOfType> = zmq;
const plain: ZmqModule = zmq;

/** A socket that gives back what it was sent. */
class Echo implements ZmqSocket {
  readonly type: number;
  readonly options: Map<string | number, unknown>;
  readonly log: string[] = [];
  closed = false;
  lastEndpoint: string | null = null;
  readonly #messages: Uint8Array[][] = [];
  #wake: () => void = () => {};

  constructor(type: number, options: object) {
    this.type = type;
    this.options = new Map(Object.entries(options));
  }

  bind(address: string): Promise<void> {
    this.lastEndpoint = `${address}!`;
    return Promise.resolve();
  }

  unbind(address: string): Promise<void> {
    this.log.push(`unbind ${address}`);
    return Promise.resolve();
  }

  connect(address: string): void {
    this.log.push(`connect ${address}`);
  }

  disconnect(address: string): void {
    this.log.push(`disconnect ${address}`);
  }

  close(): void {
    this.closed = true;
    this.#wake();
  }

  async poll(
    events: number,
    { timeout, signal }: { timeout?: number; signal?: AbortSignal },
  ): Promise<number> {
    for (;;) {
      if (this.closed) throw new Error("closed");
      const ready = events & (this.#messages.length > 0 ? 3 : 2);
      if (ready !== 0 || timeout === 0) return ready;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal?.addEventListener("abort", () => resolve());
      });
      signal?.throwIfAborted();
    }
  }

  trySend(message: readonly Uint8Array[]): boolean {
    this.#messages.push([...message]);
    this.#wake();
    return true;
  }

  tryReceive(): Uint8Array[] | undefined {
    return this.#messages.shift();
  }

  subscribe(topic: Uint8Array): void {
    this.log.push(`subscribe ${topic}`);
  }

  unsubscribe(topic: Uint8Array): void {
    this.log.push(`unsubscribe ${topic}`);
  }

  setOption(option: string | number, value: unknown): void {
    this.options.set(option, value);
  }

  getOption(option: string | number): unknown {
    return this.options.get(option);
  }
}

type Echoes = Record<zmq.SocketType, Echo>;
type EchoOptions = Record<
  zmq.SocketType,
  { volume?: number; context?: symbol }
>;

const echoes: ZmqModule<Echoes, EchoOptions> = {
  createSocket: (type, options = {}) =>
    new Echo(type, options) as Echoes[typeof type],
};

test("contract: the engine of this project fulfils it", (t) => {
  const sockets = t.use(new SocketManager({ zmq: engine }));
  const publisher: zmq.Publisher = sockets.create("a", zmq.PUB);
  assert(publisher instanceof zmq.Publisher);
  const others = t.use(new SocketManager({ zmq: plain }));
  assert(others.create("a", zmq.PUB) instanceof zmq.Publisher);
});

test("contract: a module of a few lines fulfils it, with sockets and options of its own types", async (t) => {
  const context = Symbol("context");
  const sockets = t.use(new SocketManager({ zmq: echoes, context }));
  const echo: Echo = sockets.create("echo", zmq.DEALER, { volume: 11 });
  // @ts-expect-error: the options are those of the module
  sockets.create("other", zmq.DEALER, { lowdness: 11 });
  assertEquals(echo.options.get("volume"), 11);
  assertEquals(echo.options.get("linger"), 1000);
  assertEquals(echo.options.get("context"), context);
  assertEquals(typeof echo.options.get("routingId"), "string");

  assertStrictEquals(await sockets.bind("echo", "here"), echo);
  await sockets.ensureAndBind("echo", zmq.DEALER, "here!");
  await sockets.connect("echo", "there");
  await sockets.disconnect("echo", "there");
  await sockets.unbind("echo", "here");
  assertEquals(echo.log, ["connect there", "disconnect there", "unbind here!"]);

  assertEquals(await sockets.recvSafe("echo", { timeout: 0 }), undefined);
  const received = sockets.recvSafe("echo");
  assert(await sockets.sendSafe("echo", [1]));
  assertEquals(await received, [1]);
  assertEquals([...await sockets.engage()], [[echo, zmq.POLLOUT]]);

  sockets.setSocketOption("echo", "linger", 5);
  assertEquals(sockets.getSocketOption("echo", "linger"), 5);
  await sockets.close("echo");
  assert(echo.closed);
});

test("contract: events and requests need no more", async (t) => {
  const sockets = t.use(new SocketManager({ zmq: echoes }));
  const sub = sockets.create("sub", zmq.SUB);
  const events = sockets.subscribe("sub", "a");
  sub.trySend([Uint8Array.of(0x61), Uint8Array.of(0x31)]);
  assertEquals([...(await events.next()).value!], ["a", 1]);
  await events.return();
  assertEquals(sub.log, ["subscribe 97", "unsubscribe 97"]);
  const req = sockets.create("req", zmq.REQ);
  assertEquals(await sockets.request("req", "echo"), "echo");
  assertEquals([req.getOption("relaxed"), req.getOption("correlate")], [
    true,
    true,
  ]);
});
