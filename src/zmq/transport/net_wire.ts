/**
 * Layer: transport. A wire and a listener over `node:net`, which all three
 * runtimes have; TCP and Unix domain sockets share it. Knows no addresses.
 *
 * Sockets do not keep the process alive; waiting calls do (see
 * `async/keep_alive.ts`).
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";
import type {
  ListenOptions,
  Server,
  Socket,
  SocketConnectOpts,
} from "node:net";
import { transportOf } from "../endpoint.ts";
import { ZmqError } from "../errors.ts";
import { AcceptWatch, type AcceptWatchOptions } from "./accept_watch.ts";
import { net } from "./net.ts";
import { PermissionError } from "./permission_error.ts";
import type { Listener, Wire, WireHandler } from "./wire.ts";

/**
 * Bun's `node:net` joins corked chunks into one array (Bun 1.4). If one of them
 * has at least this many bytes, a write for each is cheaper: 64 KiB messages
 * took a sender 24 µs each instead of 38; messages of 4 KiB took longer.
 */
const WORTH_A_WRITE = "Bun" in globalThis ? 16_384 : Infinity;

/** To follow its progress, a write is made in pieces of this many bytes. */
const PIECE = 262_144;

/** How long to wait for the peer's end after ours. */
const END_TIMEOUT_MS = 500;

/** A wire over a connected `node:net` socket. */
export class NetWire implements Wire {
  readonly remoteAddress: string;
  readonly #socket: Socket;
  #isEnded = false;

  constructor(socket: Socket, remoteAddress: string) {
    this.#socket = socket;
    this.remoteAddress = remoteAddress;
    socket.unref();
  }

  start(handler: WireHandler): void {
    const socket = this.#socket;
    let failure: Error | undefined;
    socket
      .on("data", (chunk: Uint8Array) => handler.wireData(chunk))
      .on("error", (error: Error) => failure ??= error)
      .on("end", destroyAtEnd)
      .on("close", () => handler.wireClosed(failure));
    if (socket.destroyed) {
      queueMicrotask(() => handler.wireClosed(undefined));
    } else socket.resume(); // a proxy's handshake leaves it paused
  }

  write(
    chunks: readonly Uint8Array[],
    done: (error?: Error | null) => void,
    progressed?: (size: number) => void,
  ): void {
    if (progressed === undefined) return this.#write(chunks, done);
    const pieces = inPieces(chunks);
    let next = 0;
    const writeNext = (error?: Error | null): void => {
      if (error) return done(error);
      if (next > 0) progressed(sizeOf(pieces[next - 1]!));
      if (next === pieces.length) return done();
      this.#write(pieces[next++]!, writeNext);
    };
    writeNext();
  }

  #write(
    chunks: readonly Uint8Array[],
    done: (error?: Error | null) => void,
  ): void {
    const socket = this.#socket;
    const last = chunks.length - 1;
    const isCorked = last > 0 &&
      !chunks.some(({ byteLength }) => byteLength >= WORTH_A_WRITE);
    if (isCorked) socket.cork();
    for (let i = 0; i < last; i++) socket.write(chunks[i]!);
    socket.write(chunks[last]!, done);
    if (isCorked) socket.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(mustArrive: boolean): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const socket = this.#socket;
    // Closing with unread bytes of the peer would reset the connection, and the
    // peer could lose what we sent. So once that is written, continue to read
    // until the peer's end, for a limited time.
    const giveUp = () => {
      const timer = setTimeout(() => socket.destroy(), END_TIMEOUT_MS);
      socket.once("close", () => clearTimeout(timer));
    };
    if (mustArrive) socket.end(giveUp);
    else {
      socket.end();
      giveUp();
    }
    socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** A peer that ends its half has disconnected and reads no more. */
function destroyAtEnd(this: Socket): void {
  this.destroy();
}

/** The same bytes in lists of at most `PIECE` each; at least one list. */
function inPieces(chunks: readonly Uint8Array[]): readonly Uint8Array[][] {
  const pieces: Uint8Array[][] = [[]];
  let room = PIECE;
  for (const chunk of chunks) {
    let at = 0;
    do {
      if (room === 0) {
        pieces.push([]);
        room = PIECE;
      }
      const part = chunk.subarray(at, at + room);
      pieces.at(-1)!.push(part);
      at += part.byteLength;
      room -= part.byteLength;
    } while (at < chunk.byteLength);
  }
  return pieces;
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Connects a `node:net` socket; the caller names the peer. */
export function connectNet(
  options: SocketConnectOpts,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = new (net().Socket)();
    const settle = () => {
      socket.off("connect", onConnect).off("error", onError);
      signal.removeEventListener("abort", onAbort);
    };
    const onConnect = () => {
      settle();
      socket.setNoDelay(true);
      resolve(socket);
    };
    const onError = (error: Error) => {
      settle();
      socket.destroy();
      reject(error);
    };
    const onAbort = () => {
      settle();
      socket.on("error", () => {}); // the attempt was cancelled
      socket.destroy();
      reject(signal.reason);
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort);
    socket.on("connect", onConnect).on("error", onError);
    socket.connect(options);
  });
}

/** Listens; the caller names the endpoint once the server has its address. */
export function listenNet(
  options: ListenOptions,
  onSocket: (socket: Socket) => void,
  onError: (error: Error) => void,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = net().createServer({ noDelay: true }, onSocket);
    server.once("error", reject);
    // A worker of node:cluster would otherwise share the port with all others.
    server.listen({ ...options, exclusive: true }, () => {
      server.off("error", reject).on("error", onError);
      server.unref();
      resolve(server);
    });
  });
}

/** A listener over a `node:net` server. */
export class NetListener implements Listener {
  readonly endpoint: string;
  readonly #server: Server;
  readonly #close: (server: Server) => void;
  readonly #watch: AcceptWatch;

  /**
   * @param onError Called with what `accept` reports, and when it cannot.
   * @param close Closes the server; what it throws is what was left behind.
   */
  constructor(
    server: Server,
    endpoint: string,
    onError: (error: Error) => void,
    options: AcceptWatchOptions = {},
    close: (server: Server) => void = (server) => server.close(),
  ) {
    this.#server = server;
    this.endpoint = endpoint;
    this.#close = close;
    this.#watch = new AcceptWatch(server, onError, options);
  }

  async close(): Promise<void> {
    this.#watch.stop();
    // `close` calls back only when the accepted connections are gone too, but
    // the address is free as soon as the handle is closed, which is at once.
    try {
      this.#close(this.#server);
    } catch (error) {
      throw wireError("clean up", this.endpoint, error);
    } finally {
      await yieldToEventLoop();
    }
  }
}

/** Turns an error of the operating system into one of ours, with the same code. */
export function wireError(
  what: string,
  address: string,
  error: unknown,
): ZmqError {
  if (error instanceof ZmqError) return error;
  const { code: own, name } = error as { code?: unknown; name?: unknown };
  // Deno (2.9) has no name of its own for an address of another machine.
  const isForeign = own === "EINVAL" && "Deno" in globalThis &&
    transportOf(address) === "tcp";
  const code = isForeign ? "EADDRNOTAVAIL" : own;
  const text = error instanceof Error ? error.message : String(error);
  // The permissions of Deno, and of Node.
  if (name === "NotCapable" || code === "ERR_ACCESS_DENIED") {
    return new PermissionError(address, text, error);
  }
  const reason = REASONS[String(code)] ?? text;
  return new ZmqError(
    typeof code === "string" ? code : "EINVAL",
    `Cannot ${what} "${address}": ${reason}`,
    { address, reason, cause: error },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is already in use",
  EADDRNOTAVAIL: "the address does not belong to this machine",
  EACCES: "permission denied",
  ENOTFOUND: "the host name has no address",
  EAI_AGAIN: "the host name cannot be resolved now",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  ETIMEDOUT: "connection timed out",
  ENOENT: "there is no such file or folder",
};
