/**
 * Benchmark peers. PUSH→PULL in one process without a promise for each call;
 * this engine alone has that.
 *
 * @module
 */
import { Pull, Push } from "../../../src/zmq/mod.ts";
import { answer, type Scene } from "../support.ts";

/** How many are sent before they are received: as many as the high-water marks let wait, or fewer. */
const BURST = 500;

/** `inproc_try count= warm= size=`: the clock starts after about `warm` of the messages. */
export function inprocTryScenes(): Record<string, Scene> {
  return {
    async inproc_try(args) {
      const pull = new Pull();
      const push = new Push();
      await pull.bind("inproc://bench");
      push.connect("inproc://bench");
      const message = new Uint8Array(args.number("size")).fill(97);
      const carry = (count: number) => {
        for (let left = count; left > 0; left -= BURST) {
          for (let i = 0; i < BURST; i++) push.trySend(message);
          for (let i = 0; i < BURST; i++) {
            if (pull.tryReceive() === undefined) throw new Error("One is lost");
          }
        }
      };
      carry(args.number("warm"));
      const start = performance.now();
      carry(args.number("count") - args.number("warm"));
      answer({ ms: performance.now() - start });
      await Promise.all([pull.close(), push.close()]);
    },
  };
}
