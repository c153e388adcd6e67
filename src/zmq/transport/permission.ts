/**
 * Layer: transport. The permissions of a runtime, looked up before they are
 * needed: `node:net` on Deno, and on Node with `--permission`, reports a
 * missing one outside of any promise, which ends the process. On a
 * runtime without permissions nothing is looked up.
 *
 * They are queried and never requested: an address may come from a peer, and a
 * prompt in a terminal would block the whole process until it is answered.
 *
 * @module
 */
import process from "node:process";
import { PermissionError } from "./permission_error.ts";

type Descriptor =
  | { readonly name: "net"; readonly host: string }
  | { readonly name: "read" | "write"; readonly path: string };

interface DenoLike {
  readonly permissions: {
    querySync(descriptor: Descriptor): { readonly state: string };
  };
}

/** What Node has with `--permission`. */
interface NodeLike {
  readonly permission?: { has(scope: string): boolean };
  readonly allowedNodeEnvironmentFlags: ReadonlySet<string>;
}

/** An IP address or a host name, with a port. */
export interface NetTarget {
  readonly host: string;
  /** 0 for any. */
  readonly port: number;
  /** The host name that the IP address was found for. */
  readonly name?: string;
}

/**
 * Checks the permission to reach a host and port.
 *
 * @throws {PermissionError} `EACCES`, with the flag that would help.
 */
export function requireNet(
  address: string,
  { host, port, name }: NetTarget,
): void {
  requireNodeNet(address);
  const literal = host.includes(":") ? `[${host}]` : host;
  // Deno resolves a host name only with permission for all ports of that host.
  const isName = !/:|^[\d.]+$/.test(host);
  const target = isName ? host : `${literal}:${port}`;
  const hosts = name === undefined
    ? (port === 0 ? literal : target)
    : `${name},${literal}`;
  requireDeno(address, { name: "net", host: target }, hosts);
}

/**
 * Checks the permissions that a Unix domain socket needs.
 *
 * @param path Undefined for a name that is not in the file system.
 * @throws {PermissionError} `EACCES`, with the flag that would help.
 */
export function requirePath(address: string, path: string | undefined): void {
  requireNodeNet(address);
  if (path === undefined) return;
  requireDeno(address, { name: "read", path }, path);
  requireDeno(address, { name: "write", path }, path);
}

/** Whether a file may be written. Does not prompt for the permission. */
export function mayWrite(path: string): boolean {
  return isGranted({ name: "write", path });
}

/** Whether a file may be read. Does not prompt for the permission. */
export function mayRead(path: string): boolean {
  return isGranted({ name: "read", path });
}

function isGranted(descriptor: Descriptor): boolean {
  const { permissions } = (globalThis as { Deno?: DenoLike }).Deno ?? {};
  return permissions === undefined ||
    permissions.querySync(descriptor).state === "granted";
}

/** Node restricts the network from version 25 on. Older versions lack the flag, and `has` is false for every unknown scope. */
function requireNodeNet(address: string): void {
  const { permission, allowedNodeEnvironmentFlags } = process as NodeLike;
  if (permission === undefined || permission.has("net")) return;
  if (!allowedNodeEnvironmentFlags.has("--allow-net")) return;
  throw new PermissionError(address, "run Node with --allow-net");
}

function requireDeno(
  address: string,
  descriptor: Descriptor,
  granted: string,
): void {
  const deno = (globalThis as { Deno?: DenoLike }).Deno;
  if (deno === undefined) return;
  if (deno.permissions.querySync(descriptor).state === "granted") return;
  throw new PermissionError(
    address,
    `run Deno with --allow-${descriptor.name}=${granted}`,
  );
}
