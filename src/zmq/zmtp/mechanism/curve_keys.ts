/**
 * Layer: zmtp. Creates keys for CURVE.
 *
 * Uses the runtime's own X25519, which needs no loading, so a program can
 * create keys synchronously, as with zeromq.js. Encryption uses libsodium.
 * `node:crypto` is loaded with the first key, as most programs need none.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { KeyObject } from "node:crypto";
import process from "node:process";
import { ZmqError } from "../../errors.ts";
import { z85Decode, z85Encode } from "../../z85.ts";

/** A pair of keys for CURVE, in Z85, 40 characters each. */
export interface CurveKeyPair {
  /** The key to share with peers. */
  publicKey: string;
  /** The key to keep secret. */
  secretKey: string;
}

/** The bytes before the 32 bytes of a secret X25519 key in PKCS #8 (RFC 8410). */
const PKCS8_HEAD = Uint8Array.of(
  ...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06],
  ...[0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20],
);

/**
 * Creates a pair of keys for CURVE.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * const server = zmq.curveKeyPair();
 * const client = zmq.curveKeyPair();
 * await using reply = new zmq.Reply({
 *   curveServer: true,
 *   curveSecretKey: server.secretKey,
 *   curveAllowedKeys: [client.publicKey],
 * });
 * await using request = new zmq.Request({
 *   curveServerKey: server.publicKey,
 *   curvePublicKey: client.publicKey,
 *   curveSecretKey: client.secretKey,
 * });
 * await reply.bind("tcp://127.0.0.1:*");
 * request.connect(reply.lastEndpoint!);
 * await request.send("only you can read this");
 * await reply.receive();
 * ```
 */
export function curveKeyPair(): CurveKeyPair {
  const { privateKey } = crypto().generateKeyPairSync("x25519");
  const { x, d } = privateKey.export({ format: "jwk" });
  return { publicKey: z85OfBase64(x!), secretKey: z85OfBase64(d!) };
}

/**
 * The public key of a secret key, both in Z85.
 *
 * @throws {ZmqError} `EINVAL` if the key is malformed.
 */
export function curvePublicKey(secretKey: string): string {
  const key = z85Decode(secretKey);
  if (key.byteLength !== 32) {
    throw new ZmqError("EINVAL", "A Z85 key must have 40 characters");
  }
  const publicKey = crypto().createPublicKey(privateKeyOf(key));
  const { x } = publicKey.export({ format: "jwk" });
  return z85OfBase64(x!);
}

function privateKeyOf(secret: Uint8Array): KeyObject {
  const key = Buffer.concat([PKCS8_HEAD, secret]);
  return crypto().createPrivateKey({ key, format: "der", type: "pkcs8" });
}

function crypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}

function z85OfBase64(text: string): string {
  return z85Encode(Buffer.from(text, "base64url"));
}
