/**
 * AgentZero: ZeroMQ sockets by name, on Deno, Node and Bun.
 *
 * A {@linkcode SocketManager} creates, binds, connects and polls sockets under
 * the names that you give them, and sends and receives data as JSON or
 * MessagePack, events, requests and logs. The ZeroMQ beneath is the project's
 * own, in TypeScript: {@linkcode zmq}.
 *
 * @example Two sockets and a message
 * ```ts
 * import { SocketManager, zmq } from "@agentzero/agentzero";
 *
 * await using sockets = new SocketManager();
 * const jobs = await sockets.ensureAndBind("jobs", zmq.PUSH, "tcp://127.0.0.1:*");
 * await sockets.ensureAndConnect("worker", zmq.PULL, jobs.lastEndpoint!);
 *
 * await sockets.sendSafe("jobs", { job: "download", url: "https://example.com/" });
 * console.log(await sockets.recvSafe("worker"));
 * ```
 *
 * @module
 */
export * from "./src/errors.ts";
export * from "./src/manager/mod.ts";
export * from "./src/serializers/mod.ts";
export * from "./src/util/mod.ts";
export * as zmq from "./src/zmq/mod.ts";
