/**
 * Layer: pipeline/http. Serves a handler of `Request`s with `node:http`, which
 * Deno, Bun and Node all have. A program with a server of its own mounts the
 * handler there instead.
 *
 * @module
 */
import { isLoopback } from "../../util/loopback.ts";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { optionNames } from "../../util/check_options.ts";
import { ErrorLog } from "../../zmq/error_log.ts";
import { AcceptWatch } from "../../zmq/transport/accept_watch.ts";
import type { UpgradableServer } from "../../zmq/transport/ws/share_server.ts";
import {
  checkOptionalText,
  requireBoolean,
  requireFunction,
  requireOptions,
  requireWhole,
} from "../model/check.ts";
import { PipelineError } from "../model/pipeline_error.ts";

/** Where to serve. */
export interface ServeOptions {
  /** The port; 0 for any free one. Default 7080. */
  readonly port?: number;
  /** Default `"127.0.0.1"`. */
  readonly host?: string;
  /** Allows hosts beyond loopback, although HTTP is not encrypted. Default false. */
  readonly insecure?: boolean;
  /**
   * How many connections may be open at a time; one more is closed at once.
   * Default 1,000.
   */
  readonly maxConnections?: number;
}

const ENCRYPT =
  "serve on loopback behind a proxy with TLS, or say insecure: true";
const OPTIONS = optionNames<ServeOptions>({
  port: true,
  host: true,
  insecure: true,
  maxConnections: true,
});

/** A running server. */
export interface HttpServer extends AsyncDisposable {
  /** Its URL, such as `http://127.0.0.1:7080`. */
  readonly url: string;
  /** The port. */
  readonly port: number;
  /**
   * The server of `node:http`. With `shareServer`, sockets can be bound to paths
   * of it, so that ZeroMQ needs no port of its own.
   */
  readonly server: UpgradableServer;
  /** Stops listening, and closes all connections. Safe to call again. */
  close(): Promise<void>;
}

/** A request handler, as for `Deno.serve` and `Bun.serve`. */
export type HttpHandler = (request: Request) => Response | Promise<Response>;

/** How long the headers, and how long a whole request, may take to arrive. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** How long a client may go on sending after the response. */
const BODY_GRACE_MS = 1_000;
/** How often connections are checked against these, in milliseconds. */
const CHECK_MS = 5_000;
/** How many requests a connection may send before they are answered; browsers send one. */
const MAX_PIPELINED = 16;
/** Methods for which no `Request` can be made: the Fetch standard forbids them. */
const FORBIDDEN_METHODS = new Set(["CONNECT", "TRACE", "TRACK"]);
/** A host with an optional port, and nothing else of a URL. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[^\s/?#@\\:[\]]+)(?::\d{1,5})?$/i;

/**
 * Serves a handler.
 *
 * @returns Once it listens.
 * @throws {PipelineError} `ERR_PIPELINE_INSECURE` for a host beyond loopback,
 *   unless `insecure` is true.
 * @throws {Error} With a `code` such as `EADDRINUSE`, from `node:http`.
 *
 * @example
 * ```ts
 * import { serveHttp } from "@agentzero/agentzero/pipeline/http";
 *
 * await using server = await serveHttp(() => new Response("hello"), { port: 0 });
 * console.log(await (await fetch(server.url)).text()); // hello
 * ```
 */
export async function serveHttp(
  handler: HttpHandler,
  options: ServeOptions = {},
): Promise<HttpServer> {
  const { port, host, maxConnections } = settingsOf(options);
  requireFunction("The handler", handler);
  const log = new ErrorLog();
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_MS,
  }, (request, response) => {
    if (!mayPipeline(request, response)) return;
    // It does not reject.
    void serve(handler, request, response, log);
  });
  server.maxConnections = maxConnections;
  await listen(server, port, host);
  const watch = new AcceptWatch(server, log.add);
  const bound = (server.address() as AddressInfo).port;
  const name = host.includes(":") ? `[${host}]` : host;
  let closing: Promise<void> | undefined;
  const close = () =>
    closing ??= new Promise((resolve) => {
      watch.stop();
      server.close(() => resolve());
      log.close();
      server.closeAllConnections();
    });
  return {
    url: `http://${name}:${bound}`,
    port: bound,
    server,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Checks the options, and fills in the defaults. */
function settingsOf(options: ServeOptions): Required<ServeOptions> {
  requireOptions(options, OPTIONS, "serveHttp()");
  requireWhole("port", options.port, 0, 65_535);
  requireWhole("maxConnections", options.maxConnections, 1);
  checkOptionalText("host", options.host, 1);
  requireBoolean("insecure", options.insecure);
  const {
    port = 7080,
    host = "127.0.0.1",
    insecure = false,
    maxConnections = 1000,
  } = options;
  if (!insecure && !isLoopback(host)) {
    throw new PipelineError(
      "ERR_PIPELINE_INSECURE",
      `"${host}" is reachable from other machines, and HTTP is not encrypted: ${ENCRYPT}`,
      { options: ["insecure"], advice: ENCRYPT },
    );
  }
  return { port, host, insecure, maxConnections };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, exclusive: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** How many requests of each connection are not answered yet. */
const unanswered = new WeakMap<object, number>();

/**
 * Whether a connection may send one more request before the others are answered;
 * otherwise it is cut. Node reads all requests that are in 64 KiB in one turn of the
 * event loop: 1,600 short ones took 1.5 s.
 */
function mayPipeline(
  { socket }: IncomingMessage,
  outgoing: ServerResponse,
): boolean {
  const count = (unanswered.get(socket) ?? 0) + 1;
  unanswered.set(socket, count);
  if (count > MAX_PIPELINED) {
    socket.destroy();
    return false;
  }
  outgoing.once("close", () => {
    unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1);
  });
  return true;
}

async function serve(
  handler: HttpHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  log: ErrorLog,
): Promise<void> {
  const abort = new AbortController();
  outgoing.once("close", () => abort.abort());
  outgoing.once("finish", () => discardBody(incoming));
  try {
    const request = requestOf(incoming, abort.signal);
    await send(
      typeof request === "number"
        ? new Response(null, { status: request })
        : await handler(request),
      outgoing,
    );
  } catch (error) {
    if (abort.signal.aborted) return; // the client is gone
    log.add(error);
    if (outgoing.headersSent) return void outgoing.destroy(); // half an answer
    outgoing.writeHead(500).end();
  }
}

/**
 * Discards the rest of a request body after the response: unread, it would block
 * the connection. A client that still sends gets some time to read the response.
 */
function discardBody(incoming: IncomingMessage): void {
  if (incoming.complete) return;
  incoming.resume();
  const timer = setTimeout(() => incoming.destroy(), BODY_GRACE_MS);
  const done = () => clearTimeout(timer);
  incoming.once("end", done);
  incoming.once("close", done);
}

/** The request, or the status of the response if it is invalid. */
function requestOf(
  incoming: IncomingMessage,
  signal: AbortSignal,
): Request | number {
  const { headers: given, method = "", url: path = "" } = incoming;
  if (FORBIDDEN_METHODS.has(method)) return 405;
  const { host } = given;
  // Joined unchecked, a host such as `localhost/healthz?` would name another path.
  if (host === undefined || !HOST.test(host) || !path.startsWith("/")) {
    return 400;
  }
  const address = `http://${host}${path}`;
  if (!URL.canParse(address)) return 400;
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const hasBody = given["transfer-encoding"] !== undefined ||
    Number(given["content-length"] ?? 0) > 0;
  const body = hasBody && method !== "GET" && method !== "HEAD"
    ? {
      body: Readable.toWeb(incoming) as ReadableStream,
      duplex: "half" as const,
    }
    : {};
  return new Request(address, { method, headers, signal, ...body });
}

async function send(
  response: Response,
  outgoing: ServerResponse,
): Promise<void> {
  for (const [name, value] of response.headers) {
    if (name !== "set-cookie") outgoing.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  outgoing.writeHead(response.status);
  if (response.body === null) {
    outgoing.end();
    return;
  }
  const reader = response.body.getReader();
  const gone = () => void reader.cancel().catch(() => {});
  outgoing.once("close", gone);
  if (outgoing.destroyed) gone();
  outgoing.flushHeaders();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!outgoing.write(value)) await room(outgoing);
  }
  outgoing.off("close", gone);
  outgoing.end();
}

/** Resolves when more can be written, or the connection is closed. */
function room(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off("drain", done);
      outgoing.off("close", done);
      resolve();
    };
    outgoing.on("drain", done);
    outgoing.on("close", done);
    if (outgoing.destroyed) done();
  });
}
