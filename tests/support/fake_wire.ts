/**
 * Test support. A wire in memory, whose other end is the test: it feeds bytes,
 * sees what is written, and decides when a write is done. And a socket as
 * sessions see it. No I/O, and no timers but those of the engine.
 *
 * @module
 */
import { ConnectFailures } from "../../src/zmq/engine/connect_failures.ts";
import type { SocketCore } from "../../src/zmq/engine/socket_core.ts";
import { KeepAlive } from "../../src/async/keep_alive.ts";
import { Observer } from "../../src/zmq/engine/observer.ts";
import { Session, type SessionOwner } from "../../src/zmq/engine/session.ts";
import { FlushScheduler } from "../../src/zmq/engine/flush_scheduler.ts";
import { defaultOptions } from "../../src/zmq/options/check.ts";
import type { OptionValues } from "../../src/zmq/options/values.ts";
import { type Pipe, pipePair } from "../../src/zmq/routing/pipe.ts";
import type { Wire, WireHandler } from "../../src/zmq/transport/wire.ts";
import type { SocketType } from "../../src/zmq/types.ts";
import type { PeerProperties } from "../../src/zmq/zmtp/metadata.ts";
import { SlabPool } from "../../src/zmq/slab_pool.ts";
import { FakeHolder } from "./fake_holder.ts";
import { bytes } from "./peers/zmtp_bytes.ts";

/** A wire whose other end is the test. */
export class FakeWire implements Wire {
  readonly remoteAddress = "tcp://192.0.2.1:5555";
  /** Whether a write is done as soon as it is made; if not, `finishWrite` says so. */
  isQuick = true;
  isPaused = false;
  isEnded = false;
  isDestroyed = false;
  hasWrittenAfterEnd = false;
  #handler: WireHandler | undefined;
  #written: Uint8Array[] = [];
  #done: ((error?: Error) => void) | undefined;

  start(handler: WireHandler): void {
    this.#handler = handler;
  }

  write(
    chunks: readonly Uint8Array[],
    done: (error?: Error) => void,
  ): void {
    if (this.#done !== undefined) throw new Error("two writes at a time");
    if (this.isEnded) this.hasWrittenAfterEnd = true;
    if (chunks.length === 0) throw new Error("a write of nothing");
    this.#written.push(...chunks.map((chunk) => chunk.slice()));
    if (this.isQuick) queueMicrotask(() => done());
    else this.#done = done;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  end(): void {
    this.isEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
    if (this.#done !== undefined) queueMicrotask(() => this.finishWrite());
  }

  /** Bytes come from the peer. */
  feed(...chunks: Uint8Array[]): void {
    for (const chunk of chunks) this.#handler!.wireData(chunk);
  }

  /** The connection is gone. */
  close(error?: Error): void {
    this.#handler!.wireClosed(error);
  }

  /** The write that is under way is done, or has failed. */
  finishWrite(error?: Error): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(error);
  }

  /** Whether a write is under way. */
  get isWriting(): boolean {
    return this.#done !== undefined;
  }

  /** What was written since the last call. */
  take(): Uint8Array {
    return bytes(...this.#written.splice(0));
  }
}

/** A session over a fake wire, with the socket's end of its pipe. */
export interface FakeSession {
  readonly session: Session;
  readonly wire: FakeWire;
  readonly events: Observer;
  /** The socket's end; there once the handshake is done. */
  readonly pipe: Pipe;
  /** The pipe's notifications to the socket. */
  readonly holder: FakeHolder;
  /** Who the peer said it is. */
  readonly peer: PeerProperties | undefined;
  /** The errors with which the owner was notified that the connection is gone, one for each time. */
  readonly closed: (Error | undefined)[];
}

/** Starts a session for a socket of a type, with its defaults and these options. */
export function fakeSession(
  type: SocketType,
  options: Partial<OptionValues> = {},
): FakeSession {
  const events = new Observer();
  const wire = new FakeWire();
  const holder = new FakeHolder();
  const closed: (Error | undefined)[] = [];
  let pipe: Pipe | undefined;
  let peer: PeerProperties | undefined;
  const host = fakeHost(type, options, events);
  const owner: SessionOwner = {
    isBound: false,
    opened(_session, properties) {
      peer = properties;
      const [ours, theirs] = pipePair([
        host.options.receiveHighWaterMark,
        host.options.sendHighWaterMark,
      ], host.slabs);
      ours.holder = holder;
      pipe = ours;
      return theirs;
    },
    closed(_session, error) {
      closed.push(error);
      pipe?.other.close();
    },
  };
  const session = new Session(host, wire, wire.remoteAddress, owner);
  return {
    session,
    wire,
    events,
    holder,
    closed,
    get pipe() {
      if (pipe === undefined) throw new Error("the handshake is not done");
      return pipe;
    },
    get peer() {
      return peer;
    },
  };
}

/** Lets all microtasks, and one turn of the event loop, go by. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What stands for a socket that takes every pipe and does nothing with it. */
export function fakeHost(
  type: SocketType,
  options: Partial<OptionValues>,
  events: Observer,
  attach: (pipe: Pipe) => void = () => {},
): SocketCore {
  return {
    type,
    options: { ...defaultOptions(type), ...options },
    events,
    scheduler: new FlushScheduler(),
    slabs: new SlabPool(),
    keepAlive: new KeepAlive(),
    failures: new ConnectFailures(),
    host: {
      authenticate: () => Promise.resolve({ status: 200, text: "OK" }),
      attach,
      release: () => {},
    },
  };
}
