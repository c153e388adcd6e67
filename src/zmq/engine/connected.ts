/**
 * Layer: engine. A connected address of a socket, over whichever transport.
 * Types only.
 *
 * @module
 */

import type { Protection } from "../options/protection.ts";

/** One `connect`, until nothing is left of it. */
export interface Connected {
  /** Whether the address was given up, and nothing is left. */
  readonly isFinished: boolean;
  /** What the connection has to pass; `inproc` has none. */
  readonly protection?: Protection;
  /** The socket wants it no more: what was sent before still leaves. */
  closePipe(): void;
  /** The same, when it is the user who disconnects. */
  disconnect(): void;
  /** Resolves when nothing is left; any number may wait. */
  finish(): Promise<void>;
  /** Closes at once; what waits is lost. */
  destroy(): void;
}
