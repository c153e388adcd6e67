/**
 * Layer: pipeline/model. A token for a pipeline on loopback: only peers that
 * know it may connect. It travels as the password of ZMTP's PLAIN (RFC 24), in
 * the clear, so it never leaves the machine.
 *
 * @module
 */
import type { AuthRequest } from "../../zmq/mod.ts";
import { invalid } from "./check.ts";
import { PipelineError } from "./pipeline_error.ts";
import { isLocal } from "./is_local.ts";

/** The user name that goes with a token. */
export const TOKEN_USER = "agentzero";

/** The fewest characters of a token, and the most that PLAIN can carry. */
const LEAST = 16;
const MOST = 255;
const FORM = /^[\x21-\x7e]+$/;

/**
 * Throws unless the value is a token, or undefined. The error does not show it.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INVALID`.
 */
export function requireToken(
  token: unknown,
  security: object | undefined,
): void {
  if (token === undefined) return;
  if (typeof token !== "string" || !FORM.test(token)) {
    throw invalid(
      "token must be text of visible ASCII characters, without spaces",
    );
  }
  if (token.length < LEAST || token.length > MOST) {
    throw invalid(
      `token must have ${LEAST} to ${MOST} characters, not ${token.length}`,
    );
  }
  if (security === undefined) return;
  throw invalid(
    "token and security exclude each other: keys for CURVE say already who may connect",
    "token",
    "security",
  );
}

/**
 * Refuses an address beyond loopback, where others could read the token.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INSECURE`.
 */
export function requireTokenAddress(
  address: string,
  token: string | undefined,
): void {
  if (token === undefined || isLocal(address)) return;
  throw new PipelineError(
    "ERR_PIPELINE_INSECURE",
    `A token is for loopback only, since it travels in the clear, and "${address}" is not on ` +
      "loopback: use keys for CURVE instead (security; --keys and --server-key on the command line)",
  );
}

/** The options of a socket that accepts connections with this token. */
export function tokenServerOptions(token: string): object {
  return {
    plainServer: true,
    authenticate: ({ username, password }: AuthRequest) =>
      isSameText(username ?? "", TOKEN_USER) &&
      isSameText(password ?? "", token),
  };
}

/** The options of a socket that connects with this token. */
export function tokenClientOptions(token: string): object {
  return { plainUsername: TOKEN_USER, plainPassword: token };
}

/** Compares in a time that depends on the given text alone, not on where they differ. */
export function isSameText(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let i = 0; i < given.length; i++) {
    difference |= given.charCodeAt(i) ^
      expected.charCodeAt(i % expected.length);
  }
  return difference === 0;
}
