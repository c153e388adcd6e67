/**
 * Layer: pipeline/model. CURVE for all sockets of a pipeline: the options of
 * either side. Without keys everything is in the clear, which only loopback
 * may be.
 *
 * @module
 */
import { PipelineError } from "./errors.ts";

/** A pair of keys, as `zmq.curveKeyPair()` makes them. */
export interface Keys {
  /** In Z85, 40 characters; others may know it. */
  readonly publicKey: string;
  /** In Z85, 40 characters; nobody else may. */
  readonly secretKey: string;
}

/** How a pipeline is protected. */
export interface PipelineSecurity extends Keys {
  /** The public keys of the steps and clients that may come in; all who know the pipeline's key, where this is absent. */
  readonly allowedKeys?: readonly string[];
}

/** How a step or a client reaches a protected pipeline. */
export interface PeerSecurity extends Keys {
  /** The public key of the pipeline. */
  readonly serverKey: string;
}

/** The options of a socket that lets others in. */
export function serverOptions(
  keys: Keys | undefined,
  allowedKeys?: readonly string[],
): object {
  if (keys === undefined) return {};
  return {
    curveServer: true,
    curveSecretKey: keys.secretKey,
    curveAllowedKeys: allowedKeys ?? null,
  };
}

/** The options of a socket that comes in. */
export function clientOptions(
  keys: Keys | undefined,
  serverKey: string | undefined,
): object {
  if (keys === undefined || serverKey === undefined) return {};
  return {
    curvePublicKey: keys.publicKey,
    curveSecretKey: keys.secretKey,
    curveServerKey: serverKey,
  };
}

/**
 * Refuses an address that other machines can reach, if nothing protects it.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INSECURE`.
 */
export function requireSafe(address: string, isProtected: boolean): void {
  if (isProtected || isLocal(address)) return;
  throw new PipelineError(
    "ERR_PIPELINE_INSECURE",
    `"${address}" can be reached by other machines: give keys for CURVE, or say insecure: true`,
  );
}

/** Whether only this machine can reach an address. */
export function isLocal(address: string): boolean {
  if (!/^tcp:/i.test(address)) return true;
  return /^tcp:\/\/(127\.\d+\.\d+\.\d+|\[::1\]|localhost):/i.test(address);
}
