/**
 * Layer: zmtp. One ZMTP 3.0/3.1 connection as a state machine: bytes in,
 * messages and events out (RFC 23, RFC 37). No I/O, no timers, no promises.
 *
 *     greeting ──signature──▶ greeting ──64 bytes──▶ handshake ──READY──▶ open
 *         └──────────────── any ProtocolError: the connection is over ──────┘
 *
 * The owner feeds `receive` with what the transport read, calls `next` until
 * it gives `undefined`, and writes what `takeOutput` hands out. After a
 * ProtocolError, thrown by `next`, nothing but closing is left to do.
 *
 * Every limit is checked before bytes are kept.
 *
 * @module
 */
import { allocate } from "../bytes.ts";
import { ProtocolError } from "../errors.ts";
import { type Message, subscriptionFrame } from "../message.ts";
import {
  DISH,
  PUB,
  PUSH,
  RADIO,
  SCATTER,
  type SocketType,
  SUB,
  XPUB,
  XSUB,
} from "../types.ts";
import { type Command, decodeCommand, encodeCommand } from "./command.ts";
import { COMMAND, FrameDecoder, MORE } from "./frame_decoder.ts";
import { FrameEncoder } from "./frame_encoder.ts";
import {
  checkGreeting,
  GREETING_SIZE,
  greetingRest,
  readGreeting,
  signature,
  SIGNATURE_SIZE,
} from "./greeting.ts";
import { membershipCommand, membershipMessage } from "./group.ts";
import { asMeant } from "./mechanism/failures.ts";
import type {
  Cipher,
  Credentials,
  Mechanism,
  Verdict,
} from "./mechanism/mechanism.ts";
import { createMechanism, type Security } from "./mechanism/security.ts";
import { ownProperties, type PeerProperties, readPeer } from "./metadata.ts";
import type { SlabPool } from "./slab_pool.ts";

/** A command above this size is refused in the handshake, and where `maxMessageSize` is set. */
const MAX_COMMAND = 65536;
/** With `maxMessageSize` set, a message may have this many frames more than bytes. */
const MAX_EMPTY_FRAMES = 1024;
/** The part of a PING's context that is sent back (RFC 37: at most 16 bytes). */
const MAX_PING_CONTEXT = 16;

/** Types that have subscriptions to send. */
const SUBSCRIBERS: ReadonlySet<SocketType> = new Set([SUB, XSUB]);
/** Types that get subscriptions. */
const PUBLISHERS: ReadonlySet<SocketType> = new Set([PUB, XPUB]);
/** Types that have nobody to give a message to. */
const DEAF: ReadonlySet<SocketType> = new Set([PUSH, SCATTER, RADIO]);

const UNPROTECTED: Security = { type: "null", isAsking: false };

/** What this side of a connection is. */
export interface ConnectionSettings {
  readonly type: SocketType;
  /** Told to the peer by REQ, DEALER and ROUTER; empty if it is to be generated there. */
  readonly routingId: Uint8Array;
  /** The largest message to accept, in bytes over all frames; -1 for no limit. */
  readonly maxMessageSize: number;
  /** How the connection is protected. Default: not at all, and everybody may come in. */
  readonly security?: Security;
}

/** What can happen beside messages. */
export type ConnectionEvent =
  | { readonly type: "ready"; readonly peer: PeerProperties }
  /** Nothing goes on until `decide` is called. */
  | { readonly type: "credentials"; readonly credentials: Credentials }
  | { readonly type: "ping"; readonly timeToLiveMs: number }
  | { readonly type: "pong" };

/** One connection, seen from one side. */
export class Connection {
  /** The bytes of the greeting so far; emptied when it is whole. */
  readonly #greeting: Uint8Array = allocate(GREETING_SIZE);
  #greetingSize = 0;
  #isSignatureAnswered = false;
  #state: "greeting" | "handshake" | "open" = "greeting";
  #peerMinor = 0;
  #frames: Message | undefined;
  #messageSize = 0;
  #answerSize = 0;
  /** The peer may not come in, or not yet: what it sends is not looked at. */
  #isHeld = false;
  #cipher: Cipher | undefined;
  readonly #settings: ConnectionSettings;
  readonly #isDeaf: boolean;
  readonly #mechanism: Mechanism;
  readonly #decoder: FrameDecoder;
  readonly #encoder: FrameEncoder;

  /** @param pool The memory to encode into. */
  constructor(settings: ConnectionSettings, pool?: SlabPool) {
    this.#settings = settings;
    this.#isDeaf = DEAF.has(settings.type);
    this.#encoder = new FrameEncoder(pool);
    this.#mechanism = createMechanism(
      settings.security ?? UNPROTECTED,
      ownProperties(settings),
    );
    this.#decoder = new FrameDecoder(this.#admit);
    this.#encoder.raw(signature());
  }

  /** Whether the handshake is done. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Whether nothing goes on until `decide` is called. */
  get isUndecided(): boolean {
    return this.#isHeld;
  }

  /** How many bytes wait in `takeOutput`. */
  get outputSize(): number {
    return this.#encoder.byteLength;
  }

  /** How many bytes of that are answers to the peer's PINGs. */
  get answerSize(): number {
    return this.#answerSize;
  }

  /** Hands out the bytes to write, in order; good until `outputWritten` is called. */
  takeOutput(): Uint8Array[] {
    this.#answerSize = 0;
    return this.#encoder.take();
  }

  /** What was taken has been written: its memory may be used again. */
  outputWritten(): void {
    this.#encoder.written();
  }

  /** Takes bytes from the peer; they must not change afterwards. */
  receive(chunk: Uint8Array): void {
    const missing = GREETING_SIZE - this.#greetingSize;
    if (missing > 0) {
      const part = chunk.subarray(0, missing);
      this.#greeting.set(part, this.#greetingSize);
      this.#greetingSize += part.byteLength;
      chunk = chunk.subarray(part.byteLength);
    }
    if (chunk.byteLength > 0) this.#decoder.push(chunk);
  }

  /**
   * The next message or event, or `undefined` until more bytes come.
   *
   * @throws {ProtocolError} The peer broke the protocol.
   */
  next(): Message | ConnectionEvent | undefined {
    if (this.#state === "greeting" && !this.#greet()) return undefined;
    for (;;) {
      if (this.#state === "handshake") {
        if (this.#isHeld) return undefined;
        const event = this.#asked() ?? this.#opened();
        if (event !== undefined) return event;
      }
      let body = this.#decoder.next();
      if (body === undefined) return undefined;
      let flags = this.#decoder.flags;
      if (this.#cipher !== undefined) {
        ({ flags, body } = this.#cipher.open(body));
        this.#judge(body.byteLength, flags);
      }
      if ((flags & COMMAND) !== 0) {
        if (this.#state === "open") {
          const event = this.#command(decodeCommand(body));
          if (event !== undefined) return event;
        } else {
          const command = decodeCommand(asMeant(body));
          this.#encode(this.#mechanism.receive(command));
        }
        continue;
      }
      const frames = this.#frames;
      if ((flags & MORE) === 0) {
        if (frames === undefined) {
          if (this.#isDeaf) continue;
          return [body];
        }
        this.#frames = undefined;
        this.#messageSize = 0;
        frames.push(body);
        if (this.#isDeaf) continue;
        return frames;
      }
      this.#messageSize += body.byteLength;
      if (frames === undefined) this.#frames = [body];
      else frames.push(body);
    }
  }

  /** Goes on with a handshake that waits: lets the peer in, or tells it why not and hears it no more. */
  decide(verdict: Verdict): void {
    this.#isHeld = verdict.status !== 200;
    this.#encode(this.#mechanism.decide(verdict));
  }

  /** Encodes a message; only once the connection is open. */
  send(message: Message): void {
    if (
      SUBSCRIBERS.has(this.#settings.type) && message.length === 1 &&
      message[0]!.byteLength > 0 && message[0]![0]! <= 1 && this.#peerMinor > 0
    ) {
      const [body] = message as [Uint8Array];
      const name = body[0] === 1 ? "SUBSCRIBE" : "CANCEL";
      this.#encode(encodeCommand(name, body.subarray(1)));
    } else if (this.#settings.type === DISH) {
      this.#encode(membershipCommand(message));
    } else if (this.#cipher === undefined) this.#encoder.message(message);
    else this.#seal(message, this.#cipher);
  }

  /**
   * Encodes a PING.
   *
   * @param timeToLiveMs How long the peer may go without traffic from here; 0 for ever.
   */
  ping(timeToLiveMs: number): void {
    const ttl = Math.min(0xffff, Math.ceil(timeToLiveMs / 100));
    this.#encode(encodeCommand("PING", Uint8Array.of(ttl >> 8, ttl & 0xff)));
  }

  /** Advances the greeting; true once it is whole. */
  #greet(): boolean {
    checkGreeting(this.#greeting, this.#greetingSize);
    if (this.#greetingSize >= SIGNATURE_SIZE && !this.#isSignatureAnswered) {
      this.#isSignatureAnswered = true;
      const { name, isServer } = this.#mechanism;
      this.#encoder.raw(greetingRest(name, isServer));
    }
    if (this.#greetingSize < GREETING_SIZE) return false;
    const { minor, mechanism } = readGreeting(this.#greeting);
    if (mechanism !== this.#mechanism.name) {
      throw new ProtocolError(
        "ERR_ZMTP_MECHANISM_MISMATCH",
        `The peer wants the mechanism "${mechanism}", this socket uses "${this.#mechanism.name}"`,
      );
    }
    this.#peerMinor = minor;
    this.#state = "handshake";
    this.#encode(this.#mechanism.open());
    return true;
  }

  /** The handshake is complete once the peer's metadata is there. */
  #opened(): ConnectionEvent | undefined {
    const metadata = this.#mechanism.metadata;
    if (metadata === undefined) return undefined;
    const peer = readPeer(metadata, this.#settings.type, this.#peerMinor);
    this.#state = "open";
    this.#cipher = this.#mechanism.cipher;
    return { type: "ready", peer };
  }

  /** Asks whether the peer may come in, where the mechanism waits for that. */
  #asked(): ConnectionEvent | undefined {
    const { credentials } = this.#mechanism;
    if (credentials === undefined) return undefined;
    this.#isHeld = true;
    return { type: "credentials", credentials };
  }

  #encode(command: Uint8Array | undefined): void {
    if (command === undefined) return;
    if (this.#cipher === undefined) this.#encoder.command(command);
    else this.#encoder.frame(this.#cipher.seal(COMMAND, command), 0);
  }

  #seal(message: Message, cipher: Cipher): void {
    const last = message.length - 1;
    for (let i = 0; i <= last; i++) {
      const sealed = cipher.seal(i < last ? MORE : 0, message[i]!);
      this.#encoder.frame(sealed, 0);
    }
  }

  /** A command after the handshake; unknown ones are ignored (RFC 37). */
  #command(command: Command): Message | ConnectionEvent | undefined {
    const { name, data } = command;
    switch (name) {
      case "SUBSCRIBE":
        return this.#subscription(1, data);
      case "CANCEL":
        return this.#subscription(0, data);
      case "JOIN":
      case "LEAVE":
        if (this.#settings.type !== RADIO) return undefined;
        return membershipMessage(command);
      case "PING": {
        if (data.byteLength < 2) {
          throw new ProtocolError(
            "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
            "The peer's PING is too short",
          );
        }
        const context = data.subarray(2, 2 + MAX_PING_CONTEXT);
        const pong = encodeCommand("PONG", context);
        this.#answerSize += pong.byteLength;
        this.#encode(pong);
        const timeToLiveMs = ((data[0]! << 8) | data[1]!) * 100;
        return { type: "ping", timeToLiveMs };
      }
      case "PONG":
        return { type: "pong" };
      default:
        return undefined;
    }
  }

  /** Subscriptions go to the socket in the form that ZMTP 3.0 has on the wire. */
  #subscription(first: 0 | 1, topic: Uint8Array): Message | undefined {
    if (!PUBLISHERS.has(this.#settings.type)) return undefined;
    return [subscriptionFrame(first, topic)];
  }

  /** Judges a frame by its header, before anything of it is kept. */
  readonly #admit = (size: number, flags: number): void => {
    // Whether a sealed frame is a command is known, and judged, once it is open.
    if (this.#cipher === undefined) this.#judge(size, flags);
    else this.#admitCommand(size - this.#cipher.overhead, 0);
  };

  #judge(size: number, flags: number): void {
    if ((flags & COMMAND) !== 0) this.#admitCommand(size, flags);
    else if (this.#state !== "open") {
      throw new ProtocolError(
        "ERR_ZMTP_UNEXPECTED_COMMAND",
        "The peer sent a message before its handshake was done",
      );
    } else {
      const limit = this.#settings.maxMessageSize;
      if (
        limit >= 0 && (this.#messageSize + size > limit ||
          (this.#frames?.length ?? 0) >= limit + MAX_EMPTY_FRAMES)
      ) {
        throw new ProtocolError(
          "ERR_ZMTP_MESSAGE_TOO_LARGE",
          `A message is larger than maxMessageSize (${limit} bytes)`,
        );
      }
    }
  }

  #admitCommand(size: number, flags: number): void {
    if ((flags & MORE) !== 0) {
      throw new ProtocolError(
        "ERR_ZMTP_INVALID_SEQUENCE",
        "A command cannot have more frames",
      );
    }
    const limit = this.#settings.maxMessageSize;
    const isLimited = this.#state !== "open" || limit >= 0;
    if (isLimited && size > Math.max(MAX_COMMAND, limit)) {
      throw new ProtocolError(
        "ERR_ZMTP_MESSAGE_TOO_LARGE",
        `A command of ${size} bytes is too large`,
      );
    }
  }
}
