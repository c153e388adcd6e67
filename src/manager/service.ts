/**
 * Layer: manager.
 *
 * `serve`: receives the requests of a REP or ROUTER, and replies to each with
 * what a handler returns, or with an error reply. Handlers have no time limit.
 *
 * @module
 */
import { Deadline } from "../async/deadline.ts";
import { SocketTypeMismatch } from "../errors.ts";
import { invalidOption } from "../util/check_options.ts";
import { REP, ROUTER } from "../zmq/mod.ts";
import {
  envelopeEnd,
  isConcurrency,
  maxConcurrency,
  runService,
  type Service,
} from "../zmq/proxy/service.ts";
import type { ManagedSocket } from "./managed_socket.ts";
import type { Frames } from "./message_io.ts";
import type { ServeHandler, ServeOptions } from "./options.ts";
import { errorReplyFor } from "./pending_reply.ts";
import { typeName } from "./socket_types.ts";

/** A service and its handler. */
interface RequestService extends Service<[]> {
  readonly managed: ManagedSocket;
  readonly handler: ServeHandler;
  readonly schema: ServeOptions["schema"];
}

/**
 * Serves a socket until the signal is aborted or the socket is closed.
 *
 * @throws {SocketTypeMismatch} If it is neither a REP nor a ROUTER.
 */
export async function serve(
  managed: ManagedSocket,
  handler: ServeHandler,
  options: ServeOptions,
): Promise<void> {
  const { signal, onError, schema, concurrency = 1 } = options;
  checkService(managed, handler, concurrency);
  await runService<[]>(
    managed.socket,
    { signal, onError, concurrency },
    (service) => work({ ...service, managed, handler, schema }),
  );
}

function checkService(
  { name, socket: { type } }: ManagedSocket,
  handler: unknown,
  concurrency: number,
): void {
  if (type !== REP && type !== ROUTER) {
    throw new SocketTypeMismatch(name, {
      expected: "REP or ROUTER",
      actual: typeName(type),
    });
  }
  if (typeof handler !== "function") {
    throw new TypeError(
      `The handler of socket '${name}' is not a function: ${typeof handler}`,
    );
  }
  if (isConcurrency(concurrency, type)) return;
  throw invalidOption(
    `The concurrency of serve() cannot be ${concurrency}: expected an integer from 1 to ${
      maxConcurrency(type)
    } for a ${typeName(type)}`,
  );
}

/** Receives one request after the other, and replies. */
async function work(service: RequestService): Promise<void> {
  const { managed: { messages, socket }, signal } = service;
  while (!signal.aborted) {
    let frames: Frames | undefined;
    try {
      frames = await messages.receive(new Deadline({ signal }));
    } catch (error) {
      if (signal.aborted || socket.closed) return;
      throw error;
    }
    if (frames !== undefined) await reply(frames, service);
  }
}

async function reply(frames: Frames, service: RequestService): Promise<void> {
  const { managed, handler, signal, report } = service;
  const { codec, messages, socket } = managed;
  const { envelope, body } = split(frames, socket.type);
  let isUnpacked = false;
  let answer: Frames;
  try {
    const schema = service.schema ?? managed.schema;
    const data = await codec.unpack(body, schema);
    isUnpacked = true;
    const [routingId] = envelope;
    const context = routingId === undefined
      ? { signal }
      : { signal, routingId };
    answer = codec.pack(await handler(data, context) ?? null);
  } catch (error) {
    report(error);
    const errorReply = errorReplyFor(error, !isUnpacked);
    if (socket.type === REP) {
      // If a call of `recvSafe` waits meanwhile, this sends it at once.
      messages.prepareErrorReply(errorReply, frames);
      return messages.sendErrorReply();
    }
    answer = errorReply.toMessage();
  }
  try {
    await messages.send([...envelope, ...answer], new Deadline());
  } catch (error) {
    if (!socket.closed) report(error);
  }
}

/** Splits the message of a ROUTER into envelope and body: a REQ puts an empty frame between them, a DEALER may. */
function split(
  frames: Frames,
  type: number,
): { envelope: Frames; body: Frames } {
  const end = type === ROUTER ? envelopeEnd(frames) ?? 1 : 0;
  return { envelope: frames.slice(0, end), body: frames.slice(end) };
}
