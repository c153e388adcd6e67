/**
 * Layer: engine. A connected address of a socket, over any transport. Types
 * only.
 *
 * @module
 */

import type { Protection } from "../options/protection.ts";

/** One `connect`, until nothing is left of it. */
export interface Connected {
  /** Whether the address was abandoned and nothing is left of it. */
  readonly isFinished: boolean;
  /** How the connection is protected; `undefined` with `inproc`. */
  readonly protection?: Protection;
  /** Closes the socket's end; messages sent before are still delivered. */
  closePipe(): void;
  /** The same, when it is the user who disconnects. */
  disconnect(): void;
  /** Resolves when nothing is left; may be called any number of times. */
  finish(): Promise<void>;
  /** Closes at once; what waits is lost. */
  destroy(): void;
}
