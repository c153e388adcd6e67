/**
 * Layer: pipeline/http. Serves a handler of `Request`s by `node:http`, which
 * Deno, Bun and Node all have. For those who have no server yet; a program that
 * has one mounts the handler there.
 *
 * @module
 */
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { PipelineError } from "../model/errors.ts";

/** Where to serve. */
export interface ServeOptions {
  /** Default 7080; 0 is any. */
  readonly port?: number;
  /** Default `"127.0.0.1"`. */
  readonly host?: string;
  /** Serves beyond loopback, though HTTP is in the clear. Default false. */
  readonly insecure?: boolean;
}

/** A server at work. */
export interface HttpServer extends AsyncDisposable {
  /** Where it is, such as `http://127.0.0.1:7080`. */
  readonly url: string;
  /** The port. */
  readonly port: number;
  /** Listens no more, and cuts all connections. Safe to call again. */
  close(): Promise<void>;
}

/** Answers requests, as those of `Deno.serve` and `Bun.serve` do. */
export type HttpHandler = (request: Request) => Response | Promise<Response>;

/** What only this machine can reach. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/**
 * Serves a handler.
 *
 * @returns Once it listens.
 * @throws {PipelineError} `ERR_PIPELINE_INSECURE` for a host beyond loopback,
 *   unless `insecure` is said.
 * @throws {Error} With a `code` such as `EADDRINUSE`, as `node:http` has it.
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
  const { port = 7080, host = "127.0.0.1", insecure = false } = options;
  if (!insecure && !LOOPBACK.test(host)) {
    throw new PipelineError(
      "ERR_PIPELINE_INSECURE",
      `"${host}" can be reached by other machines, and HTTP is in the clear: ` +
        "serve on loopback behind a proxy with TLS, or say insecure: true",
    );
  }
  const server = createServer((request, response) => {
    void serve(handler, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const bound = (server.address() as AddressInfo).port;
  const name = host.includes(":") ? `[${host}]` : host;
  let closing: Promise<void> | undefined;
  const close = () =>
    closing ??= new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://${name}:${bound}`,
    port: bound,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function serve(
  handler: HttpHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  outgoing.once("close", () => abort.abort());
  try {
    const request = requestOf(incoming, abort.signal);
    if (request === undefined) {
      outgoing.writeHead(400).end();
      return;
    }
    await send(await handler(request), outgoing);
  } catch (error) {
    if (abort.signal.aborted) return; // nobody is there to be told
    console.error(error);
    if (!outgoing.headersSent) outgoing.writeHead(500);
    outgoing.end();
  }
}

/** `undefined` for what names no URL. */
function requestOf(
  incoming: IncomingMessage,
  signal: AbortSignal,
): Request | undefined {
  const { headers: given, method } = incoming;
  const address = `http://${given.host ?? ""}${incoming.url ?? ""}`;
  if (!URL.canParse(address)) return undefined;
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

/** Resolves when more can be written, or nobody reads any more. */
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
