/**
 * Runs all tests of the manager once more, on libzmq instead of the engine.
 * They are the same tests: those of `tests/manager`, as they stand there.
 */
import type { zmq } from "@agentzero/agentzero";
import { loadNative } from "@agentzero/agentzero/native";
import { assertEquals } from "@std/assert";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { testInstead } from "../manager/module.ts";
import { collectTests, runtime, test } from "../support/harness.ts";

const DRAFTS = "draft types work with the engine alone";

/** The tests that do not hold for libzmq, by name, with the reason. */
const DIFFERENT: Readonly<Record<string, string>> = {
  "subscribe: over TCP, as in the documentation":
    "a SUB of libzmq sends its topics to a later peer only when it is used next",
  "create: every socket type of libzmq can be created": DRAFTS,
  "CHANNEL and SCATTER send data by name, CHANNEL and GATHER receive it":
    DRAFTS,
  "a CLIENT sends and receives by name, its SERVER by its own methods": DRAFTS,
  "an event has two frames: a CHANNEL cannot publish it": DRAFTS,
  "types whose messages are more than frames say so at once": DRAFTS,
  "request: a timeout names the last error of connecting":
    "npm:zeromq does not say why a connection fails",
  "unreadable: a notification of routerNotify is an event without data":
    "npm:zeromq is built without that draft",
};

if (runtime === "node") await declare();
else {
  test("the tests of the manager, on libzmq", {
    skip: "npm:zeromq is for Node",
  }, () => {});
}

async function declare(): Promise<void> {
  const native = await loadNative();
  const zeromq = await import("zeromq");
  // The tests name the engine's types, and ask no more than the contract.
  testInstead({
    createSocket: native.createSocket as unknown as typeof zmq.createSocket,
    context: zeromq.context as unknown as zmq.Context,
    newContext: () => new zeromq.Context() as unknown as zmq.Context,
  });
  const tests = await collectTests(importAll);
  for (const { name, fn, options } of tests) {
    const skip = DIFFERENT[name] ?? options.skip;
    test(`libzmq: ${name}`, { ...options, skip }, fn);
  }
  test("what differs is still a test of the manager", () => {
    const names = tests.map(({ name }) => name);
    const gone = Object.keys(DIFFERENT).filter((name) => !names.includes(name));
    assertEquals(gone, []);
  });
}

async function importAll(): Promise<void> {
  const folder = new URL("../manager/", import.meta.url);
  const files = readdirSync(fileURLToPath(folder), {
    recursive: true,
    encoding: "utf8",
  });
  for (const file of files.sort()) {
    if (!file.endsWith(".test.ts")) continue;
    await import(new URL(file.replaceAll("\\", "/"), folder).href);
  }
}
