/**
 * Layer: transport. Lets sockets be bound to paths of an HTTP server that the
 * application has: it hands over the upgrades for them, by the event `upgrade` of
 * `node:http`, which all three runtimes have.
 *
 * @module
 */
import type { Socket } from "node:net";
import process from "node:process";
import { formatHostPort } from "../../endpoint.ts";
import { ArgumentError } from "../../errors.ts";
import { NetWire } from "../net_wire.ts";
import { pathOf } from "./upgrade.ts";
import { SERVER_OPTIONS, WsPort } from "./ws_port.ts";
import { addPort, keysOf } from "./ws_ports.ts";

/** What is needed of a server of `node:http` or `node:https`. */
export interface UpgradableServer {
  /** Whether it listens. */
  readonly listening: boolean;
  /** Where it listens. */
  address(): unknown;
  /** Adds a listener of an event. */
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  /** Removes one. */
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  /** The number of listeners of an event. */
  listenerCount(event: string): number;
}

/** A request of `node:http`. */
interface Incoming {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** An HTTP server that has paths of sockets. */
export interface SharedServer extends Disposable {
  /** Its address, such as `ws://127.0.0.1:8080`; with a path, sockets can be bound to it. */
  readonly endpoint: string;
  /** Ends the sharing: upgrades are the application's again. Connections stay. */
  close(): void;
}

/** See `shareServer` of `share_server.ts`. */
export function share(server: UpgradableServer): SharedServer {
  const { scheme, host, port } = placeOf(server);
  const endpoint = `${scheme}://${formatHostPort(host, port)}`;
  const shared = new WsPort(endpoint, SERVER_OPTIONS);
  const onUpgrade = (...args: unknown[]) => {
    const [request, socket, rest] = args as [Incoming, Socket, Uint8Array];
    const isOthers = server.listenerCount("upgrade") > 1;
    if (isOthers && !shared.has(pathOf(request.url))) return;
    const { remoteAddress = "", remotePort } = socket;
    const remote = `${scheme}://${formatHostPort(remoteAddress, remotePort)}`;
    const head = headOf(request);
    shared.accept(new NetWire(socket, remote), remote, { head, rest });
  };
  server.on("upgrade", onUpgrade);
  const remove = addPort(keysOf(scheme, host, port), shared);
  const close = () => {
    server.off("upgrade", onUpgrade);
    remove();
  };
  return { endpoint, close, [Symbol.dispose]: close };
}

function placeOf(server: UpgradableServer) {
  const address = server?.listening ? server.address() : undefined;
  const { address: host, port } = Object(address) as {
    address?: string;
    port?: number;
  };
  if (host === undefined || port === undefined) {
    throw new ArgumentError(
      "shareServer needs a server of node:http or node:https that listens at a port",
    );
  }
  const { Server } = process.getBuiltinModule("node:https");
  const scheme = server instanceof Server ? "wss" : "ws";
  return { scheme, host, port };
}

/** A request as it was on the wire. */
function headOf({ method, url, httpVersion, headers }: Incoming) {
  const list = Object.entries(headers).map(([name, value]) =>
    [name, [value].flat().join(", ")] as const
  );
  return {
    start: `${method} ${url} HTTP/${httpVersion}`,
    headers: new Map(list),
  };
}
