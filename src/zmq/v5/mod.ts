/**
 * The API of zeromq.js 4 and 5, also that of `zeromq/v5-compat`, on this
 * engine: for programs that are written for it, on Deno, Node and Bun.
 *
 * @example A request and its reply
 * ```ts
 * import zmq from "@agentzero/agentzero/zmq/v5";
 *
 * const reply = zmq.socket("rep");
 * reply.bindSync("tcp://127.0.0.1:*");
 * reply.on("message", (question) => reply.send(`${question}, world`));
 *
 * const request = zmq.socket("req");
 * request.connect(reply.last_endpoint);
 * request.on("message", (answer) => {
 *   console.log(`${answer}`);
 *   request.close();
 *   reply.close();
 * });
 * request.send("hello");
 * ```
 *
 * @module
 */
import "../transport/register_transports.ts";
import { version } from "../transport/capability.ts";
import { curveKeyPair } from "../zmtp/mechanism/curve_keys.ts";
import * as constants from "./constants.ts";
import type { SocketType } from "./constants.ts";
import { Context } from "./context.ts";
import { proxy } from "./proxy.ts";
import { EventSocket, Socket, type SocketClass } from "./socket.ts";

export * from "./constants.ts";
export type { Callback } from "./bindings.ts";
export type { SocketError } from "./socket_error.ts";
export type { OptionValue, SocketProperties } from "./options.ts";
export type { SendCallback } from "./send_queue.ts";
export { Context, EventSocket, proxy, Socket, type SocketClass, version };

/** A pair of keys for CURVE, in Z85, 40 characters each. */
export interface Keypair {
  /** The key to share with peers. */
  public: string;
  /** The key to keep secret. */
  secret: string;
}

/** Makes a pair of keys for CURVE. */
export function curveKeypair(): Keypair {
  const { publicKey, secretKey } = curveKeyPair();
  return { public: publicKey, secret: secretKey };
}

/**
 * Creates a socket.
 *
 * @param type The name of a socket type, such as `"req"`.
 * @param options Properties to set, such as `{ linger: 0 }`.
 * @throws {TypeError} The type is unknown.
 *
 * @example
 * ```ts
 * import zmq from "@agentzero/agentzero/zmq/v5";
 *
 * const push = zmq.socket("push", { linger: 0 });
 * push.bind("tcp://127.0.0.1:*", (error) => {
 *   if (error) throw error;
 *   console.log("listening at", push.last_endpoint);
 *   push.close();
 * });
 * ```
 */
export function createSocket(
  type: SocketType,
  options?: Readonly<Record<string, unknown>>,
): EventSocket {
  return new EventSocket(type, options);
}

export { createSocket as socket };

/** The version of libzmq whose behaviour is implemented. */
export function zmqVersion(): string {
  return version;
}

/** All that the module exports, as `require` gives it. */
export interface Zmq extends Constants {
  /** The class of sockets. */
  Socket: SocketClass;
  /** Settings of all sockets. */
  Context: typeof Context;
  /** Creates a socket. */
  socket: typeof createSocket;
  /** Creates a socket. */
  createSocket: typeof createSocket;
  /** Forwards messages between two sockets. */
  proxy: typeof proxy;
  /** Makes a pair of keys for CURVE. */
  curveKeypair: typeof curveKeypair;
  /** Makes a pair of keys for CURVE. */
  zmqCurveKeypair: typeof curveKeypair;
  /** The version of libzmq whose behaviour is implemented. */
  version: string;
  /** The same. */
  zmqVersion: typeof zmqVersion;
}

/** The names and numbers of socket types, options, flags, states and events. */
export type Constants = typeof constants;

export { curveKeypair as zmqCurveKeypair };

/** All of it, as one object. */
const zmq: Zmq = {
  ...constants,
  Socket,
  Context,
  socket: createSocket,
  createSocket,
  proxy,
  curveKeypair,
  zmqCurveKeypair: curveKeypair,
  version,
  zmqVersion,
};

export default zmq;
