/**
 * Layer: proxy. Sockets as Web streams.
 *
 * These are functions and not methods: in zeromq.js `socket.readable` and
 * `socket.writable`, the names in the streams standard, report whether a call
 * need not wait. A function only needs the public methods, so it works for
 * every socket type.
 *
 * @module
 */
import { yieldToEventLoop } from "../../async/event_loop.ts";
import type { Message, MessageLike } from "../message.ts";
import { POLLIN } from "../types.ts";
import type { Sink, Source } from "./forward.ts";

/** After this many messages that were already waiting, it yields to timers and I/O. */
const MESSAGES_PER_TICK = 1024;

/**
 * The messages that a socket receives, as a stream.
 *
 * It takes a message only on demand: unread messages stay in the socket, where
 * they count against the high-water mark. Cancelling the stream leaves the
 * socket open and consumes no message; the socket can then be read in any other
 * way. The stream ends when the socket is closed. It waits for ever: the
 * socket's `receiveTimeout` does not apply.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using push = new zmq.Push();
 * await using pull = new zmq.Pull();
 * await push.bind("inproc://numbers");
 * pull.connect("inproc://numbers");
 * for (const number of [1, 2, 3]) await push.send(number);
 *
 * let sum = 0;
 * for await (const [number] of zmq.toReadableStream(pull)) {
 *   sum += Number(`${number}`);
 *   if (sum === 6) break; // the socket stays open
 * }
 * ```
 */
export function toReadableStream(socket: Source): ReadableStream<Message> {
  const cancelled = new AbortController();
  const { signal } = cancelled;
  let taken = 0;
  return new ReadableStream<Message>({
    async pull(controller) {
      if (++taken % MESSAGES_PER_TICK === 0) await yieldToEventLoop();
      try {
        while (!signal.aborted && !socket.readable) {
          await socket.poll(POLLIN, { signal });
        }
      } catch (error) {
        if (signal.aborted) return;
        if (socket.closed) return controller.close();
        throw error;
      }
      if (signal.aborted) return;
      // Taken and enqueued synchronously, so that it cannot be cancelled in
      // between.
      const message = socket.tryReceive();
      if (message !== undefined) controller.enqueue(message);
    },
    cancel(reason) {
      cancelled.abort(reason);
    },
  }, { highWaterMark: 0 });
}

/**
 * A stream whose chunks a socket sends, each as a message.
 *
 * A write completes when the message is queued for a peer, as `send` does, so
 * the high-water mark applies to the stream. Closing or aborting it leaves the
 * socket open; a message that waits for room when it is aborted is not sent. An
 * error of `send`, such as `EBADF` of a closed socket, is the stream's error.
 * It waits for ever: the socket's `sendTimeout` does not apply.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using push = new zmq.Push();
 * await using pull = new zmq.Pull();
 * await push.bind("inproc://lines");
 * pull.connect("inproc://lines");
 *
 * const lines = new ReadableStream<string>({
 *   start(controller) {
 *     for (const line of ["one", "two"]) controller.enqueue(line);
 *     controller.close();
 *   },
 * });
 * await lines.pipeTo(zmq.toWritableStream(push));
 * await pull.receive();
 * ```
 */
export function toWritableStream(
  socket: Sink,
): WritableStream<MessageLike | readonly MessageLike[]> {
  return new WritableStream<MessageLike | readonly MessageLike[]>({
    write(message, controller) {
      // Node's types lack the signal that its streams have.
      const { signal } = controller as { readonly signal?: AbortSignal };
      return socket.send(message, { timeout: -1, signal });
    },
  });
}
