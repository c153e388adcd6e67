/**
 * Test support. Two connections in memory that use a mechanism, with somebody
 * in the middle; and the keys that the tests share.
 *
 * @module
 */
import type { ConnectionSettings } from "../../../src/zmq/zmtp/connection.ts";
import type { Connection } from "../../../src/zmq/zmtp/connection.ts";
import type { Security } from "../../../src/zmq/zmtp/mechanism/security.ts";
import type { Verdict } from "../../../src/zmq/zmtp/mechanism/mechanism.ts";
import { loadSodium } from "../../../src/zmq/zmtp/mechanism/sodium.ts";
import { newKeyPair } from "../../../src/zmq/zmtp/mechanism/curve_box.ts";
import { DEALER, type SocketType } from "../../../src/zmq/types.ts";
import { chunksOf } from "../../support/bytes.ts";
import {
  connection,
  drain,
  nothing,
  type Played,
  takeOutput,
} from "../../support/pump.ts";
import { type Alter, FrameStream } from "./frame_stream.ts";

await loadSodium();

/** The long-term keys of the tests, as bytes. */
export const SERVER = newKeyPair();
export const CLIENT = newKeyPair();

/** Each mechanism: what the connecting and the accepting side use. */
export const MECHANISMS: Readonly<
  Record<"NULL" | "PLAIN" | "CURVE", { client: Security; server: Security }>
> = {
  NULL: {
    client: { type: "null", authenticatesPeers: false },
    server: { type: "null", authenticatesPeers: true },
  },
  PLAIN: {
    client: { type: "plain-client", username: "admin", password: "pässword" },
    server: { type: "plain-server" },
  },
  CURVE: {
    client: {
      type: "curve-client",
      keys: { ...CLIENT, serverKey: SERVER.publicKey },
    },
    server: { type: "curve-server", secretKey: SERVER.secretKey },
  },
};

/** Who is in the middle, and what the two sides are. */
export interface TalkOptions {
  readonly types?: readonly [client: SocketType, server: SocketType];
  readonly settings?: Partial<ConnectionSettings>;
  /** What the server decides; `null` leaves it undecided. */
  readonly verdict?: Verdict | null;
  /** What to do with the frames to the server, and with those to the client. */
  readonly toServer?: Alter;
  readonly toClient?: Alter;
  /** The mechanism that the one in the middle names in the greeting to the server. */
  readonly mechanism?: string;
  /** How many bytes arrive at a time. */
  readonly chunkSize?: number;
}

const ACCEPT: Verdict = { status: 200, text: "OK" };

/** Two connections, and all that they said. */
export class Talk {
  readonly client: Connection;
  readonly server: Connection;
  readonly atClient: Played = nothing();
  readonly atServer: Played = nothing();
  /** The frames each side sent, before anybody altered them. */
  readonly fromClient: Uint8Array[];
  readonly fromServer: Uint8Array[];
  readonly #toServer: FrameStream;
  readonly #toClient: FrameStream;
  readonly #verdict: Verdict | null;
  readonly #chunkSize: number;

  constructor(
    security: { client: Security; server: Security },
    {
      types = [DEALER, DEALER],
      settings,
      verdict = ACCEPT,
      toServer,
      toClient,
      mechanism,
      chunkSize = Infinity,
    }: TalkOptions = {},
  ) {
    const { client, server } = security;
    this.client = connection(types[0], { ...settings, security: client });
    this.server = connection(types[1], { ...settings, security: server });
    this.#toServer = new FrameStream(toServer, mechanism);
    this.#toClient = new FrameStream(toClient);
    this.fromClient = this.#toServer.frames;
    this.fromServer = this.#toClient.frames;
    this.#verdict = verdict;
    this.#chunkSize = chunkSize;
  }

  /** Lets them talk until both are silent, or have failed. */
  run(): this {
    let isBusy: boolean;
    do {
      const toServer = this.#toServer.pass(takeOutput(this.client));
      const toClient = this.#toClient.pass(takeOutput(this.server));
      isBusy = toServer.byteLength + toClient.byteLength > 0;
      this.#give(this.server, toServer, this.atServer);
      this.#give(this.client, toClient, this.atClient);
    } while (isBusy);
    return this;
  }

  /** The result of the handshake on each side: "open", "waits", or a code. */
  get outcome(): { client: string; server: string } {
    return {
      client: outcomeOf(this.client, this.atClient),
      server: outcomeOf(this.server, this.atServer),
    };
  }

  #give(to: Connection, bytes: Uint8Array, played: Played): void {
    if (bytes.byteLength === 0) return;
    const size = Math.min(this.#chunkSize, bytes.byteLength);
    for (const chunk of chunksOf(bytes, size)) {
      if (played.error !== undefined) return; // its connection is closed
      to.receive(chunk);
      const asked = played.events.length;
      drain(to, played);
      const isAsked = played.events.slice(asked).some((event) =>
        event.type === "credentials"
      );
      if (!isAsked || this.#verdict === null) continue;
      to.resume(this.#verdict);
      drain(to, played);
    }
  }
}

function outcomeOf({ isOpen }: Connection, { error }: Played): string {
  return error ?? (isOpen ? "open" : "waits");
}
