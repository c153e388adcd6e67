/**
 * Layer: cli. The credentials of a command that connects to a pipeline: keys, a
 * token, or neither.
 *
 * @module
 */
import type { Command } from "commander";
import { tokenClientOptions } from "../pipeline/model/token.ts";
import { curveClient } from "./curve.ts";
import {
  addClientKeys,
  type ClientKeyFlags,
  type ClientKeys,
  clientKeys,
} from "./keys.ts";
import { addToken, type TokenFlags, tokenOf } from "./token.ts";

/** The options of a command that connects to a pipeline. */
export interface AccessFlags extends ClientKeyFlags, TokenFlags {}

/** The credentials; at most one of them is set. */
export interface Access {
  readonly security?: ClientKeys | undefined;
  readonly token?: string | undefined;
}

/** Adds the options. */
export function addAccess(command: Command): Command {
  return addToken(addClientKeys(command));
}

/**
 * The credentials that the options give.
 *
 * @throws {CliError} `ERR_CLI_USAGE`, `ERR_CLI_FILE`.
 */
export async function accessOf(flags: AccessFlags): Promise<Access> {
  return { security: await clientKeys(flags), token: await tokenOf(flags) };
}

/** The options of a socket with these credentials. */
export function socketOptions({ security, token }: Access): object {
  return token === undefined
    ? curveClient(security)
    : tokenClientOptions(token);
}
