/**
 * Layer: zmtp. What both sides of CURVE share (RFC 26): boxes with their
 * nonces, and the protection of frames after the handshake.
 *
 * @module
 */
import { allocate, asFrame, concat, encodeText } from "../../bytes.ts";
import { ProtocolError, ZmqError } from "../../errors.ts";
import { COMMAND, MORE } from "../framing.ts";
import { forged, malformed } from "./failures.ts";
import type { Cipher } from "./mechanism.ts";
import { sodium } from "./sodium.ts";

/** The flags inside a MESSAGE, which differ from those of a frame. */
const INNER_MORE = 1;
const INNER_COMMAND = 2;
/** `\x07MESSAGE` and the short nonce. */
const MESSAGE_HEAD = 16;
/** After the head: the authenticator of the box, and the flags in it. */
const MESSAGE_LEAST = MESSAGE_HEAD + 16 + 1;
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
}

/** Detects MESSAGEs of the peer that are replayed, reordered or missing. */
export class PeerNonce {
  #last = 0n;

  /**
   * Takes the number of a command of the handshake, which may be any: those of
   * MESSAGE follow the greatest. Nothing can be replayed here: each command
   * comes once, under its own key or nonce prefix. libzmq and JeroMQ do not
   * check it, and not every implementation counts here.
   */
  begin(bytes: Uint8Array): void {
    const number = numberIn(bytes);
    if (number > this.#last) this.#last = number;
  }

  /**
   * Takes the number of a MESSAGE, which must be the next one: if a frame were
   * missing, the ones around it could form a message that was never sent.
   */
  checkNext(bytes: Uint8Array): void {
    if (numberIn(bytes) === ++this.#last) return;
    throw new ProtocolError(
      "ERR_ZMTP_INVALID_SEQUENCE",
      "The peer's nonce is not greater than its last one",
    );
  }
}

function numberIn(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
}

/** MESSAGE: encrypts every frame after the handshake. */
export class CurveCipher implements Cipher {
  readonly overhead = MESSAGE_LEAST;
  readonly #key: Uint8Array;
  readonly #own: ShortNonce;
  readonly #peer: PeerNonce;
  readonly #ownPrefix: string;
  readonly #peerPrefix: string;

  /** The key and the counters continue from the handshake. */
  constructor(
    key: Uint8Array,
    own: ShortNonce,
    peer: PeerNonce,
    isServer: boolean,
  ) {
    this.#key = key;
    this.#own = own;
    this.#peer = peer;
    this.#ownPrefix = isServer ? "CurveZMQMESSAGES" : "CurveZMQMESSAGEC";
    this.#peerPrefix = isServer ? "CurveZMQMESSAGEC" : "CurveZMQMESSAGES";
  }

  seal(flags: number, body: Uint8Array): Uint8Array {
    const plain = allocate(1 + body.byteLength);
    plain[0] = ((flags & MORE) !== 0 ? INNER_MORE : 0) |
      ((flags & COMMAND) !== 0 ? INNER_COMMAND : 0);
    plain.set(body, 1);
    const short = this.#own.take();
    const box = seal(plain, nonceOf(this.#ownPrefix, short), this.#key);
    return concat([MESSAGE_NAME, short, box]);
  }

  open(sealed: Uint8Array): { flags: number; body: Uint8Array } {
    if (sealed.byteLength < MESSAGE_LEAST || !isMessage(sealed)) {
      throw malformed("MESSAGE");
    }
    const short = sealed.subarray(8, MESSAGE_HEAD);
    this.#peer.checkNext(short);
    const plain = open(
      "MESSAGE",
      sealed.subarray(MESSAGE_HEAD),
      nonceOf(this.#peerPrefix, short),
      this.#key,
    );
    const inner = plain[0]!;
    const flags = ((inner & INNER_MORE) !== 0 ? MORE : 0) |
      ((inner & INNER_COMMAND) !== 0 ? COMMAND : 0);
    return { flags, body: asFrame(plain.subarray(1)) };
  }
}

function isMessage(bytes: Uint8Array): boolean {
  for (let i = 0; i < 8; i++) if (bytes[i] !== MESSAGE_NAME[i]) return false;
  return true;
}
