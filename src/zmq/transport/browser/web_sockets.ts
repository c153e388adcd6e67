/**
 * Layer: transport. `ws://` and `wss://` in a browser, whose pages and workers
 * can connect, by WebSocket alone, and not bind.
 *
 * A browser can offer no subprotocol with a slash in its name, such as
 * `ZWS2.0/PLAIN`. So it offers the bare one: with NULL it begins with its routing
 * id, with PLAIN and CURVE with their commands.
 *
 * @module
 */
import { ZmqError } from "../../errors.ts";
import {
  BARE,
  isBare,
  rememberDialect,
  subprotocolsOf,
} from "../ws/subprotocol.ts";
import type { Transport, Wire, WireOptions } from "../wire.ts";
import type { Channel } from "../channel/channel.ts";
import { MessageWire } from "../channel/message_wire.ts";
import {
  WebSocketStreamChannel,
  type WebSocketStreamLike,
} from "./web_socket_stream_channel.ts";

/** The codes for what browsers throw; they do not report why a connection failed. */
const CODES: Readonly<Record<string, string>> = {
  SyntaxError: "EINVAL",
  /** Such as `ws:` in a page of `https:`. */
  SecurityError: "EACCES",
};

/** What this needs of the page or the worker. */
interface Scope {
  readonly WebSocketStream?: new (
    url: string,
    options: { protocols: readonly string[]; signal: AbortSignal },
  ) => WebSocketStreamLike;
  addEventListener?(type: "online", listener: () => void): void;
  removeEventListener?(type: "online", listener: () => void): void;
}

const scope = globalThis as unknown as Scope;

/** WebSockets of a browser, with TLS (`wss`) or without. */
export function webSockets(name: "ws" | "wss"): Transport {
  return {
    name,
    carries: "frames",
    isAvailable: true,
    check,
    permit() {},
    connect,
    listen: (address) => Promise.reject(cannotBind(address)),
    onReachable: whenOnline,
  };
}

function check(address: string, use: "bind" | "connect"): void {
  if (use === "bind") throw cannotBind(address);
  if (!URL.canParse(address) || address.includes("#")) {
    throw new ZmqError(
      "EINVAL",
      `Malformed address "${address}": expected ws://host:port/path or wss://host:port/path`,
      { address },
    );
  }
}

function cannotBind(address: string): ZmqError {
  return new ZmqError(
    "EPROTONOSUPPORT",
    `Cannot bind "${address}": a browser accepts no connections; bind it on a server, and connect`,
    { address },
  );
}

async function connect(
  address: string,
  options: WireOptions,
  signal: AbortSignal,
): Promise<Wire> {
  const subprotocol = subprotocolsOf(options, false).find(isBare)!;
  const open = scope.WebSocketStream === undefined ? openSocket : openStream;
  try {
    return new MessageWire(await open(address, signal), {
      isServer: false,
      subprotocol,
      onOtherDialect: (dialect) => rememberDialect(options, dialect),
      remoteAddress: address,
    });
  } catch (cause) {
    signal.throwIfAborted();
    const { name, message } = cause as DOMException;
    throw new ZmqError(
      CODES[name] ?? "ECONNREFUSED",
      `Cannot connect to "${address}": ${
        message || "the browser shows the reason in its console only"
      }`,
      { address, cause },
    );
  }
}

async function openStream(
  address: string,
  signal: AbortSignal,
): Promise<Channel> {
  const protocols = [BARE];
  const stream = new scope.WebSocketStream!(address, { protocols, signal });
  stream.closed.catch(() => {}); // the streams report it
  return new WebSocketStreamChannel(await stream.opened);
}

async function openSocket(
  address: string,
  signal: AbortSignal,
): Promise<Channel> {
  const { WebSocketChannel } = await import("../channel/web_socket_channel.ts");
  return await new Promise((resolve, reject) => {
    const socket = new WebSocket(address, [BARE]);
    socket.binaryType = "arraybuffer";
    const onAbort = () => socket.close();
    signal.addEventListener("abort", onAbort);
    socket.onclose = () => {
      signal.removeEventListener("abort", onAbort);
      reject(new Error(""));
    };
    socket.onopen = () => {
      signal.removeEventListener("abort", onAbort);
      resolve(new WebSocketChannel(socket));
    };
  });
}

/** Calls back when the network is back. */
function whenOnline(callback: () => void): () => void {
  scope.addEventListener?.("online", callback);
  return () => scope.removeEventListener?.("online", callback);
}
