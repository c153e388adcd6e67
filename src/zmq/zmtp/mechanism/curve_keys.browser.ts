/**
 * Layer: zmtp. Keys for CURVE in a browser, by libsodium: the browser's own
 * X25519 is not synchronous, and not there in a page of plain `http:`.
 *
 * @module
 */
import { ZmqError } from "../../errors.ts";
import { z85Decode, z85Encode } from "../../z85.ts";
import { loadedSodium } from "./curve_backend.ts";
import type { CurveKeyPair } from "./curve_keys.ts";

export type { CurveKeyPair };

/**
 * Creates a pair of keys for CURVE.
 *
 * @throws {ZmqError} `EINVAL` before `await curveBackend()` has loaded libsodium.
 */
export function curveKeyPair(): CurveKeyPair {
  const { publicKey, privateKey } = loadedSodium().crypto_box_keypair();
  return { publicKey: z85Encode(publicKey), secretKey: z85Encode(privateKey) };
}

/**
 * The public key of a secret key, both in Z85.
 *
 * @throws {ZmqError} `EINVAL` if the key is malformed, or before
 *   `await curveBackend()` has loaded libsodium.
 */
export function curvePublicKey(secretKey: string): string {
  const key = z85Decode(secretKey);
  if (key.byteLength !== 32) {
    throw new ZmqError("EINVAL", "A Z85 key must have 40 characters");
  }
  return z85Encode(loadedSodium().crypto_scalarmult_base(key));
}
