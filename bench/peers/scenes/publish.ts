/**
 * Benchmark peers. PUB to many SUBs, or to many subscriptions.
 *
 * A message is a topic of eight bytes (`t` and seven digits), one byte that
 * is its kind, and padding. The publisher probes until all subscribers
 * have received it, sends its data, and repeats the end until all have received it
 * that: so a subscriber that missed messages ends, too. All of this twice, if
 * `passes` says so: a runtime compiles what it does often.
 *
 * @module
 */
import type { Library } from "../library.ts";
import {
  answer,
  type Arguments,
  Orders,
  pause,
  type Scene,
} from "../support.ts";

const [PROBE, DATA, END] = [112, 100, 101];
const KIND = 8;

/**
 * `pub bind= count= size= topics= passes= [hwm=]`: each pass runs from `go` to `stop`.
 * `sub connect= sockets= topics= passes= [hwm=]`: in each pass says when it is
 * ready, then the time from its first data to its last, and how much arrived.
 */
export function publishScenes(zmq: Library): Record<string, Scene> {
  return { pub, sub };

  async function pub(args: Arguments): Promise<void> {
    const hwm = args.number("hwm", 1000);
    const socket = new zmq.Publisher({ sendHighWaterMark: hwm });
    await socket.bind(args.text("bind"));
    answer({ endpoint: socket.lastEndpoint });
    const orders = new Orders();
    const repeat = async (kind: number, order: Promise<string>) => {
      let isOver = false;
      void order.then(() => isOver = true);
      for (; !isOver; await pause(5)) await socket.send(messageOf(0, 64, kind));
    };
    const messages = Array.from(
      { length: args.number("topics") },
      (_, i) => messageOf(i, args.number("size"), DATA),
    );
    for (let pass = args.number("passes"); pass > 0; pass--) {
      await repeat(PROBE, orders.next());
      for (let i = 0, left = args.number("count"); left > 0; left--) {
        await socket.send(messages[i]!);
        if (++i === messages.length) i = 0;
      }
      await repeat(END, orders.next());
    }
    orders.close();
    await socket.close();
  }

  async function sub(args: Arguments): Promise<void> {
    const topics = Array.from(
      { length: args.number("topics") },
      (_, i) => topicOf(i),
    );
    const sockets = Array.from({ length: args.number("sockets") }, () => {
      const options = { receiveHighWaterMark: args.number("hwm", 1000) };
      const socket = new zmq.Subscriber(options);
      // libzmq drops subscriptions above the mark of a queue that has no option here.
      if (!("setOption" in socket)) {
        (socket as { setInt32Option(n: number, to: number): void })
          .setInt32Option(23, 0);
      }
      socket.subscribe(...topics);
      socket.connect(args.text("connect"));
      return socket;
    });
    for (let pass = args.number("passes"); pass > 0; pass--) {
      let [start, received, waiting] = [0, 0, sockets.length];
      const listen = async (socket: typeof sockets[number]) => {
        let isReady = false;
        for (;;) {
          const [frame] = await socket.receive();
          const kind = frame![KIND];
          if (kind === DATA) {
            if (received++ === 0) start = performance.now();
          } else if (kind === PROBE) {
            if (!isReady && --waiting === 0) answer({ ready: true });
            isReady = true;
          } else if (isReady) return; // if not, it is the end of the last pass
        }
      };
      await Promise.all(sockets.map(listen));
      answer({ ms: performance.now() - start, received });
    }
    await Promise.all(sockets.map((socket) => socket.close()));
  }
}

function topicOf(index: number): string {
  return `t${String(index).padStart(KIND - 1, "0")}`;
}

function messageOf(topic: number, size: number, kind: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(size, KIND + 1)).fill(97);
  bytes.set(new TextEncoder().encode(topicOf(topic)));
  bytes[KIND] = kind;
  return bytes;
}
