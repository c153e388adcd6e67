/**
 * Layer: v5. The socket of zeromq.js 4 and 5: an event emitter over a socket of
 * the engine.
 *
 * @module
 */
import { EventEmitter } from "node:events";
import { Bindings, type Callback } from "./bindings.ts";
import {
  type OptionName,
  options as NUMBERS,
  type SocketType,
  ZMQ_LAST_ENDPOINT,
  ZMQ_SNDMORE,
  ZMQ_SUBSCRIBE,
  ZMQ_UNSUBSCRIBE,
} from "./constants.ts";
import { argumentError, asSocketError, socketError } from "./errors.ts";
import { toFrames } from "./frames.ts";
import { Inbox } from "./inbox.ts";
import { createInner, type Inner } from "./inner.ts";
import { Life } from "./life.ts";
import { Monitor } from "./monitor.ts";
import { Options, type OptionValue, type SocketProperties } from "./options.ts";
import { Outbox, type SendCallback } from "./outbox.ts";

/** What a socket is made of. */
interface Parts {
  readonly inner: Inner;
  readonly options: Options;
  readonly bindings: Bindings;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly monitor: Monitor;
  readonly life: Life;
}

/** By the emitter, which any class that calls `Socket` for itself may have made. */
const PARTS: WeakMap<object, Parts> = new WeakMap();

/** The options of a socket, as properties. */
export interface EventSocket extends SocketProperties {}

/**
 * A socket whose messages are events.
 *
 * | event | arguments |
 * |---|---|
 * | `message` | the frames, each a Buffer |
 * | `bind`, `unbind` | the address, after `bind` and `unbind` |
 * | `error` | what failed and had no callback |
 * | `connect`, `connect_delay`, `connect_retry`, `listen`, `bind_error`, `accept`, `accept_error`, `close`, `close_error`, `disconnect` | after `monitor()`: the interval in ms of `connect_retry`, or the `errno` of what failed; the endpoint; the error |
 *
 * Messages that come while there is no listener are dropped. An open socket
 * keeps the process alive; see `unref`.
 */
export class EventSocket extends EventEmitter {
  /** The name of the socket type, such as `"req"`. */
  readonly type: SocketType;

  /**
   * Creates the socket.
   *
   * @param type The name of a socket type, such as `"req"`.
   * @param options Properties to set, such as `{ linger: 0 }`.
   * @throws {TypeError} There is no such type.
   */
  constructor(type: SocketType, options?: Readonly<Record<string, unknown>>) {
    super();
    this.type = type;
    initialise(this, type, options);
  }

  /** Whether the socket is closed. */
  get closed(): boolean {
    return partsOf(this).life.isClosed;
  }

  /**
   * Listens at an address.
   *
   * @param callback Called once it does, after the event `bind`, or with the
   *   error. Without one, an error is the event `error`.
   */
  bind(address: string, callback?: Callback): this {
    openPartsOf(this).bindings.bind(textOf(address), callback);
    return this;
  }

  /**
   * Listens at an address; `last_endpoint` has the real one at once.
   *
   * A host name, other than `localhost`, is looked up first, and a socket file
   * may be that of another process: what is wrong with these is the event
   * `error` a little later.
   *
   * @throws {SocketError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EINVAL`,
   *   `EPROTONOSUPPORT`, `ENOENT` (the folder of a socket file).
   */
  bindSync(address: string): this {
    const { bindings, monitor } = openPartsOf(this);
    try {
      bindings.bindSync(textOf(address));
    } catch (error) {
      monitor.bindFailed(address, error as Error);
      throw error;
    }
    return this;
  }

  /**
   * Listens there no longer, and ends the connections that it has accepted there.
   *
   * @param callback Called once the address is free, after the event `unbind`,
   *   or with the error. Without one, an error is the event `error`.
   */
  unbind(address: string, callback?: Callback): this {
    openPartsOf(this).bindings.unbind(textOf(address), callback);
    return this;
  }

  /**
   * Listens there no longer.
   *
   * @throws {SocketError} `ENOENT` if the socket is not bound there.
   */
  unbindSync(address: string): this {
    openPartsOf(this).bindings.unbindSync(textOf(address));
    return this;
  }

  /**
   * Connects, now and again whenever the connection is lost.
   *
   * @throws {SocketError} `EINVAL` or `EPROTONOSUPPORT` for a malformed address.
   */
  connect(address: string): this {
    openPartsOf(this).bindings.connect(textOf(address));
    return this;
  }

  /**
   * Disconnects.
   *
   * @throws {SocketError} `ENOENT` if the socket is not connected there.
   */
  disconnect(address: string): this {
    openPartsOf(this).bindings.disconnect(textOf(address));
    return this;
  }

  /**
   * Sends a message, or queues it until that is possible.
   *
   * @param message A frame, or an array of them. Bytes travel as they are, all
   *   else as its text.
   * @param flags `ZMQ_SNDMORE`: the frames of the next call belong to the same
   *   message.
   * @param callback Called once the message is queued for a peer, or with the
   *   error. Without one, an error is the event `error`, and thrown if that has
   *   no listener.
   */
  send(
    message: unknown,
    flags?: number | null,
    callback?: SendCallback,
  ): this {
    const isMore = ((flags ?? 0) & ZMQ_SNDMORE) !== 0;
    const callbacks = typeof callback === "function" ? [callback] : [];
    partsOf(this).outbox.add(toFrames(message), callbacks, isMore);
    return this;
  }

  /** Takes the next message, if one is there, instead of a `message` event; for a paused socket. */
  read(): Uint8Array[] | null {
    return partsOf(this).inbox.read();
  }

  /** Emits no messages until `resume`. */
  pause(): void {
    partsOf(this).inbox.pause();
  }

  /** Emits messages again. */
  resume(): void {
    partsOf(this).inbox.resume();
  }

  /** Keeps the process alive while the socket is open, as is the case at first. */
  ref(): void {
    partsOf(this).life.ref();
  }

  /** Lets the process end although the socket is open. */
  unref(): void {
    partsOf(this).life.unref();
  }

  /**
   * Subscribes to a topic: to all messages whose first frame begins with it.
   *
   * @throws {SocketError} `EINVAL` or `ENOTSUP` if the socket type cannot.
   */
  subscribe(topic: string | Uint8Array): this {
    return this.setsockopt(ZMQ_SUBSCRIBE, topic);
  }

  /**
   * Takes one subscription back.
   *
   * @throws {SocketError} `EINVAL` or `ENOTSUP` if the socket type cannot.
   */
  unsubscribe(topic: string | Uint8Array): this {
    return this.setsockopt(ZMQ_UNSUBSCRIBE, topic);
  }

  /**
   * Emits what happens beneath the socket; the arguments of v5, an interval and
   * a number, have no use here: events come as they happen.
   */
  monitor(_intervalMs?: number, _count?: number): this {
    openPartsOf(this).monitor.start();
    return this;
  }

  /** Emits it no longer. */
  unmonitor(): this {
    partsOf(this).monitor.stop();
    return this;
  }

  /**
   * Sets an option by its number, or by its name in `zmq.options`. What tunes
   * libzmq's threads and the buffers of the system is stored, without effect:
   * `affinity`, `sndbuf`, `rcvbuf`, `rate`, `recovery_ivl` and so on.
   *
   * @throws {SocketError} `EINVAL`: there is no such option, or it cannot hold
   *   the value; `ENOTSUP`: it is not possible here.
   */
  setsockopt(option: number | OptionName, value: unknown): this {
    const { options } = openPartsOf(this);
    options.set(numberOf(option), value);
    return this;
  }

  /**
   * The value of an option; see {@link EventSocket.setsockopt}.
   *
   * @throws {SocketError} `EINVAL`: there is no such option; `ENOTSUP`.
   */
  getsockopt(option: number | OptionName): OptionValue {
    const { options, bindings } = openPartsOf(this);
    const number = numberOf(option);
    if (number === ZMQ_LAST_ENDPOINT) return bindings.last;
    return options.get(number);
  }

  /** Closes the socket. What was sent still leaves, for as long as `linger` says. */
  close(): this {
    const { inner, inbox, monitor, life } = partsOf(this);
    if (life.isClosed) return this;
    life.close();
    monitor.stop();
    inner.close().catch((error) => this.emit("error", asSocketError(error)));
    inbox.resume(); // its loop ends
    return this;
  }
}

for (const [name, number] of Object.entries(NUMBERS)) {
  Object.defineProperty(EventSocket.prototype, name, {
    get(this: EventSocket) {
      return this.getsockopt(number);
    },
    set(this: EventSocket, value: unknown) {
      this.setsockopt(number, value);
    },
    configurable: true,
  });
}

/** The class of sockets, which may also be called on an object that inherits from it, as functions were before there were classes. */
export interface SocketClass {
  /** Creates a socket; see {@link EventSocket}. */
  new (
    type: SocketType,
    options?: Readonly<Record<string, unknown>>,
  ): EventSocket;
  /** Makes a socket of `this`, as `util.inherits` needs it; creates one without. */
  (
    this: unknown,
    type: SocketType,
    options?: Readonly<Record<string, unknown>>,
  ): EventSocket;
  /** What all sockets have. */
  readonly prototype: EventSocket;
}

/** A socket. */
export type Socket = EventSocket;

/** The class of sockets. */
export const Socket: SocketClass = function Socket(
  this: unknown,
  type: SocketType,
  options?: Readonly<Record<string, unknown>>,
): EventSocket {
  if (!(this instanceof EventSocket)) return new EventSocket(type, options);
  (EventEmitter as unknown as () => void).call(this);
  Object.assign(this, { type });
  initialise(this, type, options);
  return this;
} as unknown as SocketClass;

Object.defineProperty(Socket, "prototype", { value: EventSocket.prototype });
Object.defineProperty(EventSocket.prototype, "constructor", { value: Socket });
Object.setPrototypeOf(Socket, EventEmitter);

function initialise(
  socket: EventSocket,
  type: SocketType,
  options: Readonly<Record<string, unknown>> = {},
): void {
  const inner = createInner(type);
  const life = new Life(inner.context.keepAlive);
  const report = (error: Error) => socket.emit("error", error);
  PARTS.set(socket, {
    inner,
    options: new Options(inner),
    bindings: new Bindings(inner, life, {
      event: (name, address) => socket.emit(name, address),
      error: report,
    }),
    inbox: new Inbox(
      inner,
      life,
      (frames) => socket.emit("message", ...frames),
    ),
    outbox: new Outbox(inner, life, report),
    monitor: new Monitor(
      inner.events,
      (name, ...values) => socket.emit(name, ...values),
    ),
    life,
  });
  try {
    Object.assign(socket, options);
  } catch (error) {
    socket.close();
    throw error;
  }
}

function partsOf(socket: EventSocket): Parts {
  const parts = PARTS.get(socket);
  if (parts === undefined) throw argumentError("The argument is not a socket");
  return parts;
}

function openPartsOf(socket: EventSocket): Parts {
  const parts = partsOf(socket);
  if (parts.life.isClosed) throw socketError("EBADF");
  return parts;
}

function numberOf(option: number | string): number {
  const number = typeof option === "number"
    ? option
    : Object.hasOwn(NUMBERS, option)
    ? NUMBERS[option as OptionName]
    : undefined;
  if (number === undefined) {
    throw argumentError(`Unknown option "${String(option)}"`);
  }
  return number;
}

function textOf(address: unknown): string {
  if (typeof address === "string") return address;
  throw argumentError("Address must be a string!");
}
