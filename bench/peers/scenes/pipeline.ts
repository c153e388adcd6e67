/**
 * Benchmark peers. PUSH→PULL: the receiver binds and tells how long it took
 * from the first message to the last.
 *
 * @module
 */
import type { Library } from "../library.ts";
import { answer, type Arguments, type Scene } from "../support.ts";
import { receiverOptions, senderOptions } from "./options.ts";

/** `pull count= bind= [hwm=]` and `push count= size= connect= [hwm=]`. */
export function pipelineScenes(zmq: Library): Record<string, Scene> {
  return { pull, push };

  async function pull(args: Arguments): Promise<void> {
    const socket = new zmq.Pull(receiverOptions(args));
    await socket.bind(args.text("bind"));
    answer({ endpoint: socket.lastEndpoint });
    await socket.receive();
    const start = performance.now();
    for (let left = args.number("count") - 1; left > 0; left--) {
      await socket.receive();
    }
    answer({ ms: performance.now() - start });
    await socket.close();
  }

  async function push(args: Arguments): Promise<void> {
    const socket = new zmq.Push(senderOptions(args));
    socket.connect(args.text("connect"));
    const message = new Uint8Array(args.number("size")).fill(97);
    for (let left = args.number("count"); left > 0; left--) {
      await socket.send(message);
    }
    await socket.close();
  }
}
