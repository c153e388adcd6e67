/**
 * Layer: transport. `ipc:///path`, `ipc://@name` (Linux: abstract namespace)
 * and `ipc://*` over Unix domain sockets, as zmq_ipc(7).
 *
 * A socket file whose owner has exited is replaced, as in libzmq. Deliberately
 * unlike libzmq, one whose owner is running is not: that is `EADDRINUSE`.
 *
 * @module
 */
import { rmSync } from "node:fs";
import type { Server, Socket } from "node:net";
import process from "node:process";
import { restOf } from "../endpoint.ts";
import { checkIpcPath } from "./ipc_path.ts";
import {
  connectNet,
  listenNet,
  NetListener,
  NetWire,
  wireError,
} from "./net_wire.ts";
import { requirePath } from "./permission.ts";
import { fileAt, SocketFile } from "./socket_file.ts";
import type { Listener, Transport, Wire, WireOptions } from "./wire.ts";

/** Unix domain sockets. */
export const ipc: Transport = {
  name: "ipc",
  isAvailable: process.platform !== "win32",
  check,
  permit,
  connect,
  listen,
};

function check(address: string, use: "bind" | "connect"): void {
  checkIpcPath(address, use);
}

function permit(address: string): void {
  const path = systemPath(restOf(address));
  requirePath(address, isFile(path) ? path : undefined);
}

async function connect(
  address: string,
  _options: WireOptions,
  signal: AbortSignal,
): Promise<Wire> {
  try {
    const path = systemPath(restOf(address));
    return wire(await connectNet({ path }, signal), address);
  } catch (error) {
    if (signal.aborted) throw error;
    throw wireError("connect to", address, error);
  }
}

async function listen(
  address: string,
  options: WireOptions,
  onWire: (wire: Wire) => void,
  onError: (error: Error) => void,
): Promise<Listener> {
  const given = restOf(address);
  const name = given === "*" ? `/tmp/zmq-${crypto.randomUUID()}` : given;
  const endpoint = `ipc://${name}`;
  const path = systemPath(name);
  const open = () =>
    listenNet(
      { path, backlog: options.backlog },
      (socket) => onWire(wire(socket, endpoint)),
      onError,
    );
  try {
    requirePath(address, isFile(path) ? path : undefined);
    const server = await open().catch(async (error: unknown) => {
      const isTaken = (error as { code?: string }).code === "EADDRINUSE";
      const there = isTaken && isFile(path) ? fileAt(path) : undefined;
      const isStale = there?.isSocket === true && !await isAnswered(path);
      if (!isStale) throw error;
      // Another process may have done the same, and have bound it meanwhile.
      if (fileAt(path)?.id === there.id) rmSync(path, { force: true });
      return open();
    });
    return ipcListener(server, endpoint, path, options.backlog, onError);
  } catch (error) {
    throw wireError("bind", address, error);
  }
}

function ipcListener(
  server: Server,
  endpoint: string,
  path: string,
  backlog: number,
  onError: (error: Error) => void,
): Listener {
  const fileOf = () => isFile(path) ? new SocketFile(path) : undefined;
  let file = fileOf();
  const close = (server: Server) => {
    if (file === undefined) server.close();
    else file.close(server);
  };
  const relisten = () => {
    try {
      close(server);
      server.listen({ path, backlog, exclusive: true }, () => file = fileOf());
    } catch (error) {
      onError(wireError("bind", endpoint, error));
    }
  };
  const watched = isFile(path) ? { path, relisten } : { relisten };
  return new NetListener(server, endpoint, onError, watched, close);
}

/** Whether a process accepts connections there. */
async function isAnswered(path: string): Promise<boolean> {
  try {
    const socket = await connectNet({ path }, new AbortController().signal);
    socket.destroy();
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== "ECONNREFUSED";
  }
}

/** Whether the name is one in the file system, not in Linux's abstract namespace. */
function isFile(path: string): boolean {
  return !path.startsWith("\0");
}

function systemPath(name: string): string {
  return name.startsWith("@") ? `\0${name.slice(1)}` : name;
}

function wire(socket: Socket, address: string): Wire {
  return new NetWire(socket, address);
}
