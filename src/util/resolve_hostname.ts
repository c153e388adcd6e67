/**
 * Layer: util.
 *
 * Resolves host names with the operating system (hosts file, DNS).
 *
 * @module
 */
import process from "node:process";
import { AddressError } from "../errors.ts";
import { untilAborted } from "../async/pending_call.ts";
import { isGranted } from "./deno_permission.ts";

/** The options of {@linkcode resolveHostname}. */
export interface ResolveOptions {
  /** 4 or 6 for that family only; by default IPv4 if there is one. */
  family?: 4 | 6;
  /** Cancels the call, which then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Resolves a host name.
 *
 * @param hostname Host name, or an IP address (with or without brackets), which is returned unchanged.
 * @param options Address family, and a signal to cancel.
 * @returns An IP address, IPv4 if the host has one; IPv6 without brackets.
 * @throws {AddressError} `HOST_NOT_FOUND`, `PERMISSION_DENIED` if Deno denies the permission.
 *
 * @example
 * ```ts
 * import { resolveHostname } from "@agentzero/agentzero";
 *
 * console.log(await resolveHostname("localhost")); // 127.0.0.1
 * ```
 */
export async function resolveHostname(
  hostname: string,
  options: ResolveOptions = {},
): Promise<string> {
  const { family, signal } = options;
  const literal = hostname.replace(/^\[(.*)\]$/, "$1");
  signal?.throwIfAborted();
  const kind = process.getBuiltinModule("node:net").isIP(literal);
  if (kind !== 0 && kind === (family ?? kind)) return literal;
  // Bun would resolve "*" and "" to this machine.
  if (kind !== 0 || !/^[^\s*/:]+$/.test(hostname)) throw notFound(hostname);
  if (!isGranted({ name: "net", host: hostname })) {
    throw new AddressError(
      `Cannot resolve "${hostname}": Deno needs --allow-net=${hostname}`,
      { code: "PERMISSION_DENIED" },
    );
  }
  const { lookup } = await import("node:dns/promises");
  const found = await untilAborted(
    lookup(hostname, { all: true, family: family ?? 0 }),
    signal,
  ).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw notFound(hostname, cause);
  });
  const best = found.find((entry) => entry.family === 4) ?? found[0];
  if (!best) throw notFound(hostname);
  return best.address;
}

function notFound(hostname: string, cause?: unknown): AddressError {
  // A name server that does not answer is not the same as an unknown name.
  const isOther = cause instanceof Error && "code" in cause &&
    cause.code !== "ENOTFOUND";
  const reason = isOther ? cause.message : "host name not found";
  return new AddressError(`Cannot resolve "${hostname}": ${reason}`, {
    code: "HOST_NOT_FOUND",
    cause,
  });
}
