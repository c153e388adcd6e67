/**
 * Layer: pipeline/model. How the sockets of a pipeline are protected: by keys for
 * CURVE, or on loopback by a token; the options of either side. Without both
 * everything is in the clear, which only loopback may be.
 *
 * @module
 */
import { optionNames } from "../../util/check_options.ts";
import { invalid, requireOptions } from "./check.ts";
import { addressList, type PipelineAddress } from "./pipeline_addresses.ts";
import { PipelineError } from "./pipeline_error.ts";
import { isLocal } from "./is_local.ts";
import {
  type AllowedKeys,
  KeyRoles,
  requireAllowedKeys,
  type Role,
} from "./roles.ts";
import {
  requireToken,
  requireTokenAddress,
  tokenClientOptions,
  tokenServerOptions,
} from "./token.ts";

/** Z85: 85 letters, digits and signs. */
const KEY = /^[0-9A-Za-z.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/;

/** A pair of keys, as `zmq.curveKeyPair()` makes them. */
export interface Keys {
  /** In Z85, 40 characters; others may know it. */
  readonly publicKey: string;
  /** In Z85, 40 characters; known to this side only. */
  readonly secretKey: string;
}

/** How a pipeline is protected. */
export interface PipelineSecurity extends Keys {
  /**
   * The public keys of the steps and clients that may connect, each with every
   * role. Default: where `allow` is absent too, all who know the pipeline's key.
   */
  readonly allowedKeys?: readonly string[];
  /** The public keys that may connect, by role; beside `allowedKeys`, if there are any. */
  readonly allow?: AllowedKeys;
}

/** How a step or a client reaches a protected pipeline. */
export interface PeerSecurity extends Keys {
  /** The public key of the pipeline. */
  readonly serverKey: string;
}

/** What protects a pipeline: keys, a token, or neither. */
export interface Protection {
  readonly security?: PipelineSecurity;
  readonly token?: string;
}

/** With what a step or a client connects. */
export interface PeerProtection {
  /** Where the pipeline takes requests. */
  readonly pipeline: PipelineAddress;
  readonly security?: PeerSecurity;
  readonly token?: string;
}

const SERVER = optionNames<PipelineSecurity>({
  publicKey: true,
  secretKey: true,
  allowedKeys: true,
  allow: true,
});
const PEER = optionNames<PeerSecurity>({
  publicKey: true,
  secretKey: true,
  serverKey: true,
});

/**
 * Throws for security options with which a pipeline cannot be protected. Without
 * any, it does not throw.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireServer({ security, token }: Protection): void {
  requireOptions(security, SERVER, "security");
  requireToken(token, security);
  if (security === undefined) return;
  requireKey("publicKey", security.publicKey);
  requireKey("secretKey", security.secretKey);
  const { allowedKeys, allow } = security;
  requireAllowedKeys(allow, requireKey);
  if (allowedKeys === undefined) return;
  if (!Array.isArray(allowedKeys)) {
    throw invalid("allowedKeys of security must be a list of public keys");
  }
  for (const key of allowedKeys) requireKey("allowedKeys", key);
}

/**
 * Throws for security options with which a worker or a client cannot connect.
 * Without any, it does not throw.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`, `ERR_PIPELINE_INSECURE`.
 */
export function requirePeer(
  { pipeline, security, token }: PeerProtection,
): void {
  requireOptions(security, PEER, "security");
  requireToken(token, security);
  for (const address of addressList(pipeline)) {
    requireTokenAddress(address, token);
  }
  if (security === undefined) return;
  requireKey("publicKey", security.publicKey);
  requireKey("secretKey", security.secretKey);
  requireKey("serverKey", security.serverKey);
}

/** Throws unless the value is a key. The error does not show the value, which may be a secret. */
function requireKey(name: string, key: unknown): void {
  if (typeof key === "string" && KEY.test(key)) return;
  throw invalid(
    `${name} of security must be a key of 40 characters, as curveKeyPair() makes it`,
  );
}

/** The roles of the keys of a pipeline; `undefined` where every key has all of them. */
export function keyRolesOf(
  security: PipelineSecurity | undefined,
): KeyRoles | undefined {
  if (security?.allow === undefined) return undefined;
  return new KeyRoles(security.allow, allowedKeysOf(security));
}

/** The options of a pipeline's socket, to which peers with one of these roles may connect. */
export function serverOptions(
  { security, token }: Protection,
  roles: readonly Role[],
): object {
  if (token !== undefined) return tokenServerOptions(token);
  if (security === undefined) return {};
  const keys = keyRolesOf(security)?.keysOf(roles) ?? allowedKeysOf(security);
  return curveServerOptions(security, keys);
}

/** The keys with every role: also that of the pipeline, of which other processes may have a part. */
function allowedKeysOf(
  { allow, allowedKeys, publicKey }: PipelineSecurity,
): readonly string[] | undefined {
  return allow === undefined && allowedKeys === undefined
    ? undefined
    : [...allowedKeys ?? [], publicKey];
}

/** The options of a socket with which a process of a pipeline connects to another one. */
export function memberOptions({ security, token }: Protection): object {
  if (security === undefined) return clientOptions({ token });
  const { publicKey, secretKey } = security;
  return clientOptions({
    security: { publicKey, secretKey, serverKey: publicKey },
  });
}

/** The options of a socket that connects to a pipeline. */
export function clientOptions(
  { security, token }: Omit<PeerProtection, "pipeline">,
): object {
  if (token !== undefined) return tokenClientOptions(token);
  return curveClientOptions(security, security?.serverKey);
}

/** The options of the socket at which a worker takes jobs: its pipeline alone may connect. */
export function jobsOptions(
  { security, token }: Omit<PeerProtection, "pipeline">,
): object {
  if (token !== undefined) return tokenServerOptions(token);
  if (security === undefined) return {};
  return curveServerOptions(security, [security.serverKey]);
}

/**
 * The options of the link to a worker: both sides have keys, or neither.
 *
 * @param key The worker's.
 * @throws {PipelineError} `ERR_PIPELINE_INSECURE`.
 */
export function linkOptions(
  { security, token }: Protection,
  key: string | undefined,
): object {
  if ((security === undefined) === (key === undefined)) {
    return token === undefined
      ? curveClientOptions(security, key)
      : tokenClientOptions(token);
  }
  throw new PipelineError(
    "ERR_PIPELINE_INSECURE",
    security === undefined
      ? "it has keys, and the pipeline has none"
      : "it has no keys, and the pipeline has",
  );
}

function curveServerOptions(
  { secretKey }: Keys,
  allowedKeys: readonly string[] | undefined,
): object {
  return {
    curveServer: true,
    curveSecretKey: secretKey,
    curveAllowedKeys: allowedKeys ?? null,
  };
}

function curveClientOptions(
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

const PROTECT = "give keys for CURVE (security; --keys on the command line), " +
  "or, in a network that you trust, insecure: true (--insecure)";

/**
 * Refuses an address that other machines can reach, if nothing protects it.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INSECURE`.
 */
export function requireSafe(address: string, isProtected: boolean): void {
  if (isProtected || isLocal(address)) return;
  throw new PipelineError(
    "ERR_PIPELINE_INSECURE",
    `"${address}" can be reached by other machines, and nothing protects it: ${PROTECT}`,
    { options: ["security"], advice: PROTECT },
  );
}
