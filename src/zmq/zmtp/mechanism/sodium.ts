/**
 * Layer: zmtp. The cryptography of CURVE: libsodium in WebAssembly, loaded
 * when the first socket needs it. Everything after that is synchronous.
 *
 * @module
 */
import type Sodium from "libsodium-wrappers";
import { ZmqError } from "../../errors.ts";

let loaded: typeof Sodium | undefined;

/** Loads libsodium; resolves at once if it is loaded already. */
export async function loadSodium(): Promise<void> {
  if (loaded !== undefined) return;
  const { default: sodium } = await import("libsodium-wrappers");
  await sodium.ready;
  loaded = sodium;
}

/**
 * libsodium.
 *
 * @throws {ZmqError} `EINVAL` if `loadSodium` has not completed.
 */
export function sodium(): typeof Sodium {
  if (loaded !== undefined) return loaded;
  throw new ZmqError("EINVAL", "libsodium is not loaded");
}
