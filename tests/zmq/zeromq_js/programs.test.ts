/**
 * A program written for zeromq.js 6 runs after changing its import: it sees the
 * same with this engine, on every runtime, as with zeromq.js itself on Node.
 */
import { assertEquals } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { eventually, runtime, test } from "../../support/harness.ts";
import { PROGRAMS, type Zmq } from "./programs.ts";
import { SEEN } from "./seen.ts";

/** zeromq.js ends or hangs the process on the other runtimes. */
const elsewhere = runtime !== "node" && "zeromq.js runs on Node only";

for (const [name, program] of Object.entries(PROGRAMS)) {
  test(`zeromq.js program: ${name}`, async () => {
    const { size } = zmq.context;
    const seen = await program(zmq as unknown as Zmq);
    assertEquals(seen, SEEN[name]);
    // The program closes its sockets without waiting for their end.
    await eventually(() => zmq.context.size <= size);
  });

  test(`zeromq.js itself: ${name}`, { skip: elsewhere }, async () => {
    const seen = await program(await import("zeromq"));
    assertEquals(seen, SEEN[name]);
  });
}
