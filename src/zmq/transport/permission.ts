/**
 * Layer: transport. The permissions of a runtime, looked up before they are
 * needed: `node:net` on Deno, and on Node with `--permission`, reports a
 * missing one outside of any promise, which ends the process. Where there are
 * none, there is nothing to look up.
 *
 * They are queried and never requested: an address may come from a peer, and a
 * prompt in a terminal would hold up the whole process until it is answered.
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
 * Makes sure of the permission to reach a host and port.
 *
 * @throws {PermissionError} `EACCES`, with the flag that would help.
 */
export function requireNet(
  address: string,
  { host, port, name }: NetTarget,
): void {
  requireNodeNet(address);
  const literal = host.includes(":") ? `[${host}]` : host;
  // On Deno, a name is looked up only for those that may reach all its ports.
  const isName = !/:|^[\d.]+$/.test(host);
  const target = isName ? host : `${literal}:${port}`;
  const hosts = name === undefined
    ? (port === 0 ? literal : target)
    : `${name},${literal}`;
  requireDeno(address, { name: "net", host: target }, hosts);
}

/**
 * Makes sure of the permissions that a Unix domain socket needs.
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

/** Whether a file may be written, without asking anybody. */
export function mayWrite(path: string): boolean {
  return isGranted({ name: "write", path });
}

/** Whether a file may be read, without asking anybody. */
export function mayRead(path: string): boolean {
  return isGranted({ name: "read", path });
}

function isGranted(descriptor: Descriptor): boolean {
  const { permissions } = (globalThis as { Deno?: DenoLike }).Deno ?? {};
  return permissions === undefined ||
    permissions.querySync(descriptor).state === "granted";
}

/** Node from 25 on guards the network; older ones know no such flag, and say no to every scope they do not know. */
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
