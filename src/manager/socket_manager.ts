/**
 * Layer: manager, top.
 *
 * The part of a SocketManager through which data goes. Each method finds the
 * entry of a name and hands over to the file that does the work; there is no
 * protocol here, and no waiting.
 *
 * @module
 */
import { JSONSerializer } from "../serializers/mod.ts";
import type { OptionsOfType, SocketOfType } from "../zmq/mod.ts";
import type { Frames } from "./channel.ts";
import { Codec } from "./codec.ts";
import { ConnectedSockets } from "./connected_sockets.ts";
import type {
  OptionsMap,
  SocketMap,
  SocketRef,
  ZmqSocket,
} from "./contract.ts";
import type { Entry } from "./entry.ts";
import type { Event } from "./event.ts";
import type { EventStream } from "./event_stream.ts";
import { LogBook } from "./log_book.ts";
import type { Logger, LogHandler } from "./logging/mod.ts";
import type {
  EventOptions,
  GetLoggerOptions,
  GetLogHandlerOptions,
  ReceiveOptions,
  RequestOptions,
  SchemaOption,
  ServeHandler,
  ServeOptions,
  SocketManagerOptions,
} from "./options.ts";
import { requireOptions } from "./option_checks.ts";
import { promiseTry } from "../async/promises.ts";
import { serve } from "./service.ts";
import { traitsOf } from "./socket_types.ts";
import type { Topic } from "./topics.ts";
import { checkTimeout, Deadline, type WaitOptions } from "../async/deadline.ts";

/**
 * ZeroMQ sockets by name: created, bound, connected, polled, sent through and
 * received from by the name that you gave them.
 *
 * Every duration is in milliseconds, -1 means for ever, 0 not at all. What
 * waits takes `{ timeout, signal }`; when the time is over it gives `undefined`
 * or `false`, and when the signal is aborted it rejects with the signal's
 * reason. Neither ever loses a message. Waiting costs nothing: there is no busy
 * polling, and a socket need not be registered to be used.
 *
 * Where a polling mechanism (`zmq.POLLIN`, `zmq.POLLOUT` or both) may be left
 * out, it is all that the type of the socket can do.
 *
 * @example
 * ```ts
 * import { SocketManager, zmq } from "@agentzero/agentzero";
 *
 * await using sockets = new SocketManager();
 * const replier = await sockets.ensureAndBind("replier", zmq.REP, "tcp://127.0.0.1:*");
 * await sockets.ensureAndConnect("requester", zmq.REQ, replier.lastEndpoint!);
 *
 * await sockets.sendSafe("requester", { question: "6 * 7" });
 * console.log(await sockets.recvSafe("replier"));
 * await sockets.sendSafe("replier", { answer: 42 });
 * console.log(await sockets.recvSafe("requester"));
 * ```
 */
export class SocketManager<
  S extends SocketMap = SocketOfType,
  O extends OptionsMap = OptionsOfType,
> extends ConnectedSockets<S, O> {
  readonly #codec: Codec;
  readonly #logs = new LogBook();

  /**
   * Makes a manager without sockets.
   *
   * @param options All have defaults.
   * @throws {RangeError} For a timeout that is no number of milliseconds.
   *
   * @example
   * ```ts
   * import { MSGPACK, SocketManager } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager({
   *   serializationBackend: new MSGPACK(),
   *   timeout: 2000,
   * });
   * console.log(`${sockets}`); // SocketManager(sockets=[])
   * ```
   */
  constructor(options: SocketManagerOptions<S, O> = {}) {
    super(options);
    this.#codec = new Codec(
      options.serializationBackend ?? new JSONSerializer(),
    );
  }

  /**
   * Sends data as one frame, as soon as the socket can. Calls queue in their
   * order.
   *
   * For a ROUTER or a STREAM, which need to know whom to send to, use
   * {@linkcode publishSafe}. Why a socket has no connection says the
   * `lastConnectError` of the socket that {@linkcode getByName} gives.
   *
   * @param name The name of the socket.
   * @param data What the serialization backend can pack.
   * @param options The timeout, by default the manager's, and a signal.
   * @returns Whether it was sent; `false` when the time is over.
   * @throws {SocketNotFound}
   * @throws {SerializationError} If the data cannot be packed; nothing is sent.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * sockets.create("jobs", zmq.PUSH);
   * console.log(await sockets.sendSafe("jobs", { id: 1 }, { timeout: 10 })); // false: nobody is there
   * ```
   */
  sendSafe(
    name: SocketRef,
    data: unknown,
    options: WaitOptions = {},
  ): Promise<boolean> {
    return promiseTry(() => {
      const { channel } = this.entry(name);
      requireOptions(options, "wait", "sendSafe()");
      if (isRouted(channel.socket)) {
        throw channel.unable(
          "send without a routing id",
          "; use publishSafe(name, routingId, data)",
        );
      }
      const frames = this.#codec.pack(channel, data);
      return channel.send(frames, this.#wait(options));
    });
  }

  /**
   * Receives data: a message of one frame, to which a DEALER may get an empty
   * one from a REP. Calls queue in their order.
   *
   * A message that cannot be read makes it reject, with the bytes in `raw`; the
   * next call gives the next message. For a ROUTER, and for what was published,
   * use {@linkcode recvEventSafe}.
   *
   * A REP has to answer each request before it receives the next one; until
   * then a call waits, as long as its timeout says. A request that cannot be
   * read may be answered by `sendSafe`; if it is not, the next call that
   * receives answers it with an error reply, as {@linkcode serve} does.
   *
   * @param name The name of the socket, or the socket itself: with a schema, that gives the data its type.
   * @param options The timeout, by default the manager's, a signal, and a schema instead of that of the socket.
   * @returns The data, which may be `null`; `undefined` when the time is over.
   * @throws {SocketNotFound}
   * @throws {SerializationError} For a message that cannot be unpacked.
   * @throws {SchemaValidationError} For data that does not match the schema.
   * @throws {RequestRefusedError} For an error reply to a REQ or DEALER.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("pipe-in", zmq.PULL, "inproc://pipe");
   * await sockets.ensureAndConnect("pipe-out", zmq.PUSH, "inproc://pipe");
   * await sockets.sendSafe("pipe-out", { pipeline: "video-download" });
   * console.log(await sockets.recvSafe("pipe-in"));
   * ```
   */
  recvSafe<T>(
    name: SocketRef,
    options: ReceiveOptions<T> & Required<SchemaOption<T>>,
  ): Promise<T | undefined>;
  /** The same, with the schema of the socket, if it has one. */
  recvSafe<T = unknown>(
    name: SocketRef<T>,
    options?: ReceiveOptions<T>,
  ): Promise<T | undefined>;
  recvSafe<T>(
    name: SocketRef<T>,
    options: ReceiveOptions<T> = {},
  ): Promise<T | undefined> {
    return promiseTry(() => {
      const { channel, schema } = this.entry(name);
      requireOptions(options, "receive", "recvSafe()");
      if (isRouted(channel.socket)) {
        throw channel.unable("receive data alone", "; use recvEventSafe(name)");
      }
      const by = options.schema ?? schema;
      return received(
        channel.receive(this.#wait(options)),
        (frames) => this.#codec.unpack(channel, frames, by) as T,
      );
    });
  }

  /**
   * Sends a request over a REQ socket and waits for the answer. When none comes
   * in time it is sent again, and only the answer to what was sent last counts.
   * Requests on one socket queue; afterwards the socket is as usable as before,
   * whatever the end.
   *
   * The other side may get a request more than once: make it one that does no
   * harm when repeated. The first call sets the options `relaxed` and
   * `correlate` of the socket.
   *
   * @param name The name of the socket.
   * @param data The question.
   * @param options The timeout of one attempt, the number of retries, a signal, and a schema for the answer.
   * @returns The answer.
   * @throws {RequestTimeoutError} `REQUEST_TIMEOUT`, after the last attempt.
   * @throws {RequestRefusedError} `REQUEST_REFUSED`, for an error reply.
   * @throws {SocketTypeMismatch} If it is no REQ.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("server", zmq.REP, "inproc://sums");
   * await sockets.ensureAndConnect("client", zmq.REQ, "inproc://sums");
   *
   * const answer = sockets.request("client", [20, 22], { timeout: 500, retries: 3 });
   * const [a, b] = (await sockets.recvSafe<number[]>("server"))!;
   * await sockets.sendSafe("server", a! + b!);
   * console.log(await answer); // 42
   * ```
   */
  request<T>(
    name: SocketRef,
    data: unknown,
    options: RequestOptions<T> & Required<SchemaOption<T>>,
  ): Promise<T>;
  /** The same, with the schema of the socket, if it has one. */
  request<T = unknown>(
    name: SocketRef<T>,
    data: unknown,
    options?: RequestOptions<T>,
  ): Promise<T>;
  async request<T>(
    name: SocketRef<T>,
    data: unknown,
    options: RequestOptions<T> = {},
  ): Promise<T> {
    const { channel, requester, schema } = this.entry(name);
    requireOptions(options, "request", "request()");
    const { timeout = this.timeoutMs, retries = 2, signal } = options;
    const answer = await requester.request(this.#codec.pack(channel, data), {
      timeout,
      retries,
      signal,
    });
    return await this.#codec.unpack(
      channel,
      answer,
      options.schema ?? schema,
    ) as T;
  }

  /**
   * Publishes an event: a frame with the topic, one with the data. A PUB socket
   * drops it where nobody listens. A ROUTER sends it to the peer whose routing
   * id is the topic.
   *
   * @param name The name of the socket.
   * @param topic The topic, as text or bytes.
   * @param data What the serialization backend can pack.
   * @param options The timeout, by default the manager's, and a signal.
   * @returns Whether it was sent; `false` when the time is over.
   * @throws {SocketNotFound}
   * @throws {SerializationError} If the data cannot be packed; nothing is sent.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("logs", zmq.PUB, "tcp://127.0.0.1:*");
   * console.log(await sockets.publishSafe("logs", "output", "some data")); // true
   * ```
   */
  publishSafe(
    name: SocketRef,
    topic: Topic,
    data: unknown,
    options: WaitOptions = {},
  ): Promise<boolean> {
    return promiseTry(() => {
      const { channel } = this.entry(name);
      requireOptions(options, "wait", "publishSafe()");
      const frames = this.#codec.packEvent(channel, topic, data);
      return channel.send(frames, this.#wait(options));
    });
  }

  /**
   * Receives an event: a message of two frames, topic and data. A ROUTER gives
   * the routing id of the peer as topic; what its option `routerNotify` tells
   * is an event whose data is `undefined`.
   *
   * A message that cannot be read makes it reject; the error has the bytes in
   * `raw`, and all frames in `frames`. The next call gives the next message.
   *
   * @param name The name of the socket.
   * @param topic Subscribes to it, once, and stays subscribed; left out, the
   *   subscriptions stay as they are. The event may be of any of them.
   * @param options The timeout, by default the manager's, a signal, and a schema instead of that of the socket.
   * @returns The event; `undefined` when the time is over.
   * @throws {SocketNotFound}
   * @throws {SerializationError} For a message that cannot be unpacked.
   * @throws {SchemaValidationError} For data that does not match the schema.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("pub", zmq.PUB, "inproc://events");
   * await sockets.ensureAndConnect("sub", zmq.SUB, "inproc://events");
   * sockets.setTopic("sub", "logs");
   *
   * await sockets.publishSafe("pub", "logs:2016-06-20", { stdout: "hello world" });
   * const event = await sockets.recvEventSafe("sub", "logs");
   * console.log(event?.topic, event?.data);
   * ```
   */
  recvEventSafe<T>(
    name: SocketRef,
    topic: Topic | undefined,
    options: ReceiveOptions<T> & Required<SchemaOption<T>>,
  ): Promise<Event<T> | undefined>;
  /** The same, with the schema of the socket, if it has one. */
  recvEventSafe<T = unknown>(
    name: SocketRef<T>,
    topic?: Topic,
    options?: ReceiveOptions<T>,
  ): Promise<Event<T> | undefined>;
  recvEventSafe<T>(
    name: SocketRef<T>,
    topic?: Topic,
    options: ReceiveOptions<T> = {},
  ): Promise<Event<T> | undefined> {
    return promiseTry(() => {
      const { channel, topics, schema } = this.entry(name);
      requireOptions(options, "receive", "recvEventSafe()");
      const wait = this.#wait(options);
      if (topic !== undefined) topics.keep(topic);
      const by = options.schema ?? schema;
      return received(
        channel.receive(wait),
        (frames) => this.#codec.unpackEvent(channel, frames, by) as Event<T>,
      );
    });
  }

  /**
   * Subscribes, at once, and gives the events that come.
   *
   * The iteration ends when it is left, when the signal is aborted, when
   * `keepPolling` gives `false`, when no event came for `timeout` milliseconds,
   * or when the socket is closed. It then takes its subscription back. Several
   * iterations over one socket each get all events of their topics, and those
   * of topics that the socket has besides; one that is more than 1,000 events
   * behind loses further ones, or with `dropOldest` the oldest, and counts them
   * in `dropped`.
   *
   * A message that cannot be read makes `next()` reject; the next `next()` goes
   * on, and so does a new loop over the same stream. With `onError` the loop
   * need not end.
   *
   * @param name The name of the socket.
   * @param topic What topics begin with, `""` for all. Left out, it is what the
   *   socket is subscribed to already, and everything if that is nothing.
   * @param options When to end, a schema instead of that of the socket, and who gets errors.
   * @returns The events.
   * @throws {SocketNotFound}
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("pub", zmq.PUB, "inproc://events");
   * await sockets.ensureAndConnect("sub", zmq.SUB, "inproc://events");
   *
   * const events = sockets.subscribe("sub", "output");
   * await sockets.publishSafe("pub", "output:0", "some data");
   * for await (const [topic, data] of events) {
   *   console.log(topic, "==>", data);
   *   break;
   * }
   * ```
   */
  subscribe<T>(
    name: SocketRef,
    topic: Topic | undefined,
    options: EventOptions<T> & Required<SchemaOption<T>>,
  ): EventStream<T>;
  /** The same, with the schema of the socket, if it has one. */
  subscribe<T = unknown>(
    name: SocketRef<T>,
    topic?: Topic,
    options?: EventOptions<T>,
  ): EventStream<T>;
  subscribe<T>(
    name: SocketRef<T>,
    topic?: Topic,
    options: EventOptions<T> = {},
  ): EventStream<T> {
    requireOptions(options, "events", "subscribe()");
    checkTimeout(options.timeout ?? -1);
    return this.entry(name).subscribe(topic, options, {
      codec: this.#codec,
      schema: options.schema,
      pollingTimeout: this.pollingTimeoutMs,
    }) as EventStream<T>;
  }

  /**
   * Answers the requests of a REP or ROUTER with what a function returns, until
   * the signal is aborted or the socket is closed. A request that fails costs
   * one answer and not the service.
   *
   * When a request cannot be read or does not match the schema, or when the
   * handler throws, the client gets an error reply: `request` and `recvSafe`
   * reject there with {@linkcode RequestRefusedError}. Of a `zmq.ReplyError`
   * the client gets code and text; of any other error of the handler
   * `EINTERNAL` and a general text, since it was not written for others.
   *
   * @param name The name of the socket, or the socket itself.
   * @param handler Answers a request; what it returns is packed, nothing as `null`.
   * @param options A schema instead of that of the socket, a signal, the concurrency, and what gets the errors.
   * @returns Resolves when the service has ended, and the handlers at work with it.
   * @throws {SocketNotFound}
   * @throws {SocketTypeMismatch} If it is neither a REP nor a ROUTER.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   * import * as z from "zod";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("sums", zmq.REP, "inproc://sums");
   * await sockets.ensureAndConnect("client", zmq.REQ, "inproc://sums");
   *
   * const schema = z.object({ a: z.number(), b: z.number() });
   * void sockets.serve("sums", ({ a, b }) => a + b, { schema });
   * console.log(await sockets.request("client", { a: 20, b: 22 })); // 42
   * ```
   */
  serve<T>(
    name: SocketRef,
    handler: ServeHandler<T>,
    options: ServeOptions<T> & Required<SchemaOption<T>>,
  ): Promise<void>;
  /** The same, with the schema of the socket, if it has one. */
  serve<T = unknown>(
    name: SocketRef<T>,
    handler: ServeHandler<T>,
    options?: ServeOptions<T>,
  ): Promise<void>;
  async serve<T>(
    name: SocketRef<T>,
    handler: ServeHandler<T>,
    options: ServeOptions<T> = {},
  ): Promise<void> {
    const entry = this.entry(name);
    requireOptions(options, "serve", "serve()");
    await serve(entry, handler as ServeHandler, this.#codec, options);
  }

  /**
   * Gives a handler that publishes log records through a socket, for the
   * adapters to LogTape, pino, winston and consola. It is the same object for
   * the same arguments. It never waits and never throws; what cannot be
   * published is counted in `dropped`: so is what is logged before there is a
   * socket of that name.
   *
   * @param name The name of the socket, which may be created later.
   * @param options The topic.
   * @returns The handler.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("logs", zmq.PUB, "tcp://127.0.0.1:*");
   * const handler = sockets.getLogHandler("logs", { topicName: "app_logs" });
   * handler.handle({ level: "info", msg: "Server is up!" });
   * console.log(handler.published, handler.dropped); // 1 0
   * ```
   */
  getLogHandler(name: string, options: GetLogHandlerOptions = {}): LogHandler {
    requireOptions(options, "logHandler", "getLogHandler()");
    return this.#logHandler(name, options.topicName);
  }

  #logHandler(name: string, topicName = "logs"): LogHandler {
    return this.#logs.handler(name, topicName, (topic, record) => {
      const { channel } = this.entry(name);
      return channel.trySend(this.#codec.packEvent(channel, topic, record));
    });
  }

  /**
   * Gives a logger that publishes its records through a socket. It is the same
   * object for the same arguments.
   *
   * @param name The name of the socket, which may be created later.
   * @param options The topic, and the name that the records bear.
   * @returns The logger.
   *
   * @example
   * ```ts
   * import { SocketManager, zmq } from "@agentzero/agentzero";
   *
   * await using sockets = new SocketManager();
   * await sockets.ensureAndBind("logs", zmq.PUB, "tcp://127.0.0.1:*");
   * const logger = sockets.getLogger("logs", { loggerName: "web" });
   * logger.info("Server is up on port %d", 5000);
   * ```
   */
  getLogger(name: string, options: GetLoggerOptions = {}): Logger {
    requireOptions(options, "logger", "getLogger()");
    const handler = this.#logHandler(name, options.topicName);
    return this.#logs.logger(handler, options.loggerName ?? name);
  }

  /** @internal */
  protected override forget(entry: Entry): void {
    super.forget(entry);
    this.#logs.forget(entry.name);
  }

  #wait(options: WaitOptions): Deadline {
    return new Deadline(options, this.timeoutMs);
  }
}

/** Reads a message: at once, if it is there. */
function received<T>(
  frames: Frames | Promise<Frames | undefined>,
  read: (frames: Frames) => T | Promise<T>,
): T | undefined | Promise<T | undefined> {
  if (!(frames instanceof Promise)) return read(frames);
  return frames.then((frames) => frames && read(frames));
}

/** Whether messages of a socket begin with whom they are for, or from. */
function isRouted({ type }: ZmqSocket): boolean {
  return traitsOf(type).address === "routing id frame";
}
