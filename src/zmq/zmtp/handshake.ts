/**
 * Layer: zmtp. Opens a connection: exchanges the greetings and, from ZMTP 3.0
 * on, runs the handshake of the security mechanism. It uses the decoder and the
 * encoder of the connection, reports the result to its owner, and is then done.
 * No I/O.
 *
 *     greeting ──3.x──▶ mechanism ──READY──▶ ready ──▶ done
 *         │               │   ▲                ▲
 *         │    credentials│   │accepted        │
 *         │               ▼   │                │
 *         │        authentication ──▶ refused  │
 *         └────────────2.0, 1.0────────────────┘
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import { type Message, subscriptionFrame } from "../message.ts";
import { typesWhere } from "../socket_traits.ts";
import type { SocketType } from "../types.ts";
import { decodeCommand, judgeCommand } from "./command.ts";
import type { FrameDecoder } from "./frame_decoder.ts";
import type { FrameEncoder } from "./frame_encoder.ts";
import { COMMAND } from "../framing.ts";
import { Greeting } from "./greeting.ts";
import { fixLibzmqTypo } from "./mechanism/failures.ts";
import type {
  Cipher,
  Credentials,
  Mechanism,
  Verdict,
} from "./mechanism/mechanism.ts";
import {
  createMechanism,
  isProtected,
  type Security,
} from "./mechanism/security.ts";
import { ownProperties, type PeerProperties, readPeer } from "./metadata.ts";
import type { Version } from "./versions.ts";

const UNPROTECTED: Security = { type: "null", authenticatesPeers: false };

/** Types that receive subscriptions. */
export const PUBLISHERS: ReadonlySet<SocketType> = new Set(
  typesWhere(({ publishes }) => publishes === "topics"),
);

const EVERYTHING = new Uint8Array(0);

/** The settings of this side of a connection. */
export interface ConnectionSettings {
  readonly type: SocketType;
  /** Sent to the peer by REQ, DEALER and ROUTER, before ZMTP 3.0 by all types; empty if the peer is to generate one. */
  readonly routingId: Uint8Array;
  /** The largest message to accept, in bytes over all frames; -1 for no limit. */
  readonly maxMessageSize: number;
  /** How many frames a message may have; -1 for any number, which is the default here. */
  readonly maxMessageFrames?: number;
  /** The largest frame that a mechanism encrypts or decrypts, in bytes; -1 for any size, which is the default here. */
  readonly maxSealedSize?: number;
  /** Whether the peer connected to us, and therefore sends its version first. Default: no. */
  readonly isBound?: boolean;
  /** In a browser: whether both sides begin with their routing ids, and have no mechanism. Default: no. */
  readonly exchangesRoutingIds?: boolean;
  /** How the connection is protected. Default: not at all, and without authentication. */
  readonly security?: Security;
}

/** What a handshake reports. */
export type HandshakeEvent =
  | { readonly type: "ready"; readonly peer: PeerProperties }
  /** The handshake waits until `resume` is called. */
  | { readonly type: "credentials"; readonly credentials: Credentials };

type HandshakeState =
  | "greeting"
  /** The commands of the security mechanism are exchanged. */
  | "mechanism"
  /** Waits for the verdict about the peer's credentials. */
  | "authentication"
  /** The verdict was negative: what the peer sends is ignored. */
  | "refused"
  /** Done but for the subscription to everything that an old peer never sends. */
  | "ready"
  | "done";

/** The handshake of one connection. */
export class Handshake {
  #state: HandshakeState = "greeting";
  /** Whether the mechanism has sent its first command. */
  #hasBegun = false;
  #isWaitOver = false;
  #version: Version | undefined;
  readonly #settings: ConnectionSettings;
  readonly #greeting: Greeting;
  readonly #mechanism: Mechanism;
  readonly #decoder: FrameDecoder;
  readonly #encoder: FrameEncoder;

  /** Encodes the start of the greeting. @param decoder It must call `admit` before it stores a frame. */
  constructor(
    settings: ConnectionSettings,
    decoder: FrameDecoder,
    encoder: FrameEncoder,
  ) {
    const { type, routingId, isBound = false, security = UNPROTECTED } =
      settings;
    this.#settings = settings;
    this.#decoder = decoder;
    this.#encoder = encoder;
    this.#mechanism = createMechanism(security, ownProperties(settings));
    const { name: mechanism, isServer } = this.#mechanism;
    this.#greeting = new Greeting({
      type,
      routingId,
      mechanism,
      isServer,
      isSecond: isBound,
      isProtected: isProtected(security),
    }, (bytes) => encoder.raw(bytes));
  }

  /** Whether messages can be sent: `next` has reported that the peer is ready. */
  get isReady(): boolean {
    return this.#state === "ready" || this.#state === "done";
  }

  /** Whether `next` has nothing more to report. */
  get isDone(): boolean {
    return this.#state === "done";
  }

  /** Whether the peer is being authenticated or was refused: what it sends is not processed. */
  get ignoresInput(): boolean {
    return this.#state === "authentication" || this.#state === "refused";
  }

  /** Whether a part of our greeting, or our READY, is withheld until the peer has sent its own. */
  get isWaitingForPeer(): boolean {
    if (this.isReady) return false;
    if (this.#state !== "greeting") return !this.#hasBegun;
    const { isWaitingForPeer, isComplete } = this.#greeting;
    return isWaitingForPeer ||
      (isComplete && !this.#hasBegun && this.#mechanism.isSafeToBegin);
  }

  /** Makes `next` send that part without waiting any longer. */
  stopWaiting(): void {
    this.#isWaitOver = true;
    this.#greeting.stopWaiting();
  }

  /** The version of ZMTP spoken with the peer, once it is known. */
  get version(): Version | undefined {
    return this.#version;
  }

  /** Encrypts the frames that follow the handshake, if anything does. */
  get cipher(): Cipher | undefined {
    return this.#mechanism.cipher;
  }

  /** Takes bytes from the peer; they must not change afterwards. */
  receive(chunk: Uint8Array): void {
    if (this.#state === "greeting") this.#greeting.receive(chunk);
    else this.#decoder.push(chunk);
  }

  /**
   * The next event, or `undefined` until more bytes arrive.
   *
   * @throws {ProtocolError} The peer broke the protocol, or speaks another one.
   */
  next(): Message | HandshakeEvent | undefined {
    switch (this.#state) {
      case "greeting":
        return this.#exchangeGreetings();
      case "mechanism":
        return this.#runMechanism();
      case "authentication":
      case "refused":
        return undefined;
      case "ready": // an old SUB sends no subscriptions, so it gets everything
        this.#state = "done";
        return [subscriptionFrame(1, EVERYTHING)];
      case "done":
        return undefined;
    }
  }

  /** Continues after authentication: accepts the peer, or sends it the reason and ignores it from now on. */
  resume(verdict: Verdict): void {
    this.#state = verdict.status === 200 ? "mechanism" : "refused";
    this.#command(this.#mechanism.resume(verdict));
  }

  /** Checks a frame of the handshake by its header, before any of it is stored. */
  admit(size: number, flags: number): void {
    if ((flags & COMMAND) === 0) {
      throw new ProtocolError(
        "ERR_ZMTP_UNEXPECTED_COMMAND",
        "The peer sent a message before its handshake was done",
      );
    }
    judgeCommand(size, flags, 0);
  }

  #exchangeGreetings(): HandshakeEvent | undefined {
    const agreement = this.#greeting.next();
    // A peer that waits as we do would wait for the next part as well.
    if (this.#greeting.isAwaited && this.#mechanism.isSafeToBegin) {
      this.#begin();
    }
    if (agreement === undefined) return undefined;
    const { version, peer, rest } = agreement;
    this.#version = version;
    this.#decoder.framing = this.#encoder.framing = version.framing;
    this.#decoder.push(rest);
    if (peer !== undefined) return this.#ready(peer);
    this.#state = "mechanism";
    if (!this.#mechanism.waitsForPeer) this.#begin();
    return this.#runMechanism();
  }

  /** Sends our first command, if there is one; once. */
  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#command(this.#mechanism.open());
  }

  /** Exchanges commands until the mechanism is done or has to wait. */
  #runMechanism(): HandshakeEvent | undefined {
    if (this.#isWaitOver) this.#begin();
    for (;;) {
      const { credentials, metadata } = this.#mechanism;
      if (credentials !== undefined) {
        this.#state = "authentication";
        return { type: "credentials", credentials };
      }
      if (metadata !== undefined) {
        const { type } = this.#settings;
        return this.#ready(readPeer(metadata, type, this.#version!));
      }
      const body = this.#decoder.next();
      if (body === undefined) return undefined;
      this.#begin();
      const command = decodeCommand(fixLibzmqTypo(body));
      this.#command(this.#mechanism.receive(command));
    }
  }

  #ready(peer: PeerProperties): HandshakeEvent {
    const sendsNoSubscriptions = PUBLISHERS.has(this.#settings.type) &&
      !peer.version.sendsSubscriptions;
    this.#state = sendsNoSubscriptions ? "ready" : "done";
    return { type: "ready", peer };
  }

  #command(body: Uint8Array | undefined): void {
    if (body !== undefined) this.#encoder.command(body);
  }
}
