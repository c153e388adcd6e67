/**
 * Layer: zmtp. One ZMTP connection as a state machine: bytes in, messages and
 * events out (RFC 23 and 37; of old peers, RFC 13 and 15). No I/O, no timers,
 * no promises.
 *
 *     handshake ──ready──▶ open       └───────┬──────────┘
 *       any ProtocolError: the connection has failed
 *
 * The owner passes to `receive` what the transport read, calls `next` until it
 * returns `undefined`, and writes what `takeOutput` returns. After a
 * ProtocolError, thrown by `next`, the connection can only be closed.
 *
 * Every limit is checked before bytes are stored.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import { COMMAND, MORE } from "../framing.ts";
import {
  type Message,
  requireSealable,
  subscriptionFrame,
} from "../message.ts";
import type { MessageRun } from "../message_run.ts";
import { type SocketTraits, traitsOf } from "../socket_traits.ts";
import {
  type Command,
  decodeCommand,
  encodeCommand,
  judgeCommand,
} from "./command.ts";
import { FrameDecoder } from "./frame_decoder.ts";
import { FrameEncoder } from "./frame_encoder.ts";
import { membershipCommand, membershipMessage } from "./group.ts";
import type { Cipher, Verdict } from "./mechanism/mechanism.ts";
import {
  type ConnectionSettings,
  Handshake,
  type HandshakeEvent,
} from "./handshake.ts";
import type { SlabPool } from "../slab_pool.ts";
import {
  FRAMING_OF_SUBSCRIPTIONS,
  UNVERSIONED,
  type Version,
} from "./versions.ts";

export type { ConnectionSettings } from "./handshake.ts";

/** This many frames of a message count only their bytes against `maxMessageSize`. */
const FREE_FRAMES = 64;
/** How many bytes each further frame counts on top: about the memory that it takes (149 bytes on Node 20). */
const FRAME_COST = 128;
/** The part of a PING's context that is sent back (RFC 37: at most 16 bytes). */
const MAX_PING_CONTEXT = 16;

/**
 * A peer's share of a tick of the event loop, where a small message of one
 * frame counts 1: a few hundred microseconds on each runtime (Node 20, Deno
 * 2.9, Bun 1.4). The time that the application takes comes on top. With half of
 * it, a receiver of 10-byte messages took 2 % more processor time (Node 20).
 */
const WORK_PER_TICK = 4096;
/** What a command counts, and a subscription in any form. */
const COMMAND_WORK = 16;
/** What arrives counts 1 more for each 2^n bytes: 2 KiB. Counted for each frame, this took 4 % of a receiver's time at 10 bytes a message (Node 20). */
const PLAIN_SHIFT = 11;
/** A frame that must be decrypted counts 1 more for each 32 bytes. */
const SEALED_SHIFT = 5;
/** The least that a frame counts that must be decrypted. */
const SEALED_WORK = 32;

/** What `next` returns besides messages. */
export type ConnectionEvent =
  | HandshakeEvent
  | { readonly type: "ping"; readonly timeToLiveMs: number }
  | { readonly type: "pong" };

/** One connection, seen from one side. */
// Each frame reads most of these fields: an object between would cost time.
// deno-lint-ignore sizes/classes
export class Connection {
  /** Whether a run of messages can be sent as it is: in its framing, not encrypted, none of them a command. */
  sendsRuns = false;
  /** Until it is done. */
  #handshake: Handshake | undefined;
  #version: Version = UNVERSIONED;
  #cipher: Cipher | undefined;
  #frames: Message | undefined;
  #messageSize = 0;
  #answerSize = 0;
  /** The work since `rest`. */
  #work = 0;
  /** What a frame of a message counts. */
  readonly #frameWork: number;
  readonly #settings: ConnectionSettings;
  readonly #traits: SocketTraits;
  /** Whether what the peer sends is dropped: no application could receive it. */
  readonly #isSendOnly: boolean;
  /** Whether messages may be sent as commands; a lookup for each message took 6 of 49 ns (Node 20, 10 B). */
  readonly #hasCommands: boolean;
  readonly #decoder: FrameDecoder;
  readonly #encoder: FrameEncoder;

  /** @param pool The memory to encode into. */
  constructor(settings: ConnectionSettings, pool?: SlabPool) {
    this.#settings = settings;
    const traits = this.#traits = traitsOf(settings.type);
    const isPublisher = traits.publishes === "topics";
    this.#isSendOnly = !traits.receives && !isPublisher;
    this.#frameWork = isPublisher ? COMMAND_WORK : 1;
    this.#hasCommands = traits.subscribes !== null;
    this.#encoder = new FrameEncoder(pool);
    this.#decoder = new FrameDecoder(this.#admit);
    this.#handshake = new Handshake(settings, this.#decoder, this.#encoder);
  }

  /** Whether the handshake is done: messages can be sent. */
  get isOpen(): boolean {
    return this.#handshake === undefined || this.#handshake.isReady;
  }

  /** Whether the peer is being authenticated, so that `next` returns nothing before `resume`, or was refused. */
  get ignoresInput(): boolean {
    return this.#handshake !== undefined && this.#handshake.ignoresInput;
  }

  /** Whether a part of the greeting is withheld until the peer's arrives, which may wait for ours as well. */
  get isWaitingForPeer(): boolean {
    return this.#handshake !== undefined && this.#handshake.isWaitingForPeer;
  }

  /** Makes `next` send that part without waiting any longer. */
  stopWaiting(): void {
    this.#handshake?.stopWaiting();
  }

  /** How many bytes wait in `takeOutput`. */
  get outputSize(): number {
    return this.#encoder.byteLength;
  }

  /** How many of these bytes answer the peer's PINGs. */
  get answerSize(): number {
    return this.#answerSize;
  }

  /** Takes the bytes to write, in order; they are valid until `outputWritten` is called. */
  takeOutput(): Uint8Array[] {
    this.#answerSize = 0;
    return this.#encoder.take();
  }

  /** What was taken has been written, so its memory may be reused. */
  outputWritten(): void {
    this.#encoder.written();
  }

  /** Whether a part of a frame has arrived. */
  get isPartial(): boolean {
    return this.#handshake === undefined && this.#decoder.isPartial;
  }

  /** Takes bytes from the peer, which must not change afterwards; with CURVE they are decrypted where they lie. */
  receive(chunk: Uint8Array): void {
    this.#work += chunk.byteLength >> PLAIN_SHIFT;
    if (this.#handshake !== undefined) this.#handshake.receive(chunk);
    else this.#decoder.push(chunk);
  }

  /**
   * The next message or event; `undefined` until more bytes arrive or, with
   * `isSpent`, until `rest` is called.
   *
   * @throws {ProtocolError} The peer broke the protocol.
   */
  next(): Message | ConnectionEvent | undefined {
    if (this.#handshake !== undefined) return this.#open(this.#handshake);
    for (;;) {
      if (this.#work >= WORK_PER_TICK) return undefined;
      let body = this.#decoder.next();
      if (body === undefined) return undefined;
      let flags = this.#decoder.flags;
      this.#work += this.#frameWork;
      if (this.#cipher !== undefined) {
        this.#work += SEALED_WORK + (body.byteLength >> SEALED_SHIFT);
        body = this.#cipher.open(body);
        flags = this.#cipher.flags;
        this.#judge(body.byteLength, flags);
      }
      if ((flags & COMMAND) !== 0) {
        this.#work += COMMAND_WORK;
        const event = this.#command(decodeCommand(body));
        if (event !== undefined) return event;
        continue;
      }
      const frames = this.#frames;
      if ((flags & MORE) === 0) {
        if (frames === undefined) {
          if (this.#isSendOnly) continue;
          return [body];
        }
        this.#frames = undefined;
        this.#messageSize = 0;
        frames.push(body);
        if (this.#isSendOnly) continue;
        return frames;
      }
      this.#messageSize += body.byteLength;
      if (frames === undefined) this.#frames = [body];
      else frames.push(body);
    }
  }

  /** Whether the peer's share of the tick is used up. */
  get isSpent(): boolean {
    return this.#work >= WORK_PER_TICK;
  }

  /** A new tick of the event loop begins. */
  rest(): void {
    this.#work = 0;
  }

  /** Continues a handshake after authentication: accepts the peer, or sends it the reason and ignores it from now on. */
  resume(verdict: Verdict): void {
    this.#handshake?.resume(verdict);
  }

  /**
   * Encodes a message; only once the connection is open.
   *
   * @throws {ZmqError} `EMSGSIZE` if a frame is too large to be encrypted;
   *   nothing is encoded then.
   */
  send(message: Message): void {
    const command = this.#hasCommands ? this.#commandOf(message) : undefined;
    if (command !== undefined) this.#encode(command);
    else if (this.#cipher === undefined) this.#encoder.message(message);
    else this.#seal(message, this.#cipher);
  }

  /** Encodes a run of messages, and owns its memory from now on; only if `sendsRuns`. */
  sendRun(run: MessageRun): void {
    this.#encoder.run(run);
  }

  /**
   * Encodes a PING; only for a peer whose version has commands.
   *
   * @param timeToLiveMs After how long without traffic from us the peer may
   *   disconnect; 0 for never.
   */
  ping(timeToLiveMs: number): void {
    const ttl = Math.min(0xffff, Math.ceil(timeToLiveMs / 100));
    this.#encode(encodeCommand("PING", Uint8Array.of(ttl >> 8, ttl & 0xff)));
  }

  /** Encodes an unsolicited PONG, as a sign of life. */
  pong(): void {
    const pong = encodeCommand("PONG");
    this.#answerSize += pong.byteLength;
    this.#encode(pong);
  }

  #open(handshake: Handshake): Message | ConnectionEvent | undefined {
    const item = handshake.next();
    if (handshake.isReady) {
      this.#version = handshake.version!;
      this.#cipher = handshake.cipher;
      const isSubscribed = this.#traits.publishes === "topics" &&
        handshake.version!.hasSubscribe && this.#cipher === undefined;
      if (isSubscribed) this.#decoder.framing = FRAMING_OF_SUBSCRIPTIONS;
      this.sendsRuns = this.#cipher === undefined && !this.#hasCommands &&
        this.#version.sendsRuns;
      if (handshake.isDone) this.#handshake = undefined;
    }
    return item;
  }

  /** The command for a message of a SUB, an XSUB or a DISH, if it is sent as one. */
  #commandOf(message: Message): Uint8Array | undefined {
    if (this.#traits.subscribes === "groups") return membershipCommand(message);
    const [body] = message as [Uint8Array];
    const isSubscription = message.length === 1 && body.byteLength > 0 &&
      body[0]! <= 1;
    if (!isSubscription || !this.#version.hasSubscribe) return undefined;
    const name = body[0] === 1 ? "SUBSCRIBE" : "CANCEL";
    return encodeCommand(name, body.subarray(1));
  }

  #encode(command: Uint8Array): void {
    if (this.#cipher === undefined) this.#encoder.command(command);
    else {
      requireSealable([command], this.#settings.maxSealedSize);
      this.#sealFrame(command, COMMAND, this.#cipher);
    }
  }

  #seal(message: Message, cipher: Cipher): void {
    // Before the first frame: the rest of the message would be missing
    // otherwise.
    requireSealable(message, this.#settings.maxSealedSize);
    const last = message.length - 1;
    for (let i = 0; i <= last; i++) {
      this.#sealFrame(message[i]!, i < last ? MORE : 0, cipher);
    }
  }

  #sealFrame(body: Uint8Array, flags: number, cipher: Cipher): void {
    const encoder = this.#encoder;
    const size = body.byteLength + cipher.overhead;
    const into = encoder.begin(size, 0);
    cipher.seal(flags, body, into, encoder.bodyAt);
    encoder.commit(into, size);
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
        if (this.#traits.publishes !== "groups") return undefined;
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

  /** The socket receives subscriptions in the wire format of ZMTP 3.0. */
  #subscription(first: 0 | 1, topic: Uint8Array): Message | undefined {
    if (this.#traits.publishes !== "topics") return undefined;
    return [subscriptionFrame(first, topic)];
  }

  /** Checks a frame by its header, before any of it is stored. */
  readonly #admit = (size: number, flags: number): void => {
    if (this.#handshake !== undefined) this.#handshake.admit(size, flags);
    else if (this.#cipher === undefined) this.#judge(size, flags);
    else {
      // Only a decrypted frame shows whether it is a command; it is checked
      // then.
      const { maxMessageSize, maxSealedSize = -1 } = this.#settings;
      const body = size - this.#cipher.overhead;
      judgeCommand(body, 0, maxMessageSize);
      if (maxSealedSize >= 0 && body > maxSealedSize) {
        throw new ProtocolError(
          "ERR_ZMTP_MESSAGE_TOO_LARGE",
          `A frame of ${body} bytes is larger than curveMaxFrameSize (${maxSealedSize} bytes)`,
        );
      }
    }
  };

  #judge(size: number, flags: number): void {
    const limit = this.#settings.maxMessageSize;
    if ((flags & COMMAND) !== 0) {
      if (this.#version.hasCommands) return judgeCommand(size, flags, limit);
      throw new ProtocolError(
        "ERR_ZMTP_INVALID_SEQUENCE",
        `A peer of ZMTP ${this.#version.name} cannot send commands`,
      );
    }
    const before = this.#frames === undefined ? 0 : this.#frames.length;
    if (limit >= 0) {
      const cost = Math.max(0, before + 1 - FREE_FRAMES) * FRAME_COST;
      const total = this.#messageSize + size;
      if (total + cost > limit) {
        throw new ProtocolError(
          "ERR_ZMTP_MESSAGE_TOO_LARGE",
          total > limit
            ? `A message is larger than maxMessageSize (${limit} bytes)`
            : `A message has too many frames (${
              before + 1
            }) for maxMessageSize (${limit} bytes)`,
        );
      }
    }
    const mostFrames = this.#settings.maxMessageFrames ?? -1;
    if (mostFrames >= 0 && before >= mostFrames) {
      throw new ProtocolError(
        "ERR_ZMTP_MESSAGE_TOO_LARGE",
        `A message has more frames than maxMessageFrames (${mostFrames})`,
      );
    }
  }
}
