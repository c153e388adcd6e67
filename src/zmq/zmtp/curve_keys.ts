/**
 * Layer: zmtp. Makes keys for CURVE.
 *
 * Deliberately unlike zeromq.js these are asynchronous: libsodium is loaded
 * when the first key is needed.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import { newKeyPair } from "./mechanism/curve_box.ts";
import { loadSodium, sodium } from "./mechanism/sodium.ts";
import { z85Decode, z85Encode } from "../z85.ts";

/**
 * Makes a pair of keys for CURVE, in Z85, 40 characters each.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * const server = await zmq.curveKeyPair();
 * const client = await zmq.curveKeyPair();
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
 * await request.send("nobody else can read this");
 * await reply.receive();
 * ```
 */
export async function curveKeyPair(): Promise<
  { publicKey: string; secretKey: string }
> {
  await loadSodium();
  const { publicKey, secretKey } = newKeyPair();
  return { publicKey: z85Encode(publicKey), secretKey: z85Encode(secretKey) };
}

/**
 * The public key of a secret key, both in Z85.
 *
 * @throws {ZmqError} `EINVAL` if the key is malformed.
 */
export async function curvePublicKey(secretKey: string): Promise<string> {
  const key = z85Decode(secretKey);
  if (key.byteLength !== 32) {
    throw new ZmqError("EINVAL", "A key has 40 characters in Z85");
  }
  await loadSodium();
  return z85Encode(sodium().crypto_scalarmult_base(key));
}
