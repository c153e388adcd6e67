/**
 * Layer: transport. What the engine needs of a byte stream and of a listener:
 * the seam between ZeroMQ and the operating system. Types only.
 *
 * @module
 */

/** What the owner of a wire is told. */
export interface WireHandler {
  /** Bytes arrived; they do not change afterwards. */
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

/** Settings of the operating system's sockets. */
export interface WireOptions {
  /** The most connections that wait to be accepted. */
  readonly backlog: number;
  /** Whether names and `*` mean IPv6 too. */
  readonly ipv6: boolean;
  /** The byte for routers in each IP packet. */
  readonly typeOfService: number;
  /** The SOCKS5 proxy to connect through, as `host:port`; null for none. */
  readonly socksProxy: string | null;
  /** Who one is to the proxy; null where it need not ask. */
  readonly socksUsername: string | null;
  readonly socksPassword: string | null;
  /** How long the proxy may take, in milliseconds; 0 for ever. */
  readonly handshakeInterval: number;
  /** -1: as the system has it; 0: off; 1: on. */
  readonly tcpKeepalive: number;
  /** Idle time before the first keep-alive probe, in seconds; -1: the system's. */
  readonly tcpKeepaliveIdle: number;
}

/** One way to reach peers. */
export interface Transport {
  /** Connects; `signal` gives up. */
  connect(
    address: string,
    options: WireOptions,
    signal: AbortSignal,
  ): Promise<Wire>;
  /** Binds. `onError` is told what `accept` itself reports later. */
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
}
