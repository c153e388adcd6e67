/** Tests the log handler: what it publishes, and that it throws no errors. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import {
  levelNumber,
  Logger,
  LogHandler,
  type LogRecord,
} from "../../../src/manager/logging/mod.ts";
import { deferred, test } from "../../support/harness.ts";
import { recorder } from "./recorder.ts";

test("a record has message, arguments, level, time and name", () => {
  const { handler, topics, only } = logged({
    level: "info",
    msg: "%s is up on %d",
    args: ["server", 5000],
  });
  assertEquals(only, {
    msg: "server is up on 5000",
    template: "%s is up on %d",
    args: ["server", 5000],
    level: 20,
    time: "2024-11-24T20:29:30.123Z",
    name: "test",
  });
  assertEquals(topics, ["logs"]);
  assertEquals([handler.published, handler.dropped], [1, 0]);
});

function logged(input: Parameters<LogHandler["handle"]>[0]) {
  const all = recorder();
  all.handler.handle(input);
  return all;
}

test("topic and names can be chosen", () => {
  const { handler, topics, records } = recorder({ topicName: "app_logs" });
  handler.handle({ level: 10, msg: "a" });
  handler.handle({ level: 10, msg: "b", name: "other" });
  assertEquals(topics, ["app_logs", "app_logs"]);
  assertEquals(records.map((r) => r.name), ["test", "other"]);
});

test("levels have Python's numbers, and any other number passes", () => {
  const { handler, records } = recorder();
  const levels = ["debug", "info", "warning", "error", "critical", "warn"];
  for (const level of [...levels, "unknown", 35, 5, 0, NaN]) {
    handler.handle({ level, msg: "" });
  }
  assertEquals(
    records.map((r) => r.level),
    [10, 20, 30, 40, 50, 30, 20, 35, 5, 0, 20],
  );
  assertEquals(["FATAL", "notice", "silly"].map(levelNumber), [50, 25, 5]);
});

test("the time is UTC, in whatever form it was given", () => {
  const { handler, records } = recorder();
  const time = "2024-11-24T22:29:30.5+02:00";
  for (const t of [time, Date.parse(time), new Date(time), "no time", NaN]) {
    handler.handle({ level: 20, msg: "", time: t });
  }
  const given = "2024-11-24T20:29:30.500Z";
  const now = "2024-11-24T20:29:30.123Z";
  assertEquals(records.map((r) => r.time), [given, given, given, now, now]);
});

test("without a clock of its own, the time is that of the machine", () => {
  const before = Date.now();
  const { handler, records } = recorder({ now: undefined });
  handler.handle({ level: 20, msg: "" });
  const time = Date.parse(records[0]!.time);
  assert(time >= before && time <= Date.now());
  assertMatch(records[0]!.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("an exception is described", () => {
  const { only } = logged({
    level: "error",
    msg: "it failed",
    exception: new TypeError("no"),
  });
  assertEquals(only.msg, "it failed");
  assertEquals(only.exception?.name, "TypeError");
  assertEquals(only.exception?.message, "no");
  assertMatch(only.exception?.traceback ?? "", /log_handler\.test/);
});

test("an error as message gives message and exception", () => {
  const { only } = logged({ level: "error", msg: new RangeError("too far") });
  assertEquals(only.msg, "too far");
  assertEquals(only.exception?.name, "RangeError");
});

test("structured fields travel in extra, empty ones not at all", () => {
  assertEquals(
    logged({ level: 20, msg: "", extra: { a: 1n, b: undefined } }).only.extra,
    { a: "1" },
  );
  assert(!("extra" in logged({ level: 20, msg: "", extra: {} }).only));
});

test("arguments that no serializer takes are described", () => {
  const cycle: Record<string, unknown> = { name: "c" };
  cycle.self = cycle;
  const throwing = {
    get bad() {
      throw new Error("mine");
    },
    good: 1,
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const args = [
    [NaN, "NaN"],
    [Infinity, "Infinity"],
    [2n ** 70n, "1180591620717411303424"],
    [undefined, null],
    [Symbol("s"), "Symbol(s)"],
    [function start() {}, "[function start]"],
    [cycle, { name: "c", self: "[circular]" }],
    [new Map<unknown, unknown>([[1, new Set([2])]]), { "1": [2] }],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [new Date(NaN), "Invalid Date"],
    [new Uint8Array([1, 255]), "<2 bytes 01ff>"],
    [new Uint8Array(40).buffer, `<40 bytes ${"00".repeat(32)}…>`],
    [/x/g, "/x/g"],
    [new URL("http://h/"), "http://h/"],
    [Promise.resolve(), "[Promise]"],
    [throwing, { bad: "[unreadable: Error: mine]", good: 1 }],
    [{ toJSON: () => ({ from: "toJSON" }) }, { from: "toJSON" }],
    ["half \ud800 pair", "half \ufffd pair"],
    [{ "\udc00": 1 }, { "\ufffd": 1 }],
  ] as const;
  const { only } = logged({
    level: 20,
    msg: "",
    args: args.map(([arg]) => arg),
  });
  assertEquals(only.args, args.map(([, described]) => described));
  const { args: [described] } =
    logged({ level: 20, msg: "", args: [revoked.proxy] }).only;
  assertMatch(String(described), /^\[unreadable: TypeError/);
});

test("an argument that occurs twice is not a cycle", () => {
  const shared = { a: 1 };
  const { only } = logged({ level: 20, msg: "", args: [[shared, shared]] });
  assertEquals(only.args, [[{ a: 1 }, { a: 1 }]]);
});

test("errors among the arguments are described", () => {
  const { args: [described] } =
    logged({ level: 20, msg: "%s", args: [new TypeError("no")] }).only;
  const { name, message } = described as Record<string, unknown>;
  assertEquals([name, message], ["TypeError", "no"]);
});

test("large arguments are truncated", () => {
  let deep: unknown = "bottom";
  for (let i = 0; i < 50_000; i++) deep = [deep];
  const wide = Array.from({ length: 5000 }, (_, i) => i);
  const huge = Array.from(
    { length: 99 },
    () => Array.from({ length: 99 }, () => ({ a: [{}] })),
  );
  const keys = Object.fromEntries(wide.map((i) => [`k${i}`, i]));
  const { only } = logged({
    level: 20,
    msg: "",
    args: [deep, wide, keys, huge],
  });
  assertEquals(only.args[0], [[[[[[[["[…]"]]]]]]]]);
  assertEquals((only.args[1] as unknown[]).at(-1), "[… 4900 more]");
  assertEquals((only.args[2] as Record<string, unknown>)["…"], "[… 4900 more]");
  assert(JSON.stringify(only.args[3]).length < 100_000);
});

test("a message of any type becomes a text", () => {
  const throwing = {
    toString() {
      throw new Error("mine");
    },
    toJSON() {
      throw new Error("mine too");
    },
  };
  for (
    const [msg, text] of [
      [5, "5"],
      [undefined, "null"],
      [{ a: [1n] }, '{"a":["1"]}'],
      [throwing, "[unreadable: Error: mine too]"],
      ["\ud800", "\ufffd"],
    ]
  ) {
    assertEquals(logged({ level: 20, msg }).only.msg, text);
  }
});

test("errors of publishing are counted, not thrown", async () => {
  const error = new Error("closed");
  const cases: (() => boolean | Promise<boolean>)[] = [
    () => false,
    () => {
      throw error;
    },
    () => Promise.resolve(false),
    () => Promise.reject(error),
    () =>
      Object.defineProperty({}, "then", {
        get() {
          throw error;
        },
      }) as Promise<boolean>,
  ];
  for (const publish of cases) {
    const handler = new LogHandler({ publish });
    handler.handle({ level: 20, msg: "a" });
    await handler.flush();
    assertEquals([handler.published, handler.dropped], [0, 1], `${publish}`);
    if (`${publish}`.includes("error")) {
      assertStrictEquals(handler.lastError, error);
    }
  }
});

test("an unreadable input is counted, not thrown", () => {
  const { handler, records } = recorder();
  const throwing = () => {
    throw new Error("mine");
  };
  handler.handle(throwing);
  handler.handle(null as never);
  handler.handle(Object.defineProperty({}, "args", { get: throwing }) as never);
  handler.handle({ level: 20, msg: "", args: 5 as never });
  assertEquals([records.length, handler.dropped], [0, 4]);
});

test("a record that is published later counts once it is", async () => {
  const sent = deferred<boolean>();
  const handler = new LogHandler({ publish: () => sent.promise });
  handler.handle({ level: 20, msg: "a" });
  assertEquals([handler.published, handler.dropped], [0, 0]);
  sent.resolve(true);
  await handler.flush();
  assertEquals([handler.published, handler.dropped], [1, 0]);
});

test("the number of records in flight is limited", async () => {
  const sent = deferred<boolean>();
  const handler = new LogHandler({
    publish: () => sent.promise,
    maxPending: 2,
  });
  for (let i = 0; i < 5; i++) handler.handle({ level: 20, msg: "a" });
  assertEquals(handler.dropped, 3);
  sent.resolve(true);
  await handler.flush();
  handler.handle({ level: 20, msg: "b" });
  await handler.flush();
  assertEquals([handler.published, handler.dropped], [3, 3]);
});

/** Publishes in a way that logs again, through another logger of the handler. */
function recursive(
  how: (again: () => void) => boolean | Promise<boolean>,
): { handler: LogHandler; seen: LogRecord[] } {
  const seen: LogRecord[] = [];
  const handler: LogHandler = new LogHandler({
    publish(_topic, record) {
      seen.push(record);
      return how(() => {
        // A loop must end as a failed test, not as one that never ends.
        if (seen.length > 3) return;
        new Logger(handler, { name: "inner" }).info("again");
      });
    },
  });
  return { handler, seen };
}

const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

const recursions: readonly [
  string,
  (again: () => void, done: () => void) => boolean | Promise<boolean>,
][] = [
  ["at once", (again, done) => {
    again();
    done();
    return true;
  }],
  ["after an await", async (again, done) => {
    await tick();
    again();
    done();
    return true;
  }],
  ["in a timer after publishing", (again, done) => {
    setTimeout(() => {
      again();
      done();
    }, 0);
    return true;
  }],
  ["in a microtask after publishing", (again, done) => {
    queueMicrotask(() => {
      again();
      done();
    });
    return true;
  }],
  ["before it throws", (again, done) => {
    again();
    done();
    throw new Error("closed");
  }],
];

for (const [when, how] of recursions) {
  test(`a record logged by publishing, ${when}, is counted and not published`, async () => {
    const done = deferred();
    const { handler, seen } = recursive((again) => how(again, done.resolve));
    handler.handle({ level: 20, msg: "first" });
    await done.promise;
    await handler.flush();
    assertEquals(seen.map((r) => r.msg), ["first"]);
    const isThrown = when === "before it throws";
    assertEquals(handler.dropped, isThrown ? 2 : 1);
    handler.handle({ level: 20, msg: "second" });
    assertEquals(seen.map((r) => r.msg), ["first", "second"]);
    await tick(); // the timers of the second one
    await handler.flush();
  });
}

test("a record logged by an argument's getter does not recurse", () => {
  const { handler, records } = recorder();
  const arg = {
    get a() {
      handler.handle({ level: 20, msg: "inner" });
      return 1;
    },
  };
  handler.handle({ level: 20, msg: "outer", args: [arg] });
  assertEquals(records.map((r) => r.msg), ['outer {"a":1}']);
  assertEquals(handler.dropped, 1);
});

test("two handlers that log to each other do not recurse", () => {
  const seen: string[] = [];
  const a: LogHandler = new LogHandler({
    publish: () => {
      seen.push("a");
      b.handle({ level: 20, msg: "" });
      return true;
    },
  });
  const b: LogHandler = new LogHandler({
    publish: () => {
      seen.push("b");
      a.handle({ level: 20, msg: "" });
      return true;
    },
  });
  a.handle({ level: 20, msg: "" });
  assertEquals(seen, ["a", "b"]);
  assertEquals([a.dropped, b.dropped], [1, 0]);
});

test("a record logged by others while one is being published is published", async () => {
  const sent = deferred<boolean>();
  const seen: string[] = [];
  const handler = new LogHandler({
    publish: (_topic, { msg }) => {
      seen.push(msg);
      return sent.promise;
    },
  });
  handler.handle({ level: 20, msg: "first" });
  await Promise.resolve();
  handler.handle({ level: 20, msg: "second" });
  sent.resolve(true);
  await handler.flush();
  assertEquals(seen, ["first", "second"]);
  assertEquals([handler.published, handler.dropped], [2, 0]);
});
