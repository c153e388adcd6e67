/**
 * Layer: zmtp. The client side of CURVE (RFC 26): it knows the server's
 * long-term key, and proves that it has its own.
 *
 *     client ── HELLO(C') ──▶ server ── WELCOME(S', cookie) ──▶ client
 *     client ── INITIATE(cookie, C, vouch) ──▶ server ── READY ──▶ client
 *
 * Names as in the RFC: C and S are long-term keys, C' and S' those of this
 * connection.
 *
 * @module
 */
import { allocate, concat } from "../../bytes.ts";
import {
  type Command,
  decodeMetadata,
  encodeCommand,
  encodeMetadata,
  type Metadata,
} from "../command.ts";
import {
  CurveCipher,
  type KeyPair,
  newKeyPair,
  nonceOf,
  open,
  PeerNonce,
  seal,
  sharedKey,
  ShortNonce,
} from "./curve_box.ts";
import { malformed, peerError, unexpected } from "./failures.ts";
import type { Mechanism, OwnProperties } from "./mechanism.ts";
import { sodium } from "./sodium.ts";

/** The keys of a client. */
export interface CurveClientKeys extends KeyPair {
  /** The server's long-term public key, 32 bytes. */
  readonly serverKey: Uint8Array;
}

/** The client side of CURVE on one connection. */
export class CurveClient implements Mechanism {
  readonly name = "CURVE";
  readonly isSafeToBegin = true;
  readonly waitsForPeer = false;
  readonly isServer = false;
  readonly credentials = undefined;
  metadata: Metadata | undefined;
  cipher: CurveCipher | undefined;
  readonly #properties: OwnProperties;
  readonly #keys: CurveClientKeys;
  readonly #own: KeyPair = newKeyPair();
  readonly #nonce: ShortNonce = new ShortNonce();
  readonly #peerNonce: PeerNonce = new PeerNonce();
  /** The key of this connection, once S' is known. */
  #sessionKey: Uint8Array | undefined;

  /** @param properties The metadata of this side. */
  constructor(properties: OwnProperties, keys: CurveClientKeys) {
    this.#properties = properties;
    this.#keys = keys;
  }

  open(): Uint8Array {
    const short = this.#nonce.take();
    const key = sharedKey(this.#keys.serverKey, this.#own.secretKey);
    const zeros = allocate(64).fill(0);
    return encodeCommand(
      "HELLO",
      Uint8Array.of(1, 0), // CurveZMQ 1.0
      allocate(72).fill(0), // so that HELLO is larger than WELCOME: no amplification
      this.#own.publicKey,
      short,
      seal(zeros, nonceOf("CurveZMQHELLO---", short), key),
    );
  }

  receive(command: Command): Uint8Array | undefined {
    if (command.name === "ERROR") throw peerError(command);
    if (this.#sessionKey === undefined) {
      if (command.name !== "WELCOME") throw unexpected(command, "WELCOME");
      return this.#initiate(command.data);
    }
    if (command.name !== "READY") throw unexpected(command, "READY");
    this.#ready(command.data, this.#sessionKey);
    return undefined;
  }

  resume(): undefined {}

  #initiate(welcome: Uint8Array): Uint8Array {
    if (welcome.byteLength !== 160) throw malformed("WELCOME");
    const plain = open(
      "WELCOME",
      welcome.subarray(16),
      nonceOf("WELCOME-", welcome.subarray(0, 16)),
      sharedKey(this.#keys.serverKey, this.#own.secretKey),
    );
    const serverKey = plain.slice(0, 32); // S'
    const cookie = plain.subarray(32);
    const key = sharedKey(serverKey, this.#own.secretKey);
    this.#sessionKey = key;

    const vouchNonce = sodium().randombytes_buf(16);
    const vouch = seal(
      concat([this.#own.publicKey, this.#keys.serverKey]),
      nonceOf("VOUCH---", vouchNonce),
      sharedKey(serverKey, this.#keys.secretKey),
    );
    const short = this.#nonce.take();
    const box = seal(
      concat([
        this.#keys.publicKey,
        vouchNonce,
        vouch,
        encodeMetadata(this.#properties),
      ]),
      nonceOf("CurveZMQINITIATE", short),
      key,
    );
    return encodeCommand("INITIATE", cookie, short, box);
  }

  #ready(data: Uint8Array, key: Uint8Array): void {
    if (data.byteLength < 8 + 16) throw malformed("READY");
    const short = data.subarray(0, 8);
    this.#peerNonce.begin(short);
    const plain = open(
      "READY",
      data.subarray(8),
      nonceOf("CurveZMQREADY---", short),
      key,
    );
    this.metadata = decodeMetadata(plain, "ERR_ZMTP_MALFORMED_COMMAND_READY");
    this.cipher = new CurveCipher(key, this.#nonce, this.#peerNonce, false);
  }
}
