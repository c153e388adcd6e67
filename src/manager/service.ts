/**
 * Layer: manager.
 *
 * `serve`: takes the requests of a REP or ROUTER, and answers each with what a
 * handler returns, or with an error reply. It sets handlers no time limit.
 *
 * @module
 */
import { SocketTypeMismatch } from "../errors.ts";
import { invalidOption } from "../util/check_options.ts";
import { onAbort } from "../async/abort.ts";
import { REP, ROUTER } from "../zmq/mod.ts";
import { ErrorLog } from "../zmq/error_log.ts";
import { callSafely } from "../async/call_safely.ts";
import type { Channel, Frames } from "./channel.ts";
import type { Codec } from "./codec.ts";
import type { Entry } from "./entry.ts";
import type { ServeHandler, ServeOptions } from "./options.ts";
import { refusalOf } from "./owed_answer.ts";
import { typeName } from "./socket_types.ts";
import { Deadline } from "../async/deadline.ts";

/** Each request at work has a call that waits. */
const MOST_AT_WORK = 1024;

interface Service {
  readonly entry: Entry;
  readonly handler: ServeHandler;
  readonly codec: Codec;
  readonly schema: ServeOptions["schema"];
  readonly onError: (error: unknown) => unknown;
  /** Aborted when the service ends. */
  readonly signal: AbortSignal;
}

/** A request, and the frames that its answer begins with. */
interface Taken {
  readonly envelope: Frames;
  readonly body: Frames;
}

/**
 * Serves a socket until the signal is aborted or the socket is closed.
 *
 * @throws {SocketTypeMismatch} If it is neither a REP nor a ROUTER.
 */
export async function serve(
  entry: Entry,
  handler: ServeHandler,
  codec: Codec,
  options: ServeOptions,
): Promise<void> {
  const { signal, concurrency = 1 } = options;
  checkService(entry, handler, concurrency);
  if (signal?.aborted) return;
  const end = new AbortController();
  const unlisten = onAbort(signal, () => end.abort(signal?.reason));
  const log = new ErrorLog();
  const { schema, onError = log.add } = options;
  const service = {
    entry,
    handler,
    codec,
    schema,
    onError,
    signal: end.signal,
  };
  const closed = untilClosed(entry.channel, end);
  try {
    await Promise.all(
      Array.from({ length: concurrency }, () => work(service)),
    );
  } finally {
    unlisten();
    end.abort();
    await closed;
    log.close();
  }
}

function checkService(
  { name, socket }: Entry,
  handler: unknown,
  concurrency: number,
): void {
  const { type } = socket;
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
  const most = type === ROUTER ? MOST_AT_WORK : 1;
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > most) {
    throw invalidOption(
      `The concurrency of serve() cannot be ${concurrency}: a ${
        typeName(type)
      } takes a whole number from 1 to ${most}`,
    );
  }
}

/** Ends the service as its socket is closed, also while all handlers are at work. */
async function untilClosed(
  { socket }: Channel,
  end: AbortController,
): Promise<void> {
  try {
    // Nothing is asked for: only the end of the socket, or of the service, ends it.
    await socket.poll(0, { timeout: -1, signal: end.signal });
  } catch {
    end.abort();
  }
}

/** Takes and answers one request after the other. */
async function work(service: Service): Promise<void> {
  const { entry: { channel, socket }, signal } = service;
  while (!signal.aborted) {
    let frames: Frames | undefined;
    try {
      frames = await channel.receive(new Deadline({ signal }));
    } catch (error) {
      if (signal.aborted || socket.closed) return;
      throw error;
    }
    if (frames !== undefined) await answer(frames, service);
  }
}

async function answer(frames: Frames, service: Service): Promise<void> {
  const { entry, codec, handler, signal } = service;
  const { channel, socket } = entry;
  const { envelope, body } = open(frames, socket.type);
  let isRead = false;
  let reply: Frames;
  try {
    const schema = service.schema ?? entry.schema;
    const data = await codec.unpack(channel, body, schema);
    isRead = true;
    const [routingId] = envelope;
    const context = routingId === undefined
      ? { signal }
      : { signal, routingId };
    reply = codec.pack(channel, await handler(data, context) ?? null);
  } catch (error) {
    tell(error, service);
    const refusal = refusalOf(error, !isRead);
    if (socket.type === REP) {
      // If a call of `recvSafe` waits meanwhile, it has been sent already.
      channel.giveUp(refusal, frames);
      return channel.refuse();
    }
    reply = refusal.toMessage();
  }
  try {
    await channel.send([...envelope, ...reply], new Deadline());
  } catch (error) {
    if (!socket.closed) tell(error, service);
  }
}

/** Splits the message of a ROUTER: a REQ puts an empty frame before its request, a DEALER may. */
function open(frames: Frames, type: number): Taken {
  if (type !== ROUTER) return { envelope: [], body: frames };
  // The first frame is the peer's routing id.
  const empty = frames.findIndex((frame, i) => i > 0 && frame.byteLength === 0);
  const end = empty < 0 || empty === frames.length - 1 ? 1 : empty + 1;
  return { envelope: frames.slice(0, end), body: frames.slice(end) };
}

/** What gets the errors must not become one. */
function tell(error: unknown, { onError }: Service): void {
  callSafely(() => onError(error), () => {});
}
