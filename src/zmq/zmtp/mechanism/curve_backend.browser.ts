/**
 * Layer: zmtp. The cryptography of CURVE in a browser, loaded on demand.
 *
 * @module
 */
import { ZmqError } from "../../errors.ts";
import type { CurveBackend } from "./sodium.ts";

export type { CurveBackend };

let sodium: typeof import("./sodium.ts") | undefined;

/** Loads libsodium, and resolves to its name. */
export async function curveBackend(): Promise<CurveBackend> {
  sodium = await import("./sodium.ts");
  return await sodium.curveBackend();
}

/**
 * libsodium.
 *
 * @throws {ZmqError} `EINVAL` before `await curveBackend()`.
 */
export function loadedSodium(): ReturnType<
  typeof import("./sodium.ts").sodium
> {
  if (sodium !== undefined) return sodium.sodium();
  throw new ZmqError(
    "EINVAL",
    "libsodium is not loaded: await curveBackend() first",
  );
}
