/**
 * Layer: transport. What this engine is and can do, in the words of
 * zeromq.js.
 *
 * @module
 */
import { findTransport } from "./registry.ts";

/**
 * The version of libzmq whose sockets, options and protocol this engine
 * answers for, for programs that ask before they use something new. It is not
 * libzmq, and has a version of its own, that of the package.
 */
export const version: string = "4.3.5";

/** What may be there or not, depending on the engine and the system. */
export interface Capability {
  /** The transport `ipc://`. */
  readonly ipc: boolean;
  /** The transport `pgm://`. */
  readonly pgm: boolean;
  /** The transport `tipc://`. */
  readonly tipc: boolean;
  /** The transport `norm://`. */
  readonly norm: boolean;
  /** The mechanism CURVE. */
  readonly curve: boolean;
  /** The mechanism GSSAPI. */
  readonly gssapi: boolean;
  /** The socket types that are drafts in libzmq. */
  readonly draft: boolean;
}

/**
 * What this engine can do here.
 *
 * @example
 * ```ts
 * import { zmq } from "@agentzero/agentzero";
 *
 * await using pull = new zmq.Pull();
 * await pull.bind(zmq.capability.ipc ? "ipc://*" : "tcp://127.0.0.1:*");
 * ```
 */
export const capability: Capability = Object.freeze({
  ipc: isAvailable("ipc"),
  pgm: isAvailable("pgm"),
  tipc: isAvailable("tipc"),
  norm: isAvailable("norm"),
  curve: true,
  gssapi: false,
  draft: true,
});

/** Whether there is such a transport, and it works here; those of the system are registered before. */
function isAvailable(name: string): boolean {
  return findTransport(name)?.isAvailable ?? false;
}
