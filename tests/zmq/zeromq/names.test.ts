/** Tests of the entries that stand in for `zeromq`: names, default, one context. */
import { assert, assertEquals } from "@std/assert";
import { runtime, test } from "../../support/harness.ts";
import engine, * as engineNames from "@agentzero/agentzero/zmq";
import * as all from "../../../src/zmq/mod.ts";
import { RELEASE } from "../../../src/zmq/release.ts";
import draft, * as draftNames from "../../../src/zmq/zeromq/draft.ts";
import zmq, * as names from "../../../src/zmq/zeromq/mod.ts";

/** What zeromq.js 6.8 exports. */
const NAMES = [
  "Context",
  "Dealer",
  "Observer",
  "Pair",
  "Proxy",
  "Publisher",
  "Pull",
  "Push",
  "Reply",
  "Request",
  "Router",
  "Socket",
  "Stream",
  "Subscriber",
  "XPublisher",
  "XSubscriber",
  "capability",
  "context",
  "curveKeyPair",
  "version",
];

const sorted = (of: object) => Object.keys(of).sort();

test("the engine's own entry has all of its names, and as the default", () => {
  assertEquals(sorted(engine), sorted(all));
  assertEquals(sorted(engineNames), [...sorted(all), "default"].sort());
  assert(engine.Push === all.Push && engine.context === all.context);
});

test("the names of zeromq.js, and all of them as the default", () => {
  assertEquals(sorted(zmq), NAMES);
  assertEquals(sorted(names), [...NAMES, "default"].sort());
  for (const name of NAMES as (keyof typeof zmq)[]) {
    assert(zmq[name] === names[name], name);
    assert(zmq[name] === all[name], name);
  }
  assertEquals(
    sorted(draft),
    sorted({ ...draftNames, default: 1 }).slice(0, 7),
  );
});

const elsewhere = runtime !== "node" && "zeromq.js runs on Node only";

test("zeromq.js itself has those names", { skip: elsewhere }, async () => {
  const { default: zeromq } = await import("zeromq") as unknown as {
    default: object;
  };
  assertEquals(sorted(zeromq), NAMES);
});

test("copies of a release share the default context", () => {
  const key = Symbol.for(`agentzero.context ${RELEASE}`);
  assert((globalThis as Record<symbol, unknown>)[key] === all.context);
});
