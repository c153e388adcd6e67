/**
 * Layer: transport. The version and the capabilities of this engine, with the
 * names of zeromq.js.
 *
 * @module
 */
import { findTransport } from "./registry.ts";

/**
 * The version of libzmq whose sockets, options and protocol this engine
 * implements, for programs that check it before they use a new feature. The
 * engine is not libzmq; its own version is that of the package.
 */
export const version: string = "4.3.5";

/** What depends on the engine and the system. */
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
 * The capabilities of this engine on this system.
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
  // Looked up when they are read: bundlers may load this before the transports.
  get ipc() {
    return isAvailable("ipc");
  },
  get pgm() {
    return isAvailable("pgm");
  },
  get tipc() {
    return isAvailable("tipc");
  },
  get norm() {
    return isAvailable("norm");
  },
  curve: true,
  gssapi: false,
  draft: true,
});

/** Whether there is such a transport, and it works here. */
function isAvailable(name: string): boolean {
  return findTransport(name)?.isAvailable ?? false;
}
