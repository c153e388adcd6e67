/** Unit: floods of errors. */
import { assertEquals } from "@std/assert";
import { PipelineError } from "@agentzero/agentzero/pipeline";
import { ErrorLog } from "../../src/zmq/error_log.ts";
import { deferred, test } from "../support/harness.ts";

const bad = (message: string) =>
  new PipelineError("ERR_PIPELINE_INVALID", message);

test("a flood of errors is one line at once, and one with the count later", async (t) => {
  const written: [string, number][] = [];
  const { promise, resolve } = deferred<void>();
  const log = new ErrorLog((error, more) => {
    written.push([(error as Error).message, more]);
    if (more > 0) resolve();
  }, 30);
  t.cleanup(() => log.close());
  log.add(bad('"a" must be a number, not 1'));
  log.add(new Error("disk full"));
  for (let i = 2; i <= 1000; i++) {
    log.add(bad(`"b${i}" must be a number, not ${i}`));
  }
  assertEquals(written, [['"a" must be a number, not 1', 0], ["disk full", 0]]);
  await promise;
  assertEquals(written.slice(2), [['"b1000" must be a number, not 1000', 998]]);
});

test("counts are written at the end, and the number of kinds is bounded", () => {
  const written: [string, number][] = [];
  const log = new ErrorLog((error, more) => {
    written.push([(error as Error).message, more]);
  });
  for (let i = 0; i < 1000; i++) {
    const letters = i.toString(26).replace(
      /\d/g,
      (n) => "qrstuvwxyz"[Number(n)]!,
    );
    log.add(new Error(letters));
  }
  assertEquals(written.length, 21);
  log.close();
  assertEquals(written.length, 22);
  assertEquals(written[21]![1] + written.length, 1000);
  log.close();
  assertEquals(written.length, 22);
});

test("values that are not errors, or throw when inspected, are written too", () => {
  const written: unknown[] = [];
  const log = new ErrorLog((error) => void written.push(error));
  const odd: unknown[] = [
    undefined,
    null,
    "text",
    Object.create(null),
    {
      get message() {
        throw new Error("no message");
      },
      toString: null,
    },
  ];
  for (const error of odd) log.add(error);
  assertEquals(new Set(written).size, written.length);
  log.close();
});

test("errors of a write function that throws or rejects are contained", async () => {
  const log = new ErrorLog(() => {
    throw new Error("full");
  });
  log.add(new Error("a"));
  log.close();
  const other = new ErrorLog(() => Promise.reject(new Error("full")));
  other.add(new Error("a"));
  other.close();
  await new Promise((resolve) => setTimeout(resolve));
});

test("a replaced console.error gets the errors with their count", () => {
  const said: unknown[][] = [];
  const { error } = console;
  console.error = (...args) => void said.push(args);
  const log = new ErrorLog();
  try {
    for (let i = 0; i < 10; i++) log.add(new Error(`number ${i}`));
    log.close();
  } finally {
    console.error = error;
  }
  assertEquals(said.map(([error]) => (error as Error).message), [
    "number 0",
    "number 9",
  ]);
  assertEquals(said[1]![1], "(and 8 more like it)");
});
