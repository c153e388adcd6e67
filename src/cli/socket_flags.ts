/**
 * Layer: cli. The common options of `send` and `recv`: the addresses and keys of
 * the socket, and the format of messages.
 *
 * @module
 */
import { type Command, Option } from "commander";
import type { SecurityOptions, Socket } from "../zmq/mod.ts";
import { curveClient, curveServer } from "./curve.ts";
import { usageError } from "./cli_error.ts";
import { type Format, FORMATS } from "./frames.ts";
import {
  addClientKeys,
  type ClientKeyFlags,
  clientKeys,
  serverKeys,
} from "./keys.ts";
import type { Shell } from "./shell.ts";
import { list } from "./values.ts";

/** The options of both commands. */
export interface SocketFlags extends ClientKeyFlags {
  readonly connect?: readonly string[];
  readonly bind?: readonly string[];
  readonly allow?: readonly string[];
  readonly format?: Format;
  /** In milliseconds. */
  readonly timeout?: number;
}

/** Adds the options of both commands. */
export function addSocketFlags(command: Command): Command {
  command
    .option(
      "--connect <address>",
      "connect to this address; can be repeated",
      list,
    )
    .option(
      "--bind <address>",
      "listen at this address; can be repeated",
      list,
    )
    .addOption(
      new Option(
        "--format <format>",
        "how messages are written (default: text)",
      )
        .choices(FORMATS),
    );
  return addClientKeys(command).option(
    "--allow <key>",
    "with --keys and without --server-key: a public key that may connect, or a file of them; can be repeated",
    list,
  );
}

/** The format, which `--json` sets, too. */
export function formatOf({ format }: SocketFlags, shell: Shell): Format {
  if (!shell.isJson) return format ?? "text";
  if (format === undefined || format === "json") return "json";
  throw usageError(`--json and --format ${format} exclude each other`);
}

/**
 * The keys as options of the socket: those of a client with `--server-key`,
 * else those of a server.
 *
 * @throws {CliError} `ERR_CLI_USAGE`, `ERR_CLI_FILE`.
 */
export async function curveOf(
  flags: SocketFlags,
): Promise<Partial<SecurityOptions>> {
  if (flags.serverKey === undefined) {
    return curveServer(await serverKeys(flags));
  }
  if (flags.allow !== undefined) {
    throw usageError("--allow and --server-key exclude each other");
  }
  return curveClient(await clientKeys(flags));
}

/** Binds and connects, and writes the bound addresses to stderr. */
export async function open(
  socket: Socket,
  { connect = [], bind = [] }: SocketFlags,
  shell: Shell,
): Promise<void> {
  if (connect.length + bind.length === 0) {
    throw usageError("No address: give --connect or --bind");
  }
  for (const address of bind) {
    await socket.bind(address);
    const bound = socket.lastEndpoint!;
    await shell.note(`bound to ${bound}`, { event: "bound", address: bound });
  }
  for (const address of connect) socket.connect(address);
}
