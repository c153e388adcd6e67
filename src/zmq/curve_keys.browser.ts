/**
 * Layer: zmq, bottom. Keys for CURVE: a browser has no mechanism that would use
 * them, and its X25519 is not synchronous.
 *
 * @module
 */
import type { CurveKeyPair } from "./curve_keys.ts";
import { ZmqError } from "./errors.ts";

export type { CurveKeyPair };

/** @throws {ZmqError} `ENOTSUP`. */
export function curveKeyPair(): CurveKeyPair {
  throw notHere();
}

/** @throws {ZmqError} `ENOTSUP`. */
export function curvePublicKey(_secretKey: string): string {
  throw notHere();
}

function notHere(): ZmqError {
  return new ZmqError("ENOTSUP", "CURVE is not available in a browser");
}
