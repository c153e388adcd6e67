/**
 * What `zeromq/draft` exports: the draft socket types, as names and as the
 * default.
 *
 * @example
 * ```ts
 * import { Gather, Scatter } from "@agentzero/agentzero/zeromq/draft";
 *
 * await using gather = new Gather();
 * await using scatter = new Scatter();
 * await gather.bind("inproc://work");
 * scatter.connect("inproc://work");
 * await scatter.send("a piece");
 * await gather.receive();
 * ```
 *
 * @module
 */
import * as draft from "./draft_names.ts";

export * from "./draft_names.ts";

export default draft;
