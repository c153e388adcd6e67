/**
 * Benchmark peers. Whether memory is bounded, whatever the other side does:
 * each scene prints how much the peak of its process rose above what it had
 * before.
 *
 * @module
 */
import type { Library } from "../library.ts";
import {
  answer,
  type Arguments,
  Orders,
  pause,
  peakMemory,
  type Scene,
  settledMemory,
} from "../support.ts";

/**
 * `deaf type=sub|pull bind=`: a peer that never receives.
 * `flood type=pub|push connect= count= size=`: sends to it, and waits for each.
 * `tight connect= count= size=`: a PUSH that waits for none of its sends.
 * `keep bind= count= every=`: a PULL that keeps a few of many small messages.
 */
export function memoryScenes(zmq: Library): Record<string, Scene> {
  return { deaf, flood, tight, keep };

  async function deaf(args: Arguments): Promise<void> {
    const socket = args.text("type") === "sub"
      ? new zmq.Subscriber()
      : new zmq.Pull();
    if (socket instanceof zmq.Subscriber) socket.subscribe();
    await socket.bind(args.text("bind"));
    answer({ endpoint: socket.lastEndpoint });
    const orders = new Orders();
    await orders.next();
    orders.close();
    await socket.close();
  }

  async function flood(args: Arguments): Promise<void> {
    const options = { linger: 0, sendTimeout: 50 };
    const socket = args.text("type") === "pub"
      ? new zmq.Publisher(options)
      : new zmq.Push(options);
    socket.connect(args.text("connect"));
    const body = new Uint8Array(args.number("size")).fill(97);
    const before = await settledMemory();
    let sent = 0;
    let refused = 0;
    for (let left = args.number("count"); left > 0 && refused < 3; left--) {
      await socket.send(body).then(() => sent++, () => refused++);
      if (sent % 1024 === 0) await pause();
    }
    answer({ rise: peakMemory() - before, sent });
    await socket.close();
  }

  async function tight(args: Arguments): Promise<void> {
    const socket = new zmq.Push({ linger: 0 });
    socket.connect(args.text("connect"));
    const body = new Uint8Array(args.number("size")).fill(97);
    await socket.send(body);
    const before = await settledMemory();
    let sent = 0;
    for (let left = args.number("count"); left > 0; left--) {
      void socket.send(body).then(() => sent++, () => {});
      if (left % 100_000 === 0) await pause();
    }
    await pause();
    answer({ rise: peakMemory() - before, sent });
    await socket.close();
  }

  async function keep(args: Arguments): Promise<void> {
    const socket = new zmq.Pull();
    await socket.bind(args.text("bind"));
    answer({ endpoint: socket.lastEndpoint });
    await socket.receive();
    const before = await settledMemory();
    const kept: Uint8Array[] = [];
    const every = args.number("every");
    for (let left = args.number("count") - 1; left > 0; left--) {
      const [frame] = await socket.receive();
      if (left % every === 0) kept.push(frame!);
    }
    answer({ rise: await settledMemory() - before, kept: kept.length });
    await socket.close();
  }
}
