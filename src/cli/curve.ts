/**
 * Layer: cli. Converts keys to options of a socket.
 *
 * @module
 */
import type { SecurityOptions } from "../zmq/mod.ts";
import type { ClientKeys, ServerKeys } from "./keys.ts";

/** The options of a CURVE server. */
export function curveServer(
  keys: ServerKeys | undefined,
): Partial<SecurityOptions> {
  if (keys === undefined) return {};
  return {
    curveServer: true,
    curveSecretKey: keys.secretKey,
    curveAllowedKeys: keys.allowedKeys ?? null,
  };
}

/** The options of a CURVE client. */
export function curveClient(
  keys: ClientKeys | undefined,
): Partial<SecurityOptions> {
  if (keys === undefined) return {};
  return {
    curvePublicKey: keys.publicKey,
    curveSecretKey: keys.secretKey,
    curveServerKey: keys.serverKey,
  };
}
