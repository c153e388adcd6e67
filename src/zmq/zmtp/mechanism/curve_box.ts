/**
 * Layer: zmtp. What both sides of CURVE share (RFC 26): boxes with their
 * nonces, and the protection of frames after the handshake.
 *
 * @module
 */
import { allocate, concat, encodeText, partOf } from "../../bytes.ts";
import { ProtocolError, ZmqError } from "../../errors.ts";
import { COMMAND, MORE } from "../../framing.ts";
import { forged, malformed } from "./failures.ts";
import { BOX_HEAD, type FrameBox } from "./frame_box.ts";
import type { Cipher } from "./mechanism.ts";
import { frameBox, sodium } from "./sodium.ts";

/** The flags inside a MESSAGE, which differ from those of a frame. */
const INNER_MORE = 1;
const INNER_COMMAND = 2;
/** `\x07MESSAGE` and the short nonce. */
const MESSAGE_HEAD = 16;
/** After the head: the authenticator of the box, and the flags in it. */
const MESSAGE_LEAST = MESSAGE_HEAD + BOX_HEAD + 1;
const MESSAGE_NAME = encodeText("\x07MESSAGE");

/** A pair of keys, 32 bytes each. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** A new pair, for one connection. */
export function newKeyPair(): KeyPair {
  const { publicKey, privateKey } = sodium().crypto_box_keypair();
  return { publicKey, secretKey: privateKey };
}

/**
 * The shared key, which both sides can compute.
 *
 * @throws {ProtocolError} The public key is one of the few that give the same
 *   result for every secret key.
 */
export function sharedKey(
  publicKey: Uint8Array,
  secretKey: Uint8Array,
): Uint8Array {
  try {
    return sodium().crypto_box_beforenm(publicKey, secretKey);
  } catch {
    throw new ProtocolError(
      "ERR_ZMTP_CRYPTOGRAPHIC",
      "The peer's public key is invalid",
    );
  }
}

/**
 * Encrypts with a shared key and a complete nonce of 24 bytes.
 *
 * @throws {ZmqError} `EMSGSIZE` if libsodium runs out of memory; what it throws
 *   is not an `Error`. The connection cannot continue, as the nonce is used up.
 */
export function seal(
  plain: Uint8Array,
  nonce: Uint8Array,
  key: Uint8Array,
): Uint8Array {
  try {
    return sodium().crypto_box_easy_afternm(plain, nonce, key);
  } catch (cause) {
    throw new ZmqError(
      "EMSGSIZE",
      `Cannot encrypt a frame of ${plain.byteLength} bytes with CURVE`,
      { cause },
    );
  }
}

/** Decrypts what `seal` made; `name` is for the error. */
export function open(
  name: string,
  box: Uint8Array,
  nonce: Uint8Array,
  key: Uint8Array,
): Uint8Array {
  try {
    return sodium().crypto_box_open_easy_afternm(box, nonce, key);
  } catch {
    throw forged(name);
  }
}

/** 16 characters and a counter of 8 bytes, or 8 characters and 16 random bytes. */
export function nonceOf(prefix: string, rest: Uint8Array): Uint8Array {
  return concat([encodeText(prefix), rest]);
}

/** The counter of one direction; it never returns a number twice. */
export class ShortNonce {
  #next = 1n;

  /** The next number, as 8 bytes. */
  take(): Uint8Array {
    const bytes = allocate(8);
    new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, this.#next++);
    return bytes;
  }

  /** Continues after the handshake: the numbers of its commands have been used. */
  continueAs(prefix: string): MessageNonce {
    return new MessageNonce(prefix, this.#next - 1n);
  }
}

/** The counter of the peer; it only knows the number to continue from. */
export class PeerNonce {
  #last = 0n;

  /**
   * Takes the number of a command of the handshake, which may be any: those of
   * MESSAGE follow the greatest. Nothing can be replayed here: each command
   * comes once, under its own key or nonce prefix. libzmq and JeroMQ do not
   * check it, and not every implementation counts here.
   */
  begin(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
    const number = view.getBigUint64(0);
    if (number > this.#last) this.#last = number;
  }

  /** Continues after the handshake. */
  continueAs(prefix: string): MessageNonce {
    return new MessageNonce(prefix, this.#last);
  }
}

/** Where the counter of a nonce begins, after 16 characters, and where it ends. */
const COUNTER = 16;
const NONCE_END = 24;

/**
 * The nonces of the MESSAGEs of one direction, counted in place, which takes 4
 * to 9 ns. A bigint and three arrays for each took 290 to 1,900 (Node 20, Deno
 * 2.9, Bun 1.4).
 */
export class MessageNonce {
  /** The nonce that `advance` went to: 16 characters and a number of 8 bytes. */
  readonly bytes: Uint8Array;

  /** @param last The number before the first one. */
  constructor(prefix: string, last: bigint) {
    const counter = allocate(8);
    new DataView(counter.buffer, counter.byteOffset).setBigUint64(0, last);
    this.bytes = nonceOf(prefix, counter);
  }

  /**
   * Goes to the next number.
   *
   * @throws {ProtocolError} There is none after 2^64 - 1, which a peer may
   *   begin with.
   */
  advance(): void {
    const { bytes } = this;
    for (let at = NONCE_END - 1; at >= COUNTER; at--) {
      bytes[at]!++;
      if (bytes[at] !== 0) return; // no carry
    }
    throw outOfSequence();
  }

  /** Copies the number to a MESSAGE. */
  writeNumber(to: Uint8Array, at: number): void {
    for (let i = COUNTER; i < NONCE_END; i++) to[at++] = this.bytes[i]!;
  }

  /** Whether a MESSAGE has this number. */
  hasNumber(message: Uint8Array, at: number): boolean {
    for (let i = COUNTER; i < NONCE_END; i++) {
      if (message[at++] !== this.bytes[i]) return false;
    }
    return true;
  }
}

function outOfSequence(): ProtocolError {
  return new ProtocolError(
    "ERR_ZMTP_INVALID_SEQUENCE",
    "The peer's nonce is not greater than its last one",
  );
}

/** MESSAGE: encrypts every frame after the handshake. */
export class CurveCipher implements Cipher {
  readonly overhead = MESSAGE_LEAST;
  flags = 0;
  readonly #box: FrameBox = frameBox();
  readonly #key: Uint8Array;
  readonly #own: MessageNonce;
  readonly #peer: MessageNonce;

  /** The key and the counters continue from the handshake. */
  constructor(
    key: Uint8Array,
    own: ShortNonce,
    peer: PeerNonce,
    isServer: boolean,
  ) {
    const [ownEnd, peerEnd] = isServer ? ["S", "C"] : ["C", "S"];
    this.#key = key;
    this.#own = own.continueAs(`CurveZMQMESSAGE${ownEnd}`);
    this.#peer = peer.continueAs(`CurveZMQMESSAGE${peerEnd}`);
  }

  seal(flags: number, body: Uint8Array, into: Uint8Array, at: number): void {
    this.#own.advance();
    for (let i = 0; i < 8; i++) into[at + i] = MESSAGE_NAME[i]!;
    this.#own.writeNumber(into, at + 8);
    const inner = ((flags & MORE) !== 0 ? INNER_MORE : 0) |
      ((flags & COMMAND) !== 0 ? INNER_COMMAND : 0);
    const { bytes } = this.#own;
    this.#box.seal(inner, body, into, at + MESSAGE_HEAD, bytes, this.#key);
  }

  open(sealed: Uint8Array): Uint8Array {
    if (sealed.byteLength < MESSAGE_LEAST || !isMessage(sealed)) {
      throw malformed("MESSAGE");
    }
    // If a frame were missing, the ones around it could form a message that
    // was never sent.
    this.#peer.advance();
    if (!this.#peer.hasNumber(sealed, 8)) throw outOfSequence();
    const { bytes } = this.#peer;
    if (!this.#box.open(sealed, MESSAGE_HEAD, bytes, this.#key)) {
      throw forged("MESSAGE");
    }
    const inner = sealed[MESSAGE_LEAST - 1]!;
    this.flags = ((inner & INNER_MORE) !== 0 ? MORE : 0) |
      ((inner & INNER_COMMAND) !== 0 ? COMMAND : 0);
    return partOf(sealed, MESSAGE_LEAST, sealed.byteLength);
  }
}

function isMessage(bytes: Uint8Array): boolean {
  for (let i = 0; i < 8; i++) if (bytes[i] !== MESSAGE_NAME[i]) return false;
  return true;
}
