/**
 * Layer: pipeline/coordinator. How messages get to one worker, whichever side has
 * connected.
 *
 * @module
 */

/** How messages get to one worker. */
export interface WorkerLink {
  /** Sends without waiting. */
  send(bytes: Uint8Array): void;
  /** Ends it; a connection that the worker has made stays open. */
  close(): Promise<void>;
}

/** The timing and security of connections. */
export interface ConnectionOptions {
  /** How long a broken connection may take to be re-established, in milliseconds. */
  readonly graceMs: number;
  /** How long a worker may be silent, in milliseconds. */
  readonly leaseMs: number;
  /** The options of the sockets that connect to workers: their CURVE keys. */
  readonly socketOptions: (publicKey: string | undefined) => object;
}
