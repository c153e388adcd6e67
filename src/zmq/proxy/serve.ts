/**
 * Layer: proxy. `serve`: answers requests with what a function returns. A
 * function that throws costs one answer and not the service.
 *
 * It does not keep order or state for the handler, and sets it no time limit.
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";
import { ZmqError } from "../errors.ts";
import { type Message, type MessageLike, toMessage } from "../message.ts";
import type { Reply } from "../sockets/reply.ts";
import type { Router } from "../sockets/router.ts";
import { POLLIN, ROUTER } from "../types.ts";
import { ReplyError } from "./reply_error.ts";
import {
  envelopeEnd,
  isConcurrency,
  maxConcurrency,
  runService,
  type Service,
} from "./service.ts";

/** What a handler receives besides the request. */
export interface RequestContext {
  /** Aborted when the service ends: by its own signal, or as the socket is closed. */
  readonly signal: AbortSignal;
}

/** Answers a request: its frames, without the envelope. */
export type RequestHandler = (
  request: Message,
  context: RequestContext,
) =>
  | MessageLike
  | readonly MessageLike[]
  | Promise<MessageLike | readonly MessageLike[]>;

/** How requests are served. */
export interface ServeOptions {
  /** Ends the service: no further request is taken, and those at work are answered still. */
  signal?: AbortSignal | undefined;
  /**
   * Called with what a handler has thrown, and with the error of a reply that
   * could not be sent. What it throws itself is ignored. Default: errors are
   * written to stderr, those of one kind once a second, with their number.
   */
  onError?: ((error: unknown, request: Message) => unknown) | undefined;
  /** How many requests are at work at a time; 1 for a REP, up to 1,024 for a ROUTER. Default: 1. */
  concurrency?: number | undefined;
}

/** Requests in a row after which timers and I/O have their round. */
const REQUESTS_PER_TICK = 128;

/** A request that was taken, and the frames that its answer begins with. */
interface Taken {
  readonly envelope: Message;
  readonly body: Message;
}

/**
 * Answers each request with what `handler` returns: frames, or one of them.
 *
 * If it throws, or returns no message, the answer is an error reply of three
 * frames, which `ReplyError.from` reads: the byte 0 and `ERROR`, a code, and a
 * text. Of a `ReplyError` these are its own; of any other error they are
 * `EINTERNAL` and a general text, since it was not written for strangers.
 *
 * A ROUTER serves the requests of REQ, and of a DEALER that sends an empty
 * frame first; others it drops, as a REP does.
 *
 * @returns Resolves when the signal was aborted or the socket closed, and the
 *   handlers at work have ended.
 * @throws {ZmqError} `EINVAL` for a `concurrency` that cannot be; a promise that rejects.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using reply = new zmq.Reply();
 * await using request = new zmq.Request();
 * await reply.bind("inproc://roots");
 * request.connect("inproc://roots");
 *
 * const stop = new AbortController();
 * const served = zmq.serve(reply, ([number]) => {
 *   const value = Number(`${number}`);
 *   if (value < 0) throw new zmq.ReplyError("ERANGE", "It has no root");
 *   return Math.sqrt(value);
 * }, { signal: stop.signal, onError: () => {} });
 *
 * await request.send(9);
 * assertEquals(`${(await request.receive())[0]}`, "3");
 * await request.send(-9);
 * assertEquals(zmq.ReplyError.from(await request.receive())?.code, "ERANGE");
 *
 * stop.abort();
 * await served;
 * ```
 */
export async function serve(
  socket: Reply | Router,
  handler: RequestHandler,
  options: ServeOptions = {},
): Promise<void> {
  const { signal, concurrency = 1 } = options;
  if (!isConcurrency(concurrency, socket.type)) {
    const most = maxConcurrency(socket.type);
    throw new ZmqError(
      "EINVAL",
      `The concurrency ${concurrency} is not an integer from 1 to ${most}`,
    );
  }
  await runService<[request: Message]>(
    socket,
    { signal, onError: options.onError, concurrency },
    (service) => work({ ...service, socket, handler }),
  );
}

interface RequestService extends Service<[request: Message]> {
  readonly socket: Reply | Router;
  readonly handler: RequestHandler;
}

/** Takes and answers one request after the other. */
async function work(service: RequestService): Promise<void> {
  const { socket, signal } = service;
  for (let round = 1; !signal.aborted; round++) {
    if (round % REQUESTS_PER_TICK === 0) await yieldToEventLoop();
    try {
      while (!socket.readable) await socket.poll(POLLIN, { signal });
    } catch (error) {
      if (signal.aborted || socket.closed) return;
      throw error;
    }
    // The service may have been ended during the yield or the poll.
    if (signal.aborted) return;
    const message = socket.tryReceive();
    const taken = message && open(message, socket);
    if (taken !== undefined) await answer(taken, service);
  }
}

/** Splits a message into envelope and body; `undefined` if it is no request. */
function open(message: Message, socket: Reply | Router): Taken | undefined {
  if (socket.type !== ROUTER) return { envelope: [], body: message };
  const end = envelopeEnd(message);
  if (end === undefined) return undefined;
  return { envelope: message.slice(0, end), body: message.slice(end) };
}

async function answer(
  { envelope, body }: Taken,
  service: RequestService,
): Promise<void> {
  const { socket, handler, signal, report } = service;
  let frames: Message;
  try {
    frames = toMessage(await handler(body, { signal }));
  } catch (error) {
    report(error, body);
    frames = ReplyError.of(error).toMessage();
  }
  try {
    const message = [...envelope, ...frames];
    // An aborted signal must not keep back an answer that there is room for.
    if (!socket.trySend(message)) await socket.send(message, { signal });
  } catch (error) {
    if (!socket.closed) report(error, body);
  }
}
