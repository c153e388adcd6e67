/**
 * Layer: cli. Reads keys for CURVE from files and options.
 *
 * A file of keys is JSON with `publicKey` and `secretKey`, as `keygen` writes
 * it, or a certificate of CZMQ. A public key is given directly, or as a file:
 * one that `keygen` wrote, a certificate, or a list with one key per line. A
 * folder of such files stands for all their keys.
 *
 * @module
 */
import type { Command, Option } from "commander";
import {
  type Certificate,
  type CurveKeyPair,
  curveKeyPair,
  curvePublicKey,
  parseCertificate,
} from "../zmq/mod.ts";
import type { PipelineSecurity } from "../pipeline/mod.ts";
import { variableOption } from "./environment.ts";
import { CliError, usageError } from "./cli_error.ts";
import { filesIn, readText } from "./files.ts";
import { list } from "./values.ts";

/** The options of a client. */
export interface ClientKeyFlags {
  readonly keys?: string;
  readonly serverKey?: string;
}

/** The options of a server. */
export interface ServerKeyFlags {
  readonly keys?: string;
  readonly allow?: readonly string[];
}

/** The options of a pipeline, whose keys have roles. */
export interface RoleKeyFlags extends ServerKeyFlags {
  readonly allowClients?: readonly string[];
  readonly allowWorkers?: readonly string[];
  readonly allowOperators?: readonly string[];
}

/** The keys of a client. */
export interface ClientKeys extends CurveKeyPair {
  readonly serverKey: string;
}

/** The keys of a server. */
export interface ServerKeys extends CurveKeyPair {
  readonly allowedKeys?: readonly string[];
}

const KEY = /^[0-9A-Za-z.\-:+=^!/*?&<>()[\]{}@%$#]{40}$/;

/** Adds the options of a client. */
export function addClientKeys(command: Command): Command {
  return command
    .addOption(keysOption())
    .addOption(
      variableOption(
        "--server-key <key>",
        "the public key of the other side, or a file that has it",
        "SERVER_KEY",
      ),
    );
}

/** Adds the options of a server. */
export function addServerKeys(command: Command): Command {
  return command
    .addOption(keysOption())
    .option(
      "--allow <key>",
      "a public key that may connect, or a file of them; can be repeated (default: any client that has the public key)",
      list,
    );
}

/** Adds the options of a pipeline. */
export function addRoleKeys(command: Command): Command {
  return addServerKeys(command)
    .option(
      "--allow-clients <key>",
      "a public key that may submit, read and watch, or a file or folder of them; can be repeated",
      list,
    )
    .option(
      "--allow-workers <key>",
      "a public key that may work, likewise",
      list,
    )
    .option(
      "--allow-operators <key>",
      "a public key that may read and watch, pause, cancel, retry, drain and schedule, likewise",
      list,
    );
}

function keysOption(): Option {
  return variableOption(
    "--keys <file>",
    "this side's keys for CURVE, as keygen makes them",
    "KEYS",
  );
}

/**
 * Returns the keys of a client; `undefined` without the options for them.
 *
 * @throws {CliError} `ERR_CLI_USAGE`, `ERR_CLI_FILE`.
 */
export async function clientKeys(
  { keys, serverKey }: ClientKeyFlags,
): Promise<ClientKeys | undefined> {
  if (serverKey === undefined) {
    if (keys === undefined) return undefined;
    throw usageError("--keys needs --server-key, the other side's public key");
  }
  const [key, ...rest] = await publicKeys(serverKey);
  if (key === undefined || rest.length > 0) {
    throw usageError(`"${serverKey}" has ${rest.length + 1} keys, not one`);
  }
  // If the server accepts every key, one that is generated for this run is enough.
  const own = keys === undefined ? curveKeyPair() : await readKeys(keys);
  return { ...own, serverKey: key };
}

/**
 * Returns the keys of a server; `undefined` without the options for them.
 *
 * @throws {CliError} `ERR_CLI_USAGE`, `ERR_CLI_FILE`.
 */
export async function serverKeys(
  { keys, allow }: ServerKeyFlags,
): Promise<ServerKeys | undefined> {
  if (keys === undefined) {
    if (allow === undefined) return undefined;
    throw usageError(
      "--allow needs --keys: without CURVE clients have no keys",
    );
  }
  const own = await readKeys(keys);
  if (allow === undefined) return own;
  return { ...own, allowedKeys: await allKeys(allow) };
}

/**
 * The keys of a pipeline; `undefined` without any.
 *
 * @throws {CliError} `ERR_CLI_USAGE`, `ERR_CLI_FILE`.
 */
export async function roleKeys(
  flags: RoleKeyFlags,
): Promise<PipelineSecurity | undefined> {
  const { allowClients, allowWorkers, allowOperators } = flags;
  const hasRoles = allowClients ?? allowWorkers ?? allowOperators;
  if (hasRoles !== undefined && flags.keys === undefined) {
    throw usageError(
      "--allow-clients, --allow-workers and --allow-operators need --keys: without CURVE clients have no keys",
    );
  }
  const own = await serverKeys(flags);
  if (own === undefined || hasRoles === undefined) return own;
  const [clients, workers, operators] = await Promise.all(
    [allowClients, allowWorkers, allowOperators].map(allKeys),
  );
  return { ...own, allow: { clients, workers, operators } };
}

async function allKeys(given: readonly string[] = []): Promise<string[]> {
  return (await Promise.all(given.map(publicKeys))).flat();
}

async function readKeys(path: string): Promise<CurveKeyPair> {
  const text = await readText(path);
  const found = jsonOf(text) ?? certificateOf(text);
  const { publicKey, secretKey } = Object(found) as Record<string, unknown>;
  if (!isKey(publicKey) || !isKey(secretKey)) {
    throw malformed(
      path,
      'expected JSON with "publicKey" and "secretKey", or a certificate with the secret key',
    );
  }
  if (curvePublicKey(secretKey) !== publicKey) {
    throw malformed(path, "the public key does not match the secret key");
  }
  return { publicKey, secretKey };
}

/** The public keys of an argument: a key, a file, or a folder, whose files with secret keys are skipped. */
async function publicKeys(given: string): Promise<string[]> {
  if (isKey(given)) return [given];
  const files = await filesIn(given);
  if (files !== undefined) {
    const publicFiles = files.filter((file) => !file.endsWith("_secret"));
    if (publicFiles.length > 0) {
      return (await Promise.all(publicFiles.map(publicKeys))).flat();
    }
    throw malformed(given, "the folder has no keys");
  }
  const text = await readText(given);
  const { publicKey } = Object(jsonOf(text) ?? certificateOf(text)) as {
    publicKey?: unknown;
  };
  if (isKey(publicKey)) return [publicKey];
  const lines = text.split("\n").map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length > 0 && lines.every(isKey)) return lines;
  throw malformed(
    given,
    "expected a public key of 40 characters in each line, or a certificate",
  );
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && KEY.test(value);
}

function certificateOf(text: string): Certificate | undefined {
  try {
    return parseCertificate(text);
  } catch {
    return undefined;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function malformed(path: string, why: string): CliError {
  return new CliError(
    "ERR_CLI_FILE",
    `Cannot use the keys in "${path}": ${why}`,
  );
}
