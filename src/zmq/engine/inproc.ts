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
import { ZmqError } from "../errors.ts";
import { type Pipe, pipePair } from "../routing/pipe.ts";
import { SOCKET_TYPE_NAMES } from "../types.ts";
import { mayMeet } from "../zmtp/peers.ts";
import type { PeerInfo } from "./observer.ts";
import {
  conflateIfAsked,
  farewellsOf,
  helloOf,
  type Host,
  noticesOf,
  receiveMark,
  routingIdOf,
  sendMark,
} from "./host.ts";

interface Pending {
  readonly host: Host;
  /** The connecting socket's end. */
  readonly ours: Pipe;
}

/** The inproc names of one context. */
export class InprocRegistry {
  readonly #bound: Map<string, Host> = new Map();
  readonly #pending: Map<string, Set<Pending>> = new Map();

  /**
   * Binds a name, and meets those who wait for it.
   *
   * @throws {ZmqError} `EADDRINUSE`.
   */
  bind(address: string, host: Host): void {
    checkName(address);
    if (this.#bound.has(address)) {
      throw new ZmqError(
        "EADDRINUSE",
        `Cannot bind "${address}": the address is already in use`,
        { address },
      );
    }
    this.#bound.set(address, host);
    host.events.emit({ type: "bind", address });
    const pending = this.#pending.get(address);
    this.#pending.delete(address);
    for (const { host: other, ours } of pending ?? []) {
      if (ours.isClosed) continue;
      const error = mismatch(address, other, host);
      if (error === undefined) join(address, other, ours, host);
      else {
        other.events.emit({ type: "handshake:error:other", address, error });
        ours.other.close();
      }
    }
  }

  /** Whether somebody has bound the name. */
  isBound(address: string): boolean {
    return this.#bound.has(address);
  }

  /** Frees a name; pipes live on. */
  unbind(address: string, host: Host): void {
    if (this.#bound.get(address) !== host) return;
    this.#bound.delete(address);
    host.events.emit({ type: "close", address });
  }

  /**
   * Connects to a name.
   *
   * @param routingId The peer's, if a ROUTER was told it.
   * @returns The connecting socket's end of the pipe.
   * @throws {ZmqError} `EINVAL` if the socket types cannot talk.
   */
  connect(address: string, host: Host, routingId?: Uint8Array): Pipe {
    checkName(address);
    const bound = this.#bound.get(address);
    if (bound !== undefined) {
      const error = mismatch(address, host, bound);
      if (error !== undefined) throw error;
    }
    const [ours] = pipePair([receiveMark(host), sendMark(host)]);
    ours.routingId = routingId;
    ours.address = address;
    const hello = helloOf(host);
    if (hello !== undefined) ours.announce(hello);
    host.attach(ours);
    if (ours.isClosed) return ours;
    if (bound !== undefined) join(address, host, ours, bound);
    else this.#wait(address, { host, ours });
    return ours;
  }

  #wait(address: string, pending: Pending): void {
    const all = this.#pending.get(address) ?? new Set();
    this.#pending.set(address, all.add(pending));
    // Whoever closes the pipe before it is met is forgotten.
    pending.ours.other.holder = {
      pipeReadable() {},
      pipeWritable() {},
      pipeClosed: () => this.#forget(address, pending),
    };
  }

  #forget(address: string, pending: Pending): void {
    const all = this.#pending.get(address);
    all?.delete(pending);
    if (all?.size === 0) this.#pending.delete(address);
  }
}

/** Gives the bound socket its end, and both ends their final marks and names. */
function join(address: string, host: Host, ours: Pipe, bound: Host): void {
  const theirs = ours.other;
  ours.setHighWaterMark(sum(receiveMark(host), sendMark(bound)));
  theirs.setHighWaterMark(sum(receiveMark(bound), sendMark(host)));
  conflateIfAsked(host, ours, theirs);
  conflateIfAsked(bound, theirs, ours);
  theirs.routingId = routingIdOf(host);
  theirs.address = address;
  if (ours.routingId === undefined) {
    ours.routingId = routingIdOf(bound);
    ours.holder.pipeIdentified?.(ours);
    if (ours.isClosed) return; // turned away
  }
  const hello = helloOf(bound);
  if (hello !== undefined) theirs.announce(hello);
  bound.attach(theirs);
  for (const notice of noticesOf(bound, "connect")) ours.announce(notice);
  for (const notice of noticesOf(host, "connect")) theirs.announce(notice);
  ours.farewell = farewellsOf(bound);
  theirs.farewell = noticesOf(host, "disconnect");
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

function peerOf(host: Host, address: string): PeerInfo {
  const socketType = SOCKET_TYPE_NAMES[host.type];
  return { address, socketType, routingId: routingIdOf(host), version: "" };
}

/** libzmq: the mark of an inproc pipe is that of both ends together; 0 has none. */
function sum(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a + b;
}

function checkName(address: string): void {
  const size = address.length - "inproc://".length;
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
  host: Host,
  bound: Host,
): ZmqError | undefined {
  const own = SOCKET_TYPE_NAMES[host.type];
  const peer = SOCKET_TYPE_NAMES[bound.type];
  if (mayMeet(host.type, peer)) return undefined;
  return new ZmqError(
    "EINVAL",
    `Cannot connect to "${address}": a ${own} cannot talk to a ${peer}`,
    { address },
  );
}
