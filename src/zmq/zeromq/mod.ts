/**
 * What stands in for `zeromq` in programs that import that: the names of
 * zeromq.js 6, no others, and all of them as the default. On npm it is a
 * package of its own, `@agentzero/zeromq`, for `require`, too.
 *
 * @example
 * ```ts
 * import zmq from "@agentzero/agentzero/zeromq";
 *
 * await using push = new zmq.Push();
 * await using pull = new zmq.Pull();
 * await push.bind("inproc://jobs");
 * pull.connect("inproc://jobs");
 * await push.send("a job");
 * const [job] = await pull.receive();
 * console.log(`${job}`);
 * ```
 *
 * @module
 */
import * as zmq from "./names.ts";

export * from "./names.ts";

export default zmq;
