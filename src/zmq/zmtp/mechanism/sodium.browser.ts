/**
 * Layer: zmtp. The cryptography of CURVE, which a browser does not need: see
 * `../../transport/browser/web_sockets.ts`.
 *
 * @module
 */
import { ZmqError } from "../../errors.ts";
import type { CurveBackend } from "./sodium.ts";

export type { CurveBackend };

/** @throws {ZmqError} `ENOTSUP`. */
export function loadSodium(): Promise<void> {
  return Promise.reject(notHere());
}

/** @throws {ZmqError} `ENOTSUP`. */
export function curveBackend(): Promise<CurveBackend> {
  return Promise.reject(notHere());
}

function notHere(): ZmqError {
  return new ZmqError("ENOTSUP", "CURVE is not available in a browser");
}
