/** Tests the consola reporter with consola itself. */
import { assert, assertEquals } from "@std/assert";
import { createConsola } from "consola/core";
import {
  consolaReporter,
  LogHandler,
} from "../../../src/manager/logging/mod.ts";
import { test } from "../../support/harness.ts";
import { recorder } from "./recorder.ts";

function consolaOn(handler: LogHandler) {
  return createConsola({
    level: Infinity,
    reporters: [consolaReporter(handler)],
    throttle: 0, // its timer would outlive the test
  });
}

test("consola: a record arrives with arguments, tag and time", () => {
  const before = Date.now();
  const all = recorder();
  consolaOn(all.handler).withTag("app").info("%s is 50% done", "job", {
    n: 1n,
  });
  const { only } = all;
  assertEquals(only.template, "%s is 50%% done %s");
  assertEquals(only.args, ["job", { n: "1" }]);
  assertEquals(only.msg, 'job is 50% done {"n":"1"}');
  assertEquals([only.level, only.name], [20, "app"]);
  const time = Date.parse(only.time);
  assert(time >= before && time <= Date.now());
});

test("consola: every type has a Python level", () => {
  const { handler, records } = recorder();
  const consola = consolaOn(handler);
  const types = [
    "fatal",
    "error",
    "fail",
    "warn",
    "log",
    "info",
    "success",
    "ready",
    "start",
    "box",
    "debug",
    "trace",
    "verbose",
  ] as const;
  for (const type of types) consola[type](type);
  assertEquals(
    records.map((r) => r.level),
    [50, 40, 40, 30, 20, 20, 20, 20, 20, 20, 10, 5, 5],
  );
  assertEquals(records.map((r) => r.msg), [...types]);
});

test("consola: the level of consola is respected", () => {
  const { handler, records } = recorder();
  const consola = consolaOn(handler);
  consola.level = 1;
  consola.info("a");
  consola.warn("b");
  assertEquals(records.map((r) => r.msg), ["b"]);
});

test("consola: an error becomes message and exception", () => {
  const { handler, records } = recorder();
  const consola = consolaOn(handler);
  consola.error(new TypeError("no"));
  consola.error("it failed", new RangeError("far"));
  assertEquals(
    records.map((r) => [r.msg, r.exception?.name]),
    [["no", "TypeError"], ["it failed RangeError: far", "RangeError"]],
  );
});

test("consola: a message without arguments is literal", () => {
  const all = recorder();
  consolaOn(all.handler).info("100% literal");
  assertEquals([all.only.msg, all.only.args], ["100% literal", []]);
  assertEquals(all.only.name, "test");
});

test("consola: a handler that fails does not harm the caller", () => {
  const handler = new LogHandler({
    publish: () => {
      throw new Error("closed");
    },
  });
  consolaOn(handler).info("a");
  assertEquals(handler.dropped, 1);
});
