/**
 * Layer: engine. `inproc://name`: pipes between the sockets of one Context, as
 * zmq_inproc(7). A name may be connected before it is bound: the pipe waits for
 * it.
 *
 * Messages are passed by reference; small frames are copied when they must
 * wait. Deliberately unlike libzmq, incompatible socket types are rejected.
 *
 * @module
 */
import { Latch } from "../../async/latch.ts";
import { restOf } from "../endpoint.ts";
import { ZmqError } from "../errors.ts";
import { escaped } from "../escape.ts";
import { stderr } from "../stdio.ts";
import { type Pipe, type PipeHolder, pipePair } from "../routing/pipe.ts";
import { isCompatible } from "../socket_traits.ts";
import { SOCKET_TYPE_NAMES } from "../types.ts";
import type { Connected } from "./connected.ts";
import type { PeerInfo } from "./observer.ts";
import type { Bound, SocketTransport } from "./socket_transport.ts";
import { threadNames } from "./thread_names.ts";
import {
  applyConflate,
  disconnectMessagesOf,
  helloOf,
  notificationsOf,
  receiveHighWaterMark,
  releaseFor,
  routingIdOf,
  sendHighWaterMark,
  setHighWaterMarks,
  type SocketCore,
} from "./socket_core.ts";

/** A connected name, which may have to wait until it is bound. */
export class InprocConnection implements Connected, PipeHolder {
  readonly core: SocketCore;
  readonly address: string;
  /** The connecting socket's end of the pipe. */
  readonly ours: Pipe;
  readonly #whenMet = new Latch();
  /** Removes it from the registry; undefined when it does not wait. */
  #forget: (() => void) | undefined;
  /** Stops listening to other threads. */
  #ignore: (() => void) | undefined;

  constructor(core: SocketCore, address: string, ours: Pipe) {
    this.core = core;
    this.address = address;
    this.ours = ours;
  }

  get isFinished(): boolean {
    return this.ours.isClosed && this.#forget === undefined;
  }

  /** The name is not bound yet. @param forget Removes it from the registry. */
  wait(forget: () => void): void {
    this.#forget = forget;
    this.ours.other.holder = this;
    this.#ignore = threadNames.wait(this.address, () => this.#isElsewhere());
  }

  /** Another thread has bound the name. This thread may still bind it, too. */
  #isElsewhere(): void {
    const { address } = this;
    const { events, failures } = this.core;
    const error = new ZmqError(
      "ENOTSUP",
      `Cannot connect to "${address}": inproc does not work across threads, and only another thread has bound this name; use ipc or tcp between threads`,
      { address },
    );
    this.#ignore?.(); // once is enough
    failures.set(address, error);
    stderr().tryWrite(`Warning: ${escaped(error.message)}\n`);
    events.emit({ type: "handshake:error:other", address, error });
  }

  /** The name is bound now, or never will be. */
  settle(): void {
    this.#ignore?.();
    this.#forget = undefined;
    this.#whenMet.release();
  }

  closePipe(): void {
    releaseFor(this.core, this.ours.other);
  }

  disconnect(): void {
    this.closePipe();
  }

  /** Resolves once the socket that has bound the name has received the messages, or the name never will be bound. */
  finish(): Promise<void> {
    if (this.#forget === undefined) return Promise.resolve();
    return this.#whenMet.wait();
  }

  destroy(): void {
    const forget = this.#forget;
    if (forget === undefined) return this.core.host.release(this.ours);
    this.settle();
    forget();
    this.ours.other.close();
  }

  pipeReadable(): void {}

  pipeWritable(): void {}

  /** The socket has disconnected, and nothing waits to be sent. */
  pipeClosed(): void {
    this.destroy();
  }
}

/** A bound name. Existing connections stay open when it is freed, as in libzmq. */
class InprocBinding implements Bound {
  readonly given: string;
  readonly #registry: InprocRegistry;
  readonly #core: SocketCore;

  constructor(registry: InprocRegistry, address: string, core: SocketCore) {
    this.#registry = registry;
    this.given = address;
    this.#core = core;
  }

  get endpoint(): string {
    return this.given;
  }

  open(): undefined {
    this.#registry.bind(this.given, this.#core);
  }

  isAt(): boolean {
    return false;
  }

  stop(): Promise<void> {
    this.#registry.unbind(this.given, this.#core);
    return Promise.resolve();
  }

  // Its connections are pipes between the sockets; it has none itself.

  drain(): void {}

  closePipes(): void {}

  finish(): Promise<void> {
    return Promise.resolve();
  }

  destroy(): void {}
}

/** The inproc names of one context, and the transport `inproc` of its sockets. */
export class InprocRegistry implements SocketTransport {
  readonly name = "inproc";
  readonly carries = "messages";
  readonly #bound: Map<string, SocketCore> = new Map();
  readonly #waiting: Map<string, Set<InprocConnection>> = new Map();

  /** A name is checked where it is used; one that is not in use needs no reason. */
  check(): void {}

  binding(address: string, core: SocketCore): Bound {
    return new InprocBinding(this, address, core);
  }

  /**
   * Binds a name, and connects the sockets that wait for it.
   *
   * @throws {ZmqError} `EADDRINUSE`.
   */
  bind(address: string, core: SocketCore): void {
    checkName(address);
    if (this.#bound.has(address)) {
      throw new ZmqError(
        "EADDRINUSE",
        `Cannot bind "${address}": the address is already in use`,
        { address },
      );
    }
    this.#bound.set(address, core);
    threadNames.bind(address);
    core.events.emit({ type: "bind", address });
    const waiting = this.#waiting.get(address);
    this.#waiting.delete(address);
    for (const one of waiting ?? []) {
      const error = mismatch(address, one.core, core);
      if (error === undefined) {
        one.core.failures.clear(address);
        join(address, one.core, one.ours, core);
        one.settle();
      } else {
        const { events, failures } = one.core;
        failures.set(address, error);
        events.emit({ type: "handshake:error:other", address, error });
        one.destroy();
      }
    }
  }

  /** Whether the name is bound. */
  isBound(address: string): boolean {
    return this.#bound.has(address);
  }

  /** Frees a name; existing pipes stay open. */
  unbind(address: string, core: SocketCore): void {
    if (this.#bound.get(address) !== core) return;
    this.#bound.delete(address);
    threadNames.unbind(address);
    core.events.emit({ type: "close", address });
  }

  /**
   * Connects to a name.
   *
   * @param routingId The peer's, if it was passed to `connect` of a ROUTER.
   * @throws {ZmqError} `EINVAL` if the socket types are not compatible.
   */
  connect(
    address: string,
    core: SocketCore,
    routingId?: Uint8Array,
  ): InprocConnection {
    checkName(address);
    const bound = this.#bound.get(address);
    if (bound !== undefined) {
      const error = mismatch(address, core, bound);
      if (error !== undefined) throw error;
    }
    const [ours] = pipePair([
      receiveHighWaterMark(core),
      sendHighWaterMark(core),
    ]);
    ours.routingId = routingId;
    ours.address = address;
    const one = new InprocConnection(core, address, ours);
    const hello = helloOf(core);
    if (hello !== undefined) ours.announce(hello);
    core.host.attach(ours);
    if (ours.isClosed) return one;
    if (bound !== undefined) join(address, core, ours, bound);
    else this.#wait(one);
    return one;
  }

  /** No name will be bound any more, so waiting connections end. */
  close(): void {
    for (const waiting of [...this.#waiting.values()]) {
      for (const one of [...waiting]) one.destroy();
    }
  }

  #wait(one: InprocConnection): void {
    const { address } = one;
    const all = this.#waiting.get(address) ?? new Set();
    this.#waiting.set(address, all.add(one));
    one.wait(() => {
      all.delete(one);
      if (all.size === 0) this.#waiting.delete(address);
    });
  }
}

/** Gives the bound socket its end, and both ends their final high-water marks and routing ids. */
function join(
  address: string,
  core: SocketCore,
  ours: Pipe,
  bound: SocketCore,
): void {
  const theirs = ours.other;
  setHighWaterMarks(core, ours);
  setHighWaterMarks(bound, theirs);
  applyConflate(core, ours, theirs);
  applyConflate(bound, theirs, ours);
  theirs.routingId = routingIdOf(core);
  theirs.address = address;
  // Messages of a socket that has been closed meanwhile are still delivered.
  if (!ours.isClosed && ours.routingId === undefined) {
    ours.routingId = routingIdOf(bound);
    ours.holder.pipeIdentified?.(ours);
    if (ours.isClosed) return; // rejected
  }
  const hello = helloOf(bound);
  if (hello !== undefined) theirs.announce(hello);
  bound.host.attach(theirs);
  for (const notice of notificationsOf(bound, "connect")) ours.announce(notice);
  for (const notice of notificationsOf(core, "connect")) {
    theirs.announce(notice);
  }
  ours.disconnectMessages = disconnectMessagesOf(bound);
  theirs.disconnectMessages = notificationsOf(core, "disconnect");
  core.events.emit({
    type: "handshake",
    address,
    peer: peerOf(bound, address),
  });
  bound.events.emit({
    type: "handshake",
    address,
    peer: peerOf(core, address),
  });
}

function peerOf(core: SocketCore, address: string): PeerInfo {
  const socketType = SOCKET_TYPE_NAMES[core.type];
  return { address, socketType, routingId: routingIdOf(core), version: "" };
}

function checkName(address: string): void {
  const size = restOf(address).length;
  if (size < 1 || size > 255) {
    throw new ZmqError(
      "EINVAL",
      `Malformed address "${address}": expected a name of 1 to 255 characters`,
      { address },
    );
  }
}

function mismatch(
  address: string,
  core: SocketCore,
  bound: SocketCore,
): ZmqError | undefined {
  const own = SOCKET_TYPE_NAMES[core.type];
  const peer = SOCKET_TYPE_NAMES[bound.type];
  if (isCompatible(core.type, peer)) return undefined;
  return new ZmqError(
    "EINVAL",
    `Cannot connect to "${address}": ${own} and ${peer} are not compatible`,
    { address },
  );
}
