/**
 * Layer: engine. `inproc://name`: pipes between the sockets of one Context, as
 * zmq_inproc(7). Connecting before anybody has bound the name works: the pipe
 * waits for it.
 *
 * A message crosses by reference; small frames are copied when they must wait.
 * Deliberately unlike libzmq, socket types that cannot talk are refused.
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

/** A connected name, which may have to wait for somebody who binds it. */
export class InprocConnection implements Connected, PipeHolder {
  readonly host: SocketCore;
  readonly address: string;
  /** The connecting socket's end of the pipe. */
  readonly ours: Pipe;
  readonly #whenMet = new Latch();
  /** Leaves the registry; undefined when it does not wait. */
  #forget: (() => void) | undefined;
  /** Does not listen to other threads any more. */
  #ignore: (() => void) | undefined;

  constructor(host: SocketCore, address: string, ours: Pipe) {
    this.host = host;
    this.address = address;
    this.ours = ours;
  }

  get isFinished(): boolean {
    return this.ours.isClosed && this.#forget === undefined;
  }

  /** Nobody has bound the name yet. @param forget Leaves the registry. */
  wait(forget: () => void): void {
    this.#forget = forget;
    this.ours.other.holder = this;
    this.#ignore = threadNames.wait(this.address, () => this.#isElsewhere());
  }

  /** Another thread has bound the name. This one may still do so, too. */
  #isElsewhere(): void {
    const { address } = this;
    const { events, failures } = this.host;
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

  /** Somebody has bound the name, or nobody will. */
  settle(): void {
    this.#ignore?.();
    this.#forget = undefined;
    this.#whenMet.release();
  }

  closePipe(): void {
    releaseFor(this.host, this.ours.other);
  }

  disconnect(): void {
    this.closePipe();
  }

  /** Resolves once whoever has bound the name has got the messages, or nobody will. */
  finish(): Promise<void> {
    if (this.#forget === undefined) return Promise.resolve();
    return this.#whenMet.wait();
  }

  destroy(): void {
    const forget = this.#forget;
    if (forget === undefined) return this.host.release(this.ours);
    this.settle();
    forget();
    this.ours.other.close();
  }

  pipeReadable(): void {}

  pipeWritable(): void {}

  /** The socket wants it no more, and has nothing waiting. */
  pipeClosed(): void {
    this.destroy();
  }
}

/** A bound name. Whoever is connected to it stays so when it is freed, as with libzmq. */
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

  // Its connections are pipes of the two sockets, and none of its own.

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

  check(address: string): void {
    checkName(address);
  }

  binding(address: string, core: SocketCore): Bound {
    return new InprocBinding(this, address, core);
  }

  /**
   * Binds a name, and meets those who wait for it.
   *
   * @throws {ZmqError} `EADDRINUSE`.
   */
  bind(address: string, host: SocketCore): void {
    checkName(address);
    if (this.#bound.has(address)) {
      throw new ZmqError(
        "EADDRINUSE",
        `Cannot bind "${address}": the address is already in use`,
        { address },
      );
    }
    this.#bound.set(address, host);
    threadNames.bind(address);
    host.events.emit({ type: "bind", address });
    const waiting = this.#waiting.get(address);
    this.#waiting.delete(address);
    for (const one of waiting ?? []) {
      const error = mismatch(address, one.host, host);
      if (error === undefined) {
        one.host.failures.clear(address);
        join(address, one.host, one.ours, host);
        one.settle();
      } else {
        const { events, failures } = one.host;
        failures.set(address, error);
        events.emit({ type: "handshake:error:other", address, error });
        one.destroy();
      }
    }
  }

  /** Whether somebody has bound the name. */
  isBound(address: string): boolean {
    return this.#bound.has(address);
  }

  /** Frees a name; pipes live on. */
  unbind(address: string, host: SocketCore): void {
    if (this.#bound.get(address) !== host) return;
    this.#bound.delete(address);
    threadNames.unbind(address);
    host.events.emit({ type: "close", address });
  }

  /**
   * Connects to a name.
   *
   * @param routingId The peer's, if a ROUTER was told it.
   * @throws {ZmqError} `EINVAL` if the socket types cannot talk.
   */
  connect(
    address: string,
    host: SocketCore,
    routingId?: Uint8Array,
  ): InprocConnection {
    checkName(address);
    const bound = this.#bound.get(address);
    if (bound !== undefined) {
      const error = mismatch(address, host, bound);
      if (error !== undefined) throw error;
    }
    const [ours] = pipePair([
      receiveHighWaterMark(host),
      sendHighWaterMark(host),
    ]);
    ours.routingId = routingId;
    ours.address = address;
    const one = new InprocConnection(host, address, ours);
    const hello = helloOf(host);
    if (hello !== undefined) ours.announce(hello);
    host.attach(ours);
    if (ours.isClosed) return one;
    if (bound !== undefined) join(address, host, ours, bound);
    else this.#wait(one);
    return one;
  }

  /** Nobody will bind anything any more: who waits for a name waits no longer. */
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

/** Gives the bound socket its end, and both ends their final marks and names. */
function join(
  address: string,
  host: SocketCore,
  ours: Pipe,
  bound: SocketCore,
): void {
  const theirs = ours.other;
  setHighWaterMarks(host, [ours]);
  setHighWaterMarks(bound, [theirs]);
  applyConflate(host, ours, theirs);
  applyConflate(bound, theirs, ours);
  theirs.routingId = routingIdOf(host);
  theirs.address = address;
  // What was sent by a socket that has been closed since still arrives.
  if (!ours.isClosed && ours.routingId === undefined) {
    ours.routingId = routingIdOf(bound);
    ours.holder.pipeIdentified?.(ours);
    if (ours.isClosed) return; // turned away
  }
  const hello = helloOf(bound);
  if (hello !== undefined) theirs.announce(hello);
  bound.attach(theirs);
  for (const notice of notificationsOf(bound, "connect")) ours.announce(notice);
  for (const notice of notificationsOf(host, "connect")) {
    theirs.announce(notice);
  }
  ours.disconnectMessages = disconnectMessagesOf(bound);
  theirs.disconnectMessages = notificationsOf(host, "disconnect");
  host.events.emit({
    type: "handshake",
    address,
    peer: peerOf(bound, address),
  });
  bound.events.emit({
    type: "handshake",
    address,
    peer: peerOf(host, address),
  });
}

function peerOf(host: SocketCore, address: string): PeerInfo {
  const socketType = SOCKET_TYPE_NAMES[host.type];
  return { address, socketType, routingId: routingIdOf(host), version: "" };
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
  host: SocketCore,
  bound: SocketCore,
): ZmqError | undefined {
  const own = SOCKET_TYPE_NAMES[host.type];
  const peer = SOCKET_TYPE_NAMES[bound.type];
  if (isCompatible(host.type, peer)) return undefined;
  return new ZmqError(
    "EINVAL",
    `Cannot connect to "${address}": ${own} and ${peer} are not compatible`,
    { address },
  );
}
