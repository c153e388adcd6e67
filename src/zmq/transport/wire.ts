/**
 * Layer: transport. What the engine needs of a byte stream and of a listener:
 * the interface between ZeroMQ and the operating system. Types only.
 *
 * @module
 */
import type { OptionValues } from "../options/values.ts";

/** Notifications for the owner of a wire. */
export interface WireHandler {
  /**
   * Bytes arrived. Frames are parts of them: the transport must not change or
   * read them afterwards, as they are decrypted where they lie. They must be of
   * the type that `asFrame` of `../bytes.ts` gives.
   */
  wireData(chunk: Uint8Array): void;
  /** The stream is closed; `error` has the cause, unless it ended regularly. Called once. */
  wireClosed(error: Error | undefined): void;
}

/** A connected, bidirectional stream of bytes. */
export interface Wire {
  /** The endpoint of the peer, such as `tcp://10.0.0.2:41234`. */
  readonly remoteAddress: string;
  /** Starts to deliver. */
  start(handler: WireHandler): void;
  /**
   * Writes all chunks in order, as one write where possible, then calls `done`;
   * with an error if the wire is closed.
   *
   * @param progressed Called with the size of each part that has been written,
   *   including the last one; large writes are made in pieces for this.
   */
  write(
    chunks: readonly Uint8Array[],
    done: (error?: Error | null) => void,
    progressed?: (size: number) => void,
  ): void;
  /** Pauses and resumes delivery, so that TCP flow control slows the peer down. */
  pause(): void;
  resume(): void;
  /**
   * Closes after everything has been written.
   *
   * @param mustArrive Whether what was written must arrive; if not, it does not
   *   wait for a peer that does not read.
   */
  end(mustArrive: boolean): void;
  /** Closes at once. */
  destroy(): void;
}

/** A bound address that accepts connections. */
export interface Listener {
  /** The real endpoint, such as `tcp://0.0.0.0:5555`. */
  readonly endpoint: string;
  /**
   * Resolves once the address is free again. Accepted wires stay open. If
   * something could not be cleaned up, such as a file, it rejects in the end.
   */
  close(): Promise<void>;
}

/** The options of the socket; a transport uses those that it knows. */
export type WireOptions = Readonly<OptionValues>;

/** A transport of bytes between peers. Sessions speak ZMTP over it, including the handshake. */
export interface Transport {
  /** The text before `://` in its addresses. */
  readonly name: string;
  /** Whether it carries only whole frames of ZeroMQ; otherwise it carries any bytes. */
  readonly carries?: "frames";
  /** Whether it works on this system; see `capability`. */
  readonly isAvailable: boolean;
  /**
   * Connects.
   *
   * @param signal Cancels; the promise then rejects with its reason.
   */
  connect(
    address: string,
    options: WireOptions,
    signal: AbortSignal,
  ): Promise<Wire>;
  /**
   * Binds.
   *
   * @param onWire Receives each accepted connection.
   * @param onError Receives later errors of `accept`.
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
  /**
   * Calls back when the network of this system is back, so that there is a use
   * in trying again at once; returns what ends that.
   */
  onReachable?(callback: () => void): () => void;
  /** Whether an address is another spelling of a bound endpoint, such as `tcp://*:5555`. */
  isSame?(address: string, endpoint: string): boolean;
}
