/**
 * Test support. Fuzzes sockets: each input is what one peer sends to a bound
 * socket, through acceptor, session and pattern, over a wire in memory. The
 * socket lives on, and serves an honest peer as if nothing had been.
 *
 * @module
 */
import type { SocketType } from "../../../src/zmq/types.ts";
import { Conversation, type Side, TYPES } from "../conversation.ts";
import { chooseCuts } from "../mutate.ts";
import type { Random } from "../random.ts";
import type { Input, Target } from "../target.ts";
import { Victim } from "../victim.ts";

const SIDES = ["null", "null", "null-asking", "plain-server"] as const;
/** When an honest peer comes: never, beside the fuzzed one, or once that has gone. */
const HONEST = ["never", "never", "beside", "after"] as const;

/** Makes the target. */
export function sessionTarget(share: number): Target {
  const conversation = new Conversation();
  const victims = new Map<string, Promise<Victim>>();
  const victim = (type: SocketType, side: Side) => {
    const key = `${type} ${side}`;
    let found = victims.get(key);
    if (found === undefined) {
      found = Victim.start(type, side);
      victims.set(key, found);
    }
    return found;
  };
  return {
    name: "session",
    share,
    open: () => async () => {
      for (const one of victims.values()) await (await one).close();
      victims.clear();
    },
    generate(random: Random): Input {
      const type = random.pick(TYPES);
      const side = random.pick(SIDES);
      const setup = {
        type,
        side,
        honest: random.pick(HONEST),
        isSlow: random.below(2),
      };
      const bytes = conversation.bytes(random, side, type);
      return { setup, bytes, cuts: chooseCuts(random, bytes.byteLength) };
    },
    async run({ setup, bytes, cuts }: Input): Promise<string> {
      const { type, side, honest, isSlow } = setup;
      const socket = await victim(type as SocketType, side as Side);
      const when = honest as typeof HONEST[number];
      return socket.attack(bytes.slice(), cuts, when, isSlow === 1);
    },
  };
}
