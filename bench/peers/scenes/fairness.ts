/**
 * Benchmark peers. What a flood leaves to others: timers of the same process,
 * and a peer that sends little.
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
  sharedClockUs,
} from "../support.ts";
import { Ticks } from "./ticks.ts";

/** So many of a paced peer's messages may have waited for its connection: their delay is not counted. */
const FIRST = 20;
/** How often a paced peer sends, in milliseconds. */
const PACE_MS = 2;

/**
 * `crowd bind= ms=`: a PULL that receives from all, and prints how late timers
 * fired, and how late and how many the messages of paced peers came.
 * `pour connect= size=`: a PUSH that sends until it is stopped.
 * `pace connect=`: a PUSH that sends about 500 messages a second, until then.
 */
export function fairnessScenes(zmq: Library): Record<string, Scene> {
  return { crowd, pour, pace };

  async function crowd(args: Arguments): Promise<void> {
    const socket = new zmq.Pull();
    await socket.bind(args.text("bind"));
    answer({ endpoint: socket.lastEndpoint });
    await socket.receive();
    const ticks = new Ticks();
    const delays: number[] = [];
    let [poured, early] = [0, FIRST];
    const end = performance.now() + args.number("ms");
    while (performance.now() < end) {
      const [frame] = await socket.receive();
      if (frame!.byteLength !== 8) {
        poured++;
        continue;
      }
      if (early-- > 0) continue;
      const view = new DataView(frame!.buffer, frame!.byteOffset, 8);
      delays.push((sharedClockUs() - view.getFloat64(0)) / 1000);
    }
    answer({
      tickMs: ticks.stop().p99,
      pacedMs: percentiles(delays).p99,
      paced: delays.length,
      poured,
    });
    await socket.close();
  }

  async function pour(args: Arguments): Promise<void> {
    // The receiver may be gone before the suite says stop: no process waits for it.
    const socket = new zmq.Push({ linger: 0, sendTimeout: 1000 });
    socket.connect(args.text("connect"));
    const isOver = stopped();
    const message = new Uint8Array(args.number("size")).fill(97);
    await socket.send(message);
    const ticks = new Ticks();
    while (!isOver()) {
      try {
        await socket.send(message);
      } catch (error) {
        passOver(error);
      }
    }
    answer({ tickMs: ticks.stop().p99 });
    await socket.close();
  }

  async function pace(args: Arguments): Promise<void> {
    const socket = new zmq.Push({ linger: 0, sendTimeout: 1000 });
    socket.connect(args.text("connect"));
    const isOver = stopped();
    let sent = 0;
    for (; !isOver(); await pause(PACE_MS)) {
      const message = new Uint8Array(8);
      new DataView(message.buffer).setFloat64(0, sharedClockUs());
      await socket.send(message).then(() => sent++, passOver);
    }
    answer({ sent });
    await socket.close();
  }
}

/** A message that could not be sent in time is not sent. */
function passOver(error: unknown): void {
  if ((error as { code?: string }).code !== "EAGAIN") throw error;
}

/** Whether the suite has said anything. */
function stopped(): () => boolean {
  const orders = new Orders();
  let isOver = false;
  void orders.next().then(() => {
    isOver = true;
    orders.close();
  });
  return () => isOver;
}
