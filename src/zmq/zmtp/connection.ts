/**
 * Layer: zmtp. One ZMTP connection as a state machine: bytes in, messages and
 * events out (RFC 23 and 37; of old peers, RFC 13 and 15). No I/O, no timers,
 * no promises.
 *
 *     opening ──ready──▶ open
 *        └──────┬─────────┘
 *       any ProtocolError: the connection is over
 *
 * The owner feeds `receive` with what the transport read, calls `next` until
 * it gives `undefined`, and writes what `takeOutput` hands out. After a
 * ProtocolError, thrown by `next`, nothing but closing is left to do.
 *
 * Every limit is checked before bytes are kept.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import {
  type Message,
  requireSealable,
  subscriptionFrame,
} from "../message.ts";
import { type SocketTraits, traitsOf } from "../socket_traits.ts";
import {
  type Command,
  decodeCommand,
  encodeCommand,
  judgeCommand,
} from "./command.ts";
import { FrameDecoder } from "./frame_decoder.ts";
import { FrameEncoder } from "./frame_encoder.ts";
import { COMMAND, FRAMING_2_SLIP, MORE } from "./framing.ts";
import { membershipCommand, membershipMessage } from "./group.ts";
import type { Cipher, Verdict } from "./mechanism/mechanism.ts";
import {
  type ConnectionSettings,
  Handshake,
  type HandshakeEvent,
} from "./handshake.ts";
import type { SlabPool } from "./slab_pool.ts";
import { UNVERSIONED, type Version } from "./versions.ts";

export type { ConnectionSettings } from "./handshake.ts";

/** Of a message, so many frames count by their bytes alone against `maxMessageSize`. */
const FREE_FRAMES = 64;
/** What each further frame counts beside its bytes: it takes about as much memory (149 bytes on Node 20). */
const FRAME_COST = 128;
/** The part of a PING's context that is sent back (RFC 37: at most 16 bytes). */
const MAX_PING_CONTEXT = 16;

/**
 * What a peer may have read in a turn of the event loop, where a whole small
 * message counts 1: some hundred microseconds on each runtime (Node 20, Deno
 * 2.9, Bun 1.4). What its application takes comes on top.
 */
const WORK_PER_TURN = 2048;
/** What a command counts, and a subscription in whatever form. */
const COMMAND_WORK = 8;
/** A frame counts 1 more for so many bytes, as a power of two: 4 KiB, or 64 bytes where it is to be opened. */
const PLAIN_SHIFT = 12;
const SEALED_SHIFT = 6;
/** What a frame that is to be opened counts at least. */
const SEALED_WORK = 16;

/** What can happen beside messages. */
export type ConnectionEvent =
  | HandshakeEvent
  | { readonly type: "ping"; readonly timeToLiveMs: number }
  | { readonly type: "pong" };

/** One connection, seen from one side. */
export class Connection {
  /** There until it is done. */
  #handshake: Handshake | undefined;
  #version: Version = UNVERSIONED;
  #cipher: Cipher | undefined;
  #frames: Message | undefined;
  #messageSize = 0;
  #answerSize = 0;
  /** What has been read since `rest`. */
  #work = 0;
  /** What a frame of a message counts. */
  readonly #frameWork: number;
  readonly #settings: ConnectionSettings;
  readonly #traits: SocketTraits;
  /** Whether what the peer sends is dropped: no application could receive it. */
  readonly #isSendOnly: boolean;
  /** Whether messages may travel as commands; looked up for each message it was 6 of 49 ns (Node 20, 10 B). */
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

  /** Whether nothing goes on until `resume` is called. */
  get ignoresInput(): boolean {
    return this.#handshake !== undefined && this.#handshake.ignoresInput;
  }

  /** Whether a part of the greeting waits for the peer's, which may wait likewise. */
  get isWaitingForPeer(): boolean {
    return this.#handshake !== undefined && this.#handshake.isWaitingForPeer;
  }

  /** Has `next` say that part all the same. */
  stopWaiting(): void {
    this.#handshake?.stopWaiting();
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

  /** Whether a frame has begun that is not there whole. */
  get isPartial(): boolean {
    return this.#handshake === undefined && this.#decoder.isPartial;
  }

  /** Takes bytes from the peer; they must not change afterwards. */
  receive(chunk: Uint8Array): void {
    if (this.#handshake !== undefined) this.#handshake.receive(chunk);
    else this.#decoder.push(chunk);
  }

  /**
   * The next message or event, or `undefined` until more bytes come, or, with
   * `isSpent`, until `rest` is called.
   *
   * @throws {ProtocolError} The peer broke the protocol.
   */
  next(): Message | ConnectionEvent | undefined {
    if (this.#handshake !== undefined) return this.#open(this.#handshake);
    for (;;) {
      if (this.#work >= WORK_PER_TURN) return undefined;
      let body = this.#decoder.next();
      if (body === undefined) return undefined;
      let flags = this.#decoder.flags;
      this.#work += this.#frameWork + (body.byteLength >> PLAIN_SHIFT);
      if (this.#cipher !== undefined) {
        this.#work += SEALED_WORK + (body.byteLength >> SEALED_SHIFT);
        ({ flags, body } = this.#cipher.open(body));
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

  /** Whether the peer has had its part of a turn. */
  get isSpent(): boolean {
    return this.#work >= WORK_PER_TURN;
  }

  /** A turn of the event loop is over. */
  rest(): void {
    this.#work = 0;
  }

  /** Goes on with a handshake that waits: lets the peer in, or tells it why not and hears it no more. */
  resume(verdict: Verdict): void {
    this.#handshake?.resume(verdict);
  }

  /**
   * Encodes a message; only once the connection is open.
   *
   * @throws {ZmqError} `EMSGSIZE` if a frame is too large to be sealed; nothing is encoded then.
   */
  send(message: Message): void {
    const command = this.#hasCommands ? this.#commandOf(message) : undefined;
    if (command !== undefined) this.#encode(command);
    else if (this.#cipher === undefined) this.#encoder.message(message);
    else this.#seal(message, this.#cipher);
  }

  /**
   * Encodes a PING; only for a peer whose version has commands.
   *
   * @param timeToLiveMs How long the peer may go without traffic from here; 0 for ever.
   */
  ping(timeToLiveMs: number): void {
    const ttl = Math.min(0xffff, Math.ceil(timeToLiveMs / 100));
    this.#encode(encodeCommand("PING", Uint8Array.of(ttl >> 8, ttl & 0xff)));
  }

  /** Encodes a PONG that nobody has asked for: a sign of life. */
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
      if (isSubscribed) this.#decoder.framing = FRAMING_2_SLIP;
      if (handshake.isDone) this.#handshake = undefined;
    }
    return item;
  }

  /** The command that a message of a SUB, an XSUB or a DISH becomes, if it does. */
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
      this.#encoder.frame(this.#cipher.seal(COMMAND, command), 0);
    }
  }

  #seal(message: Message, cipher: Cipher): void {
    // Before the first: half a message would be the beginning of the next one.
    requireSealable(message, this.#settings.maxSealedSize);
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

  /** Subscriptions go to the socket in the form that ZMTP 3.0 has on the wire. */
  #subscription(first: 0 | 1, topic: Uint8Array): Message | undefined {
    if (this.#traits.publishes !== "topics") return undefined;
    return [subscriptionFrame(first, topic)];
  }

  /** Judges a frame by its header, before anything of it is kept. */
  readonly #admit = (size: number, flags: number): void => {
    if (this.#handshake !== undefined) this.#handshake.admit(size, flags);
    else if (this.#cipher === undefined) this.#judge(size, flags);
    else {
      // Whether a sealed frame is a command is known, and judged, once it is open.
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
    const before = this.#frames?.length ?? 0;
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
