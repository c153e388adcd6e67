/**
 * Test support. Fuzzes the ZMTP state machine with what a peer sends to it:
 * every version, mechanism, side, socket type and limit. What comes out must be
 * the same however the bytes were cut.
 *
 * @module
 */
import { Connection } from "../../../src/zmq/zmtp/connection.ts";
import type { Verdict } from "../../../src/zmq/zmtp/mechanism/mechanism.ts";
import type { Security } from "../../../src/zmq/zmtp/mechanism/security.ts";
import { SlabPool } from "../../../src/zmq/slab_pool.ts";
import type { SocketType } from "../../../src/zmq/types.ts";
import { utf8 } from "../../support/bytes.ts";
import { Conversation, type Side, TYPES } from "../conversation.ts";
import { beginAs } from "../curve_peer.ts";
import { chooseCuts } from "../mutate.ts";
import { Player } from "../player.ts";
import type { Random } from "../random.ts";
import { CLIENT, SERVER, withoutChance } from "../seeded_sodium.ts";
import { demand, type Input, type Target, type Undo } from "../target.ts";

/** Each side of each mechanism. */
const SIDES = {
  "null": { type: "null", authenticatesPeers: false },
  "null-asking": { type: "null", authenticatesPeers: true },
  "plain-server": { type: "plain-server" },
  "plain-client": { type: "plain-client", username: "u", password: "p" },
  "curve-server": { type: "curve-server", secretKey: SERVER.secretKey },
  "curve-client": {
    type: "curve-client",
    keys: { ...CLIENT, serverKey: SERVER.publicKey },
  },
} as const satisfies Record<Side, Security>;

const LIMITS = [-1, -1, -1, 0, 100, 70_000];
const STATUSES = [300, 400, 500] as const;
const ROUTING_IDS = ["", "", "me", "i".repeat(255)];

/** Makes the target of one mechanism. */
export function connectionTarget(
  name: string,
  sides: readonly Side[],
  share: number,
): Target {
  return new ConnectionTarget(name, sides, share);
}

class ConnectionTarget implements Target {
  readonly name: string;
  readonly share: number;
  readonly #sides: readonly Side[];
  readonly #conversation = new Conversation();
  readonly #player = new Player();
  readonly #slabs = new SlabPool();

  constructor(name: string, sides: readonly Side[], share: number) {
    this.name = name;
    this.#sides = sides;
    this.share = share;
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#player.counts;
  }

  open(): Undo {
    const undo = [withoutChance(), this.#player.meter.start()];
    return () => undo.forEach((one) => one());
  }

  generate(random: Random): Input {
    const side = random.pick(this.#sides);
    const type = random.pick(TYPES);
    const setup = {
      side,
      type,
      isBound: random.below(2),
      routingId: random.pick(ROUTING_IDS),
      maxMessageSize: random.pick(LIMITS),
      status: random.oneIn(12) ? random.pick(STATUSES) : 200,
    };
    const bytes = this.#conversation.bytes(random, side, type);
    const cuts = random.oneIn(3) ? chooseCuts(random, bytes.byteLength) : [];
    return { setup, bytes, cuts };
  }

  run({ setup, bytes, cuts }: Input): string {
    const status = setup.status as Verdict["status"];
    const player = this.#player;
    // A copy: a box is opened in the memory in which it arrived.
    const whole = bytes.slice();
    const outcome = player.play(this.#connect(setup), whole, [], status, false);
    if (cuts.length === 0) return outcome;
    const { digest, outputDigest } = player;
    const again = player.play(this.#connect(setup), bytes, cuts, status, true);
    demand(again === outcome, `cut up, "${outcome}" becomes "${again}"`);
    demand(player.digest === digest, "cut up, other things come out");
    // Of an error, a part of the greeting may be written sooner or not at all.
    demand(
      player.outputDigest === outputDigest || outcome.startsWith("ERR"),
      "cut up, other bytes are written",
    );
    return outcome;
  }

  #connect(setup: Input["setup"]): Connection {
    const { side, type, isBound, routingId, maxMessageSize } = setup;
    const security: Security = SIDES[side as Side];
    if (security.type === "curve-client") beginAs("client");
    if (security.type === "curve-server") beginAs("server");
    return new Connection({
      type: type as SocketType,
      routingId: utf8(routingId as string),
      isBound: isBound === 1,
      maxMessageSize: maxMessageSize as number,
      security,
    }, this.#slabs);
  }
}
