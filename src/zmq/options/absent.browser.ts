/**
 * Layer: options. The options that do not exist in a browser. The names and
 * reasons of those of libzmq take too much room: they are unknown like any other.
 *
 * @module
 */
import type { Absence } from "./absent.ts";

/** None. */
export const ABSENT_OPTIONS: Readonly<Record<string, Absence>> = {};
/** None. */
export const ABSENT_NUMBERS: Readonly<Record<string, Absence>> = {};
/** None. */
export const ABSENT_CONTEXT_OPTIONS: Readonly<Record<string, Absence>> = {};

/** Options of `server_table.ts` that are not just limits. */
const OF_SERVERS =
  /^(authenticate|curveAllowedKeys|curveServer|plainServer|socks|tcp|tls|ws|zap)/;

/** An option that only servers have, or transports of the operating system. */
export function findAbsent(
  option: string | number,
): { readonly name: string; readonly reason: string } | undefined {
  const name = String(option);
  if (!OF_SERVERS.test(name) || name === "curveServerKey") return undefined;
  const reason =
    "a page authenticates no peers, and its browser makes the connections";
  return { name, reason };
}
