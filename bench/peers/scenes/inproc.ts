/**
 * Benchmark peers. PUSH→PULL in one process.
 *
 * @module
 */
import type { Library } from "../library.ts";
import { answer, type Arguments, type Scene } from "../support.ts";
import { receiverOptions, senderOptions } from "./options.ts";

/** `inproc count= warm= size= [hwm=]`: the clock starts after `warm` of the messages. */
export function inprocScenes(zmq: Library): Record<string, Scene> {
  return {
    async inproc(args: Arguments): Promise<void> {
      const pull = new zmq.Pull(receiverOptions(args));
      const push = new zmq.Push(senderOptions(args));
      await pull.bind("inproc://bench");
      push.connect("inproc://bench");
      const [warm, count] = [args.number("warm"), args.number("count")];
      const message = new Uint8Array(args.number("size")).fill(97);
      const receive = async (count: number) => {
        for (let left = count; left > 0; left--) await pull.receive();
      };
      const timed = async () => {
        await receive(warm);
        const start = performance.now();
        await receive(count - warm);
        return performance.now() - start;
      };
      const ms = timed();
      for (let left = count; left > 0; left--) await push.send(message);
      answer({ ms: await ms });
      await Promise.all([push.close(), pull.close()]);
    },
  };
}
