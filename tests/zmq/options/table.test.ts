// The tables: every option of libzmq and of zeromq.js works, can be read, or
// is refused with the reason. None is unknown, and none is ignored.
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import {
  ABSENT_CONTEXT_OPTIONS,
  ABSENT_NUMBERS,
  ABSENT_OPTIONS,
} from "../../../src/zmq/options/absent.ts";
import { FACTS } from "../../../src/zmq/options/table.ts";
import { test, type TestContext } from "../../support/harness.ts";
import {
  CONTEXT_OPTIONS,
  SOCKET_OPTIONS,
  ZEROMQ_JS_PROPERTIES,
} from "./zmq_h.ts";

const TYPES = zmq.SOCKET_TYPE_NAMES.map((_, type) => type as zmq.SocketType);

/** What happens to an option on a socket that is open for the test. */
function fate(socket: zmq.Socket, option: string | number): string {
  try {
    const value = socket.getOption(option);
    try {
      socket.setOption(option, value);
      return "works";
    } catch (error) {
      const { code, message } = error as zmq.ZmqError;
      assertEquals(code, "EINVAL");
      assert(message.endsWith("is read-only"), message);
      return "can be read";
    }
  } catch (error) {
    const { code, message } = error as zmq.ZmqError;
    if (code === "EINVAL") return message;
    assertEquals(code, "ENOTSUP", message);
    const reason = message.split("cannot be used: ")[1] ?? "";
    assert(reason.length > 10, `"${message}" does not say why`);
    return "has a reason";
  }
}

/** The best that any socket type makes of an option. */
function best(t: Pick<TestContext, "use">, option: string | number): string {
  const fates = TYPES.map((type) =>
    fate(t.use(zmq.createSocket(type)), option)
  );
  return ["works", "can be read", "has a reason"]
    .find((kind) => fates.includes(kind)) ?? fates[0]!;
}

test("every socket option of zmq.h works, can be read, or is refused with the reason", (t) => {
  const counts: Record<string, number> = {};
  for (const [number, name] of SOCKET_OPTIONS) {
    const kind = best(t, number);
    assert(
      ["works", "can be read", "has a reason"].includes(kind),
      `${name}: ${kind}`,
    );
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  assertEquals(counts["can be read"], Object.keys(FACTS).length);
  assert(counts["works"]! > 45, `${counts["works"]} work`);
});

test("every property of zeromq.js works, can be read, or is refused with the reason", (t) => {
  for (const name of ZEROMQ_JS_PROPERTIES) {
    const kind = best(t, name);
    assert(
      ["works", "can be read", "has a reason"].includes(kind),
      `${name}: ${kind}`,
    );
    const push = t.use(new zmq.Push()) as unknown as Record<string, unknown>;
    if (kind !== "has a reason") continue;
    const error = assertThrows(() => push[name] = 1, zmq.ZmqError);
    assertEquals([error.code, push[name]], ["ENOTSUP", undefined]);
  }
});

test("every context option of zmq.h works, can be read, or is refused with the reason", () => {
  const context = new zmq.Context();
  for (const [number, name] of CONTEXT_OPTIONS) {
    try {
      const value = context.getOption(number);
      if (name === "ZMQ_SOCKET_LIMIT" || name === "ZMQ_THREAD_PRIORITY") {
        assertEquals(value, 65_535);
        throw assertThrows(() => context.setOption(number, value));
      }
      context.setOption(number, value);
    } catch (error) {
      assertEquals((error as zmq.ZmqError).code, "ENOTSUP", name);
      assert(/cannot be used: .{10}/.test((error as Error).message));
    }
  }
});

test("each number is in one table, once", () => {
  const numbers = [
    ...Object.values(zmq.OPTIONS).map(({ number }) => number),
    ...Object.values(FACTS),
    ...Object.values(ABSENT_OPTIONS).map(([number]) => number),
    ...Object.values(ABSENT_NUMBERS).map(([number]) => number),
  ].filter((number) => number !== undefined);
  assertEquals(new Set(numbers).size, numbers.length);
  const names = [
    ...Object.keys(zmq.OPTIONS),
    ...Object.keys(FACTS),
    ...Object.keys(ABSENT_OPTIONS),
  ];
  assertEquals(new Set(names).size, names.length);
  assertEquals(
    Object.keys(ABSENT_CONTEXT_OPTIONS).filter((name) =>
      name in zmq.CONTEXT_OPTIONS
    ),
    [],
  );
});

test("every default is a valid value of its option", (t) => {
  for (const type of TYPES) {
    const socket = t.use(zmq.createSocket(type));
    for (const [name, { types }] of Object.entries(zmq.OPTIONS)) {
      if (types !== undefined && !types.includes(type)) continue;
      const value = socket.getOption(name);
      socket.setOption(name, value);
      assertEquals(socket.getOption(name), value);
    }
  }
});
