/**
 * Benchmark peers. PUSH→PULL in one process.
 *
 * @module
 */
import type { Library } from "../library.ts";
import { answer, type Arguments, type Scene } from "../support.ts";
import { receiverOptions, senderOptions } from "./options.ts";

/** `inproc count= size= [hwm=]`. */
export function inprocScenes(zmq: Library): Record<string, Scene> {
  return {
    async inproc(args: Arguments): Promise<void> {
      const pull = new zmq.Pull(receiverOptions(args));
      const push = new zmq.Push(senderOptions(args));
      await pull.bind("inproc://bench");
      push.connect("inproc://bench");
      const count = args.number("count");
      const message = new Uint8Array(args.number("size")).fill(97);
      const receive = async () => {
        for (let left = count; left > 0; left--) await pull.receive();
      };
      const start = performance.now();
      const received = receive();
      for (let left = count; left > 0; left--) await push.send(message);
      await received;
      answer({ ms: performance.now() - start });
      await Promise.all([push.close(), pull.close()]);
    },
  };
}
