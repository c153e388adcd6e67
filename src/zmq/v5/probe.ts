/**
 * Layer: v5. Checks synchronously whether a TCP address can be bound, for
 * `bindSync`, as the runtimes listen asynchronously. Each runtime has a
 * synchronous way; where there is none, errors are reported later.
 *
 * @module
 */
import net from "node:net";
import { getSystemErrorName } from "node:util";
import { socketError } from "./socket_error.ts";

/** What these ways have in common. */
interface Listening {
  readonly port: number;
  close(): void;
}

type Listen = (host: string, port: number) => Listening;

/** Deno's own `listen`. */
interface DenoApi {
  listen(
    options: { hostname: string; port: number },
  ): { readonly addr: { readonly port: number }; close(): void };
}

/** Bun's own `listen`. */
interface BunApi {
  listen(
    options: { hostname: string; port: number; socket: { data(): void } },
  ): { readonly port: number; stop(isForced: boolean): void };
}

/** The base of `node:cluster` in Node: undocumented, and available since Node 0.10. */
interface NodeApi {
  _createServerHandle?(
    host: string,
    port: number,
    family: 4 | 6,
  ): NodeHandle | number;
}

interface NodeHandle {
  listen(backlog: number): number;
  getsockname(out: { port?: number }): number;
  close(): void;
}

const listen = findListen();

/**
 * Binds an address and frees it again.
 *
 * @param host A literal IP address.
 * @param port 0 for any free port.
 * @returns The port; `undefined` if this runtime cannot check synchronously.
 * @throws {SocketError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`.
 */
export function probe(host: string, port: number): number | undefined {
  if (listen === undefined) return undefined;
  const listening = listen(host, port);
  listening.close();
  return listening.port;
}

function findListen(): Listen | undefined {
  const { Deno, Bun } = globalThis as { Deno?: DenoApi; Bun?: BunApi };
  if (Deno !== undefined) return (host, port) => listenOnDeno(Deno, host, port);
  if (Bun !== undefined) return (host, port) => listenOnBun(Bun, host, port);
  const { _createServerHandle: create } = net as NodeApi;
  return create && ((host, port) => listenOnNode(create, host, port));
}

function listenOnDeno(deno: DenoApi, hostname: string, port: number) {
  try {
    const listener = deno.listen({ hostname, port });
    return { port: listener.addr.port, close: () => listener.close() };
  } catch (error) {
    throw failure(error);
  }
}

function listenOnBun(bun: BunApi, hostname: string, port: number) {
  try {
    const listener = bun.listen({ hostname, port, socket: { data() {} } });
    return { port: listener.port, close: () => listener.stop(true) };
  } catch (error) {
    throw failure(error);
  }
}

function listenOnNode(
  create: NonNullable<NodeApi["_createServerHandle"]>,
  host: string,
  port: number,
): Listening {
  const handle = create(host, port, net.isIPv6(host) ? 6 : 4);
  if (typeof handle === "number") throw failure(handle);
  const found: { port?: number } = {};
  // Only listening shows whether an address is in use.
  const error = handle.listen(1) || handle.getsockname(found);
  if (error !== 0) {
    handle.close();
    throw failure(error);
  }
  return { port: found.port ?? port, close: () => handle.close() };
}

function failure(error: unknown): Error {
  if (typeof error === "number") return socketError(getSystemErrorName(error));
  const { code, name } = error as { code?: string; name?: string };
  return socketError(
    name === "NotCapable" ? "EACCES" : code ?? "EADDRINUSE",
    { cause: error },
  );
}
