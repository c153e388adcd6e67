/**
 * Benchmark peers. REQ/REP: one question at a time, each answer the same bytes.
 *
 * @module
 */
import type { Library } from "../library.ts";
import { answer, type Arguments, percentiles, type Scene } from "../support.ts";

/** `rep bind= count= warm=` and `req connect= count= warm= size=`, which gives microseconds. */
export function roundTripScenes(zmq: Library): Record<string, Scene> {
  return { rep, req };

  async function rep(args: Arguments): Promise<void> {
    const socket = new zmq.Reply();
    await socket.bind(args.text("bind"));
    answer({ endpoint: socket.lastEndpoint });
    const count = args.number("warm") + args.number("count");
    for (let left = count; left > 0; left--) {
      const [question] = await socket.receive();
      await socket.send(question!);
    }
    await socket.close();
  }

  async function req(args: Arguments): Promise<void> {
    const socket = new zmq.Request();
    socket.connect(args.text("connect"));
    const question = new Uint8Array(args.number("size")).fill(97);
    const times: number[] = [];
    for (let i = -args.number("warm"); i < args.number("count"); i++) {
      const start = performance.now();
      await socket.send(question);
      await socket.receive();
      if (i >= 0) times.push((performance.now() - start) * 1000);
    }
    answer(percentiles(times));
    await socket.close();
  }
}
