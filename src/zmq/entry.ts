/**
 * ZeroMQ in TypeScript: sockets that speak ZMTP 3 with any libzmq peer, over
 * TCP, Unix domain sockets and inproc, on Deno, Node and Bun, without native
 * code. Classes, methods and options have the names of zeromq.js 6.
 *
 * @example A worker that replies to requests
 * ```ts
 * import * as zmq from "@agentzero/agentzero/zmq";
 *
 * await using reply = new zmq.Reply();
 * await using request = new zmq.Request();
 * await reply.bind("tcp://127.0.0.1:*");
 * request.connect(reply.lastEndpoint!);
 *
 * await request.send("hello");
 * const [question] = await reply.receive();
 * await reply.send(`${question}, world`);
 * const [answer] = await request.receive();
 * console.log(`${answer}`);
 * ```
 *
 * All of it is the default export, too, as with zeromq.js:
 * `import zmq from "@agentzero/agentzero/zmq"`.
 *
 * @module
 */
import * as zmq from "./mod.ts";

export * from "./mod.ts";

export default zmq;
