/**
 * Benchmark peers. One who serves an honest peer while a crowd leaves or speaks
 * all at once, and that peer.
 *
 * @module
 */
import type { Library } from "../library.ts";
import {
  answer,
  type Arguments,
  Orders,
  pause,
  percentiles,
  type Scene,
} from "../support.ts";
import { Ticks } from "./ticks.ts";

/** How often the honest peer asks, in milliseconds. */
const ASK_MS = 2;
const CROWD = "inproc://crowd";
/** How many peers share a context, which has 65,535 sockets at most. */
const CONTEXT_PEERS = 50_000;

/**
 * `host bind= kind=leaving|ready count=`: answers at its endpoint, and has a
 * crowd. `quiet` and `crowd` begin to measure, of which `crowd` lets those that
 * are ready speak; `end` prints how late timers were.
 * `leaver connect= count=`: a SUB with so many subscriptions; `leave` lets it go.
 * `asker connect=`: asks from `begin` to `end`, and prints how long replies took.
 */
export function crowdScenes(zmq: Library): Record<string, Scene> {
  return { host, leaver, asker };

  async function host(args: Arguments): Promise<void> {
    const [kind, count] = [args.text("kind"), args.number("count")];
    const reply = new zmq.Router();
    await reply.bind(args.text("bind"));
    const served = (async () => {
      for await (const message of reply) await reply.send(message);
    })();
    const pub = new zmq.Publisher({ linger: 0 });
    await pub.bind(args.text("bind"));
    const speak = kind === "ready" ? await readyCrowd(count) : () => {};
    answer({ endpoint: reply.lastEndpoint, pub: pub.lastEndpoint });
    const orders = new Orders();
    const probe = setInterval(() => void pub.send("probe"), 20);
    for (;;) {
      const order = await orders.next();
      if (order === "stop") break;
      const ticks = new Ticks();
      if (order === "crowd") speak();
      await orders.next();
      answer(ticks.stop());
    }
    clearInterval(probe);
    orders.close();
    await Promise.all([reply.close(), pub.close()]);
    await served;
    if (kind === "ready") process.exit(0); // without closing so many one by one
  }

  /**
   * So many PUSH peers in this process, with one PULL for each `CONTEXT_PEERS`;
   * they send when the function is called.
   */
  async function readyCrowd(count: number): Promise<() => void> {
    const crowd: InstanceType<Library["Push"]>[] = [];
    let context: InstanceType<Library["Context"]> | undefined;
    for (let i = 0; i < count; i++) {
      if (i % CONTEXT_PEERS === 0) context = await crowdContext();
      const push = new zmq.Push({ context, linger: 0 });
      push.connect(CROWD);
      crowd.push(push);
      if (i % 1000 === 999) await pause();
    }
    return () => {
      for (const push of crowd) void push.send("now");
    };
  }

  /** A context in which a PULL receives from a crowd. */
  async function crowdContext(): Promise<InstanceType<Library["Context"]>> {
    const context = new zmq.Context({ maxSockets: CONTEXT_PEERS + 1 });
    const pull = new zmq.Pull({ context });
    await pull.bind(CROWD);
    void (async () => {
      for await (const _ of pull);
    })();
    return context;
  }

  async function leaver(args: Arguments): Promise<void> {
    const sub = new zmq.Subscriber({ linger: 0 });
    // With the probe as many as `count`: a publisher takes 100,000 of a peer.
    const topics = Array.from(
      { length: args.number("count") - 1 },
      (_, i) => `topic ${i}`,
    );
    sub.subscribe(...topics, "probe");
    sub.connect(args.text("connect"));
    await sub.receive();
    answer({ ready: true });
    const orders = new Orders();
    await orders.next();
    orders.close();
    await sub.close();
  }

  async function asker(args: Arguments): Promise<void> {
    const socket = new zmq.Request({ linger: 0 });
    socket.connect(args.text("connect"));
    const ask = async () => {
      await socket.send("?");
      await socket.receive();
    };
    for (let i = 0; i < 200; i++) await ask();
    answer({ ready: true });
    await asking(ask);
    await socket.close();
  }
}

/** Asks from each `begin` to the `end`, and prints how long replies took, in milliseconds. */
export async function asking(ask: () => Promise<void>): Promise<void> {
  const orders = new Orders();
  while (await orders.next() === "begin") {
    let isOver = false;
    const end = orders.next().then(() => isOver = true);
    const tookMs: number[] = [];
    while (!isOver) {
      const start = performance.now();
      await ask();
      tookMs.push(performance.now() - start);
      await pause(ASK_MS);
    }
    await end;
    const { p50, p99 } = percentiles(tookMs);
    answer({ p50, p99, longest: tookMs.reduce((a, b) => Math.max(a, b)) });
  }
  orders.close();
}
