/**
 * Benchmark peers. PUSH→PULL: the receiver binds and prints how long it took.
 *
 * @module
 */
import type { Library } from "../library.ts";
import { answer, type Arguments, Orders, type Scene } from "../support.ts";
import { receiverOptions, senderOptions } from "./options.ts";

/** `pull count= warm= bind= [hwm=]`, whose clock starts after `warm` of the messages, and `push count= size= connect= [hwm=]`. */
export function pipelineScenes(zmq: Library): Record<string, Scene> {
  return { pull, push };

  async function pull(args: Arguments): Promise<void> {
    const socket = new zmq.Pull(receiverOptions(args));
    await socket.bind(args.text("bind"));
    answer({ endpoint: socket.lastEndpoint });
    const receive = async (count: number) => {
      for (let left = count; left > 0; left--) await socket.receive();
    };
    const [warm, count] = [args.number("warm"), args.number("count")];
    await receive(warm);
    const start = performance.now();
    await receive(count - warm);
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
    // Over ipc, libzmq loses the last messages of a sender that closes at once.
    const orders = new Orders();
    await orders.next();
    orders.close();
    await socket.close();
  }
}
