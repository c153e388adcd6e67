/**
 * Layer: zmtp. The way to an open connection: the greetings, and from ZMTP 3.0
 * on the handshake of the security mechanism. It drives both over the decoder
 * and encoder of the connection, tells the owner what comes of it, and is then
 * done. No I/O.
 *
 *     greeting ──3.x──▶ handshake ──READY──▶ ready ──▶ done
 *         └───────────2.0, 1.0─────────────────▲
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import { type Message, subscriptionFrame } from "../message.ts";
import { PUB, type SocketType, XPUB } from "../types.ts";
import { decodeCommand, judgeCommand } from "./command.ts";
import type { FrameDecoder } from "./frame_decoder.ts";
import type { FrameEncoder } from "./frame_encoder.ts";
import { COMMAND } from "./framing.ts";
import { Greeting } from "./greeting.ts";
import { asMeant } from "./mechanism/failures.ts";
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

const UNPROTECTED: Security = { type: "null", isAsking: false };

/** Types that get subscriptions. */
export const PUBLISHERS: ReadonlySet<SocketType> = new Set([PUB, XPUB]);

const EVERYTHING = new Uint8Array(0);

/** What this side of a connection is. */
export interface ConnectionSettings {
  readonly type: SocketType;
  /** Told to the peer by REQ, DEALER and ROUTER, before ZMTP 3.0 by all; empty if it is to be generated there. */
  readonly routingId: Uint8Array;
  /** The largest message to accept, in bytes over all frames; -1 for no limit. */
  readonly maxMessageSize: number;
  /** The most frames of a message to accept; -1 for any number, which is the default here. */
  readonly maxMessageFrames?: number;
  /** The most bytes of a frame that a mechanism seals or opens; -1 for any, which is the default here. */
  readonly maxSealedSize?: number;
  /** Whether the peer connected to us, and so tells its version first. Default: no. */
  readonly isBound?: boolean;
  /** How the connection is protected. Default: not at all, and everybody may come in. */
  readonly security?: Security;
}

/** What happens on the way. */
export type OpeningEvent =
  | { readonly type: "ready"; readonly peer: PeerProperties }
  /** Nothing goes on until `decide` is called. */
  | { readonly type: "credentials"; readonly credentials: Credentials };

/** How one connection opens. */
export class Opening {
  #state: "greeting" | "handshake" | "ready" | "done" = "greeting";
  #isHeld = false;
  /** Whether the mechanism has begun. */
  #isBegun = false;
  #isWaitOver = false;
  #version: Version | undefined;
  readonly #settings: ConnectionSettings;
  readonly #greeting: Greeting;
  readonly #mechanism: Mechanism;
  readonly #decoder: FrameDecoder;
  readonly #encoder: FrameEncoder;

  /** Begins to speak. @param decoder It must ask `admit` before it keeps a frame. */
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

  /** Whether messages can be sent: `next` has told that the peer is ready. */
  get isReady(): boolean {
    return this.#state === "ready" || this.#state === "done";
  }

  /** Whether `next` has nothing more to tell. */
  get isDone(): boolean {
    return this.#state === "done";
  }

  /** Whether the peer may not come in, or not yet: what it sends is not looked at. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Whether a part of the greeting, or READY, waits for the peer's. */
  get isHoldingBack(): boolean {
    if (this.#state === "handshake") return !this.#isBegun;
    if (this.#state !== "greeting") return false;
    const { isHoldingBack, isSaid } = this.#greeting;
    return isHoldingBack ||
      (isSaid && !this.#isBegun && this.#mechanism.isSafeToBegin);
  }

  /** Has `next` say that part all the same. */
  speakUp(): void {
    this.#isWaitOver = true;
    this.#greeting.speakUp();
  }

  /** What is spoken with the peer, once that is known. */
  get version(): Version | undefined {
    return this.#version;
  }

  /** What protects the frames once the peer is ready, if anything does. */
  get cipher(): Cipher | undefined {
    return this.#mechanism.cipher;
  }

  /** Takes bytes from the peer; they must not change afterwards. */
  receive(chunk: Uint8Array): void {
    if (this.#state === "greeting") this.#greeting.receive(chunk);
    else this.#decoder.push(chunk);
  }

  /**
   * What happens next, or `undefined` until more bytes come.
   *
   * @throws {ProtocolError} The peer broke the protocol, or speaks another one.
   */
  next(): Message | OpeningEvent | undefined {
    switch (this.#state) {
      case "greeting":
        return this.#greet();
      case "handshake":
        return this.#shakeHands();
      case "ready": // of a peer that subscribes to nothing, so it gets everything
        this.#state = "done";
        return [subscriptionFrame(1, EVERYTHING)];
      case "done":
        return undefined;
    }
  }

  /** Goes on with a handshake that waits: lets the peer in, or tells it why not and hears it no more. */
  decide(verdict: Verdict): void {
    this.#isHeld = verdict.status !== 200;
    this.#command(this.#mechanism.decide(verdict));
  }

  /** Judges a frame of the handshake by its header, before anything of it is kept. */
  admit(size: number, flags: number): void {
    if ((flags & COMMAND) === 0) {
      throw new ProtocolError(
        "ERR_ZMTP_UNEXPECTED_COMMAND",
        "The peer sent a message before its handshake was done",
      );
    }
    judgeCommand(size, flags, Math.max(0, this.#settings.maxMessageSize));
  }

  #greet(): OpeningEvent | undefined {
    const agreement = this.#greeting.next();
    // One that waits as we do would wait for what comes next as well.
    if (this.#greeting.isAwaited && this.#mechanism.isSafeToBegin) {
      this.#begin();
    }
    if (agreement === undefined) return undefined;
    const { version, peer, rest } = agreement;
    this.#version = version;
    this.#decoder.framing = this.#encoder.framing = version.framing;
    this.#decoder.push(rest);
    if (peer !== undefined) return this.#ready(peer);
    this.#state = "handshake";
    if (!this.#mechanism.isPatient) this.#begin();
    return this.#shakeHands();
  }

  /** Sends the first command of our own, if there is one; once. */
  #begin(): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    this.#command(this.#mechanism.open());
  }

  /** Has the mechanism come to terms with the peer's. */
  #shakeHands(): OpeningEvent | undefined {
    if (this.#isWaitOver) this.#begin();
    while (!this.#isHeld) {
      const { credentials, metadata } = this.#mechanism;
      if (credentials !== undefined) {
        this.#isHeld = true;
        return { type: "credentials", credentials };
      }
      if (metadata !== undefined) {
        const { type } = this.#settings;
        return this.#ready(readPeer(metadata, type, this.#version!));
      }
      const body = this.#decoder.next();
      if (body === undefined) return undefined;
      this.#begin();
      const command = decodeCommand(asMeant(body));
      this.#command(this.#mechanism.receive(command));
    }
    return undefined;
  }

  #ready(peer: PeerProperties): OpeningEvent {
    const isMute = PUBLISHERS.has(this.#settings.type) &&
      !peer.version.isForwarding;
    this.#state = isMute ? "ready" : "done";
    return { type: "ready", peer };
  }

  #command(body: Uint8Array | undefined): void {
    if (body !== undefined) this.#encoder.command(body);
  }
}
