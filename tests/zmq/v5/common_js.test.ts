/** Tests of the API of zeromq.js 5 for programs in CommonJS. */
import { assert, assertEquals } from "@std/assert";
import { createRequire } from "node:module";
import type { Zmq } from "../../../src/zmq/v5/mod.ts";
import * as imported from "../../../src/zmq/v5/mod.ts";
import { test } from "../../support/harness.ts";

test("require gives the names on itself, and what import gives", () => {
  const require = createRequire(import.meta.url);
  const zmq: Zmq = require("@agentzero/agentzero/zmq/v5");
  assertEquals(zmq.ZMQ_SNDMORE, 2);
  assert(zmq.socket === imported.socket);
  const request = zmq.socket("req");
  assert(request instanceof imported.Socket && request instanceof zmq.Socket);
  request.close();
});
