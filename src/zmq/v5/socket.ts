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
import { argumentError, asSocketError, socketError } from "./socket_error.ts";
import { toFrames } from "./frames.ts";
import { MessagePump } from "./message_pump.ts";
import { createInner, type Inner } from "./inner.ts";
import { Life } from "./life.ts";
import { Monitor } from "./monitor.ts";
import {
  NumberedOptions,
  type OptionValue,
  type SocketProperties,
} from "./options.ts";
import { type SendCallback, SendQueue } from "./send_queue.ts";

/** The parts of a socket. */
interface Parts {
  readonly inner: Inner;
  readonly options: NumberedOptions;
  readonly bindings: Bindings;
  readonly pump: MessagePump;
  readonly sendQueue: SendQueue;
  readonly monitor: Monitor;
  readonly life: Life;
}

/** By emitter, which any class that calls `Socket` on itself may have created. */
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
 * | `error` | an error without a callback |
 * | `connect`, `connect_delay`, `connect_retry`, `listen`, `bind_error`, `accept`, `accept_error`, `close`, `close_error`, `disconnect` | after `monitor()`: the interval in ms of `connect_retry`, or the `errno` of the error; the endpoint; the error |
 *
 * Messages that arrive while there is no listener are dropped. An open socket
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
   * @throws {TypeError} The type is unknown.
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
   * @param callback Called once the socket listens, after the event `bind`, or
   *   with the error. Without a callback, an error is the event `error`.
   */
  bind(address: string, callback?: Callback): this {
    openPartsOf(this).bindings.bind(textOf(address), callback);
    return this;
  }

  /**
   * Listens at an address; `last_endpoint` has the actual address at once.
   *
   * A host name other than `localhost` is resolved first, and a socket file may
   * belong to another process: errors of these are the event `error` a little
   * later.
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
   * Stops listening there, and ends the connections that were accepted there.
   *
   * @param callback Called once the address is free, after the event `unbind`,
   *   or with the error. Without one, an error is the event `error`.
   */
  unbind(address: string, callback?: Callback): this {
    openPartsOf(this).bindings.unbind(textOf(address), callback);
    return this;
  }

  /**
   * Stops listening there.
   *
   * @throws {SocketError} `ENOENT` if the socket is not bound there.
   */
  unbindSync(address: string): this {
    openPartsOf(this).bindings.unbindSync(textOf(address));
    return this;
  }

  /**
   * Connects, and reconnects whenever the connection is lost.
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
   * @param message A frame, or an array of them. Bytes are sent unchanged,
   *   everything else as its text.
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
    partsOf(this).sendQueue.add(toFrames(message), callbacks, isMore);
    return this;
  }

  /** Takes the next message, if there is one, instead of a `message` event; for a paused socket. */
  read(): Uint8Array[] | null {
    return partsOf(this).pump.read();
  }

  /** Emits no messages until `resume`. */
  pause(): void {
    partsOf(this).pump.pause();
  }

  /** Continues to emit messages. */
  resume(): void {
    partsOf(this).pump.resume();
  }

  /** Keeps the process alive while the socket is open, which is the default. */
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
   * Cancels one subscription.
   *
   * @throws {SocketError} `EINVAL` or `ENOTSUP` if the socket type cannot.
   */
  unsubscribe(topic: string | Uint8Array): this {
    return this.setsockopt(ZMQ_UNSUBSCRIBE, topic);
  }

  /**
   * Emits events of the socket's connections. The arguments of v5, an interval
   * and a number, have no effect: events are emitted as they happen.
   */
  monitor(_intervalMs?: number, _count?: number): this {
    openPartsOf(this).monitor.start();
    return this;
  }

  /** Stops emitting these events. */
  unmonitor(): this {
    partsOf(this).monitor.stop();
    return this;
  }

  /**
   * Sets an option by its number, or by its name in `zmq.options`. Options that
   * tune libzmq's threads and the system's buffers are stored, without effect:
   * `affinity`, `sndbuf`, `rcvbuf`, `rate`, `recovery_ivl` and so on.
   *
   * @throws {SocketError} `EINVAL`: the option is unknown, or the value is
   *   invalid; `ENOTSUP`: it is not supported.
   */
  setsockopt(option: number | OptionName, value: unknown): this {
    const { options } = openPartsOf(this);
    options.set(numberOf(option), value);
    return this;
  }

  /**
   * The value of an option; see {@link EventSocket.setsockopt}.
   *
   * @throws {SocketError} `EINVAL`: the option is unknown; `ENOTSUP`: it is not
   *   supported.
   */
  getsockopt(option: number | OptionName): OptionValue {
    const { options, bindings } = openPartsOf(this);
    const number = numberOf(option);
    if (number === ZMQ_LAST_ENDPOINT) return bindings.last;
    return options.get(number);
  }

  /** Closes the socket. Messages are still delivered for as long as `linger` says. */
  close(): this {
    const { inner, pump, monitor, life } = partsOf(this);
    if (life.isClosed) return this;
    life.close();
    monitor.stop();
    inner.close().catch((error) => this.emit("error", asSocketError(error)));
    pump.resume(); // its loop ends
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

/** The class of sockets. As a constructor function it may also be called on an object that inherits from it. */
export interface SocketClass {
  /** Creates a socket; see {@link EventSocket}. */
  new (
    type: SocketType,
    options?: Readonly<Record<string, unknown>>,
  ): EventSocket;
  /** Turns `this` into a socket, as `util.inherits` needs it; without `this`, creates one. */
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
    options: new NumberedOptions(inner),
    bindings: new Bindings(inner, life, {
      event: (name, address) => socket.emit(name, address),
      error: report,
    }),
    pump: new MessagePump(
      inner,
      life,
      (frames) => socket.emit("message", ...frames),
    ),
    sendQueue: new SendQueue(inner, life, report),
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
