/**
 * Layer: pipeline/model. CURVE for all sockets of a pipeline: the options of
 * either side. Without keys everything is in the clear, which only loopback
 * may be.
 *
 * @module
 */
import { optionNames } from "../../util/check_options.ts";
import { invalid, requireOptions } from "./check.ts";
import { PipelineError } from "./errors.ts";

/** Z85: 85 letters, digits and signs. */
const KEY = /^[0-9A-Za-z.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/;

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

const SERVER = optionNames<PipelineSecurity>({
  publicKey: true,
  secretKey: true,
  allowedKeys: true,
});
const PEER = optionNames<PeerSecurity>({
  publicKey: true,
  secretKey: true,
  serverKey: true,
});

/**
 * Refuses what are no keys of a pipeline; none at all are fine.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireServer(security: PipelineSecurity | undefined): void {
  requireOptions(security, SERVER, "security");
  if (security === undefined) return;
  requireKey("publicKey", security.publicKey);
  requireKey("secretKey", security.secretKey);
  const { allowedKeys } = security;
  if (allowedKeys === undefined) return;
  if (!Array.isArray(allowedKeys)) {
    throw invalid("allowedKeys of security must be a list of public keys");
  }
  for (const key of allowedKeys) requireKey("allowedKeys", key);
}

/**
 * Refuses what are no keys of a step or a client; none at all are fine.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requirePeer(security: PeerSecurity | undefined): void {
  requireOptions(security, PEER, "security");
  if (security === undefined) return;
  requireKey("publicKey", security.publicKey);
  requireKey("secretKey", security.secretKey);
  requireKey("serverKey", security.serverKey);
}

/** The key itself is not told: it may be a secret. */
function requireKey(name: string, key: unknown): void {
  if (typeof key === "string" && KEY.test(key)) return;
  throw invalid(
    `${name} of security must be a key of 40 characters, as curveKeyPair() makes it`,
  );
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
 * The keys of the link to a worker: both sides have some, or neither.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INSECURE`.
 */
export function linkOptions(
  security: PipelineSecurity | undefined,
  key: string | undefined,
): object {
  if ((security === undefined) === (key === undefined)) {
    return clientOptions(security, key);
  }
  throw new PipelineError(
    "ERR_PIPELINE_INSECURE",
    security === undefined
      ? "it has keys, and the pipeline has none"
      : "it has no keys, and the pipeline has",
  );
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
    `"${address}" can be reached by other machines, and nothing protects it: give keys for CURVE ` +
      "(security; --keys on the command line), or, in a network that you trust, " +
      "insecure: true (--insecure)",
  );
}

/** Whether only this machine can reach an address. */
export function isLocal(address: string): boolean {
  if (!/^tcp:/i.test(address)) return true;
  // Before a semicolon is only where a connection comes from.
  const target = address.slice(address.lastIndexOf(";") + 1)
    .replace(/^tcp:\/\//i, "");
  return /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost):[^:]*$/i.test(target);
}
