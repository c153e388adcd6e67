/**
 * Layer: transport. What the engine needs of a byte stream and of a listener:
 * the seam between ZeroMQ and the operating system. Types only.
 *
 * @module
 */
import type { OptionValues } from "../options/values.ts";

/** What the owner of a wire is told. */
export interface WireHandler {
  /**
   * Bytes arrived. Frames are parts of them: they must not change afterwards,
   * and be of the type that `asFrame` of `../bytes.ts` gives.
   */
  wireData(chunk: Uint8Array): void;
  /** The stream is over; `error` says why, if it did not end in order. Told once. */
  wireClosed(error: Error | undefined): void;
}

/** A connected, bidirectional stream of bytes. */
export interface Wire {
  /** The endpoint of the peer, such as `tcp://10.0.0.2:41234`. */
  readonly remoteAddress: string;
  /** Begins to deliver. */
  start(handler: WireHandler): void;
  /**
   * Writes all chunks in order, as one write where possible, then calls `done`;
   * with an error if the wire is gone.
   *
   * @param progressed Called with the size of each part that has been taken, the
   *   last as well; to see that, much is written in pieces.
   */
  write(
    chunks: readonly Uint8Array[],
    done: (error?: Error | null) => void,
    progressed?: (size: number) => void,
  ): void;
  /** Stops and resumes delivery, so that the peer is slowed down by its own stack. */
  pause(): void;
  resume(): void;
  /**
   * Closes in order.
   *
   * @param isOwed Whether what was written must arrive; if not, a peer that
   *   does not read is not waited for.
   */
  end(isOwed: boolean): void;
  /** Closes at once. */
  destroy(): void;
}

/** A bound address that accepts connections. */
export interface Listener {
  /** The real endpoint, such as `tcp://0.0.0.0:5555`. */
  readonly endpoint: string;
  /**
   * Resolves once the address is free again. Accepted wires live on. If
   * something was left behind, such as a file, it rejects when all else is done.
   */
  close(): Promise<void>;
}

/** The options of the socket; a transport takes those that mean something to it. */
export type WireOptions = Readonly<OptionValues>;

/** One way to carry bytes between peers. Over it sessions speak ZMTP, handshake included. */
export interface Transport {
  /** What stands before `://` in its addresses. */
  readonly name: string;
  /** Whether it works on this system, as `capability` tells. */
  readonly isAvailable: boolean;
  /**
   * Connects.
   *
   * @param signal Gives up; the promise then rejects with its reason.
   */
  connect(
    address: string,
    options: WireOptions,
    signal: AbortSignal,
  ): Promise<Wire>;
  /**
   * Binds.
   *
   * @param onWire Gets each connection that was accepted.
   * @param onError Gets what `accept` reports later.
   */
  listen(
    address: string,
    options: WireOptions,
    onWire: (wire: Wire) => void,
    onError: (error: Error) => void,
  ): Promise<Listener>;
  /**
   * Throws a ZmqError with `EINVAL` if the address is malformed, or with
   * `ENOTSUP` if an option cannot be used for it here.
   */
  check(
    address: string,
    use: "bind" | "connect",
    options: WireOptions,
  ): void;
  /** Throws a ZmqError with `EACCES` if the runtime does not let this process connect there. */
  permit(address: string, options: WireOptions): void;
  /** Whether an address is another way to write a bound endpoint, such as `tcp://*:5555`. */
  isSame?(address: string, endpoint: string): boolean;
}
