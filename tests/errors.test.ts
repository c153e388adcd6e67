/** Tests the error family: messages, codes, facts, causes. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { inspect } from "node:util";
import {
  AddressError,
  AgentZeroSocketError,
  errorCodes,
  SchemaValidationError,
  SerializationError,
  SocketAlreadyExists,
  SocketBindError,
  SocketConnectError,
  SocketNotFound,
  SocketTypeMismatch,
} from "../src/errors.ts";
import { test } from "./support/harness.ts";

const manager = { toString: () => "SocketManager(sockets=['foo'])" };

test("SocketAlreadyExists says what the Python documentation says", () => {
  const error = new SocketAlreadyExists(manager, "foo");
  assertEquals(
    error.message,
    "SocketManager(sockets=['foo']) already has a socket named 'foo'.",
  );
  assertEquals(error.code, "SOCKET_ALREADY_EXISTS");
  assertEquals(error.socketName, "foo");
});

test("SocketNotFound says what the Python documentation says", () => {
  const error = new SocketNotFound("SocketManager(sockets=[''])", "some-name");
  assertEquals(
    error.message,
    "SocketManager(sockets=['']) has no sockets named 'some-name'.",
  );
  assertEquals(error.code, "SOCKET_NOT_FOUND");
});

test("every error has its name, a listed code, and the base class", () => {
  const errors = [
    new AgentZeroSocketError("no"),
    new SocketAlreadyExists(manager, "a"),
    new SocketNotFound(manager, "a"),
    new SocketTypeMismatch("a", { expected: "PUB", actual: "REP" }),
    new SocketBindError("tcp://x:1"),
    new SocketConnectError("tcp://x:1"),
    new AddressError("no", { code: "ADDRESS_INVALID" }),
    new SerializationError({
      code: "PACK_FAILED",
      serializer: "JSON",
      reason: "no",
    }),
    new SchemaValidationError([{ message: "no" }]),
  ];
  for (const error of errors) {
    assert(error instanceof AgentZeroSocketError);
    assertEquals(error.name, error.constructor.name);
    assert(error.code in errorCodes, error.code);
    assert(error.stack?.includes(`${error.name}: ${error.message}`));
    assert(!Object.keys(error).includes("name"));
  }
  assertEquals(new Set(errors.map((e) => e.name)).size, errors.length);
});

test("facts that are absent are no properties", () => {
  const error = new AgentZeroSocketError("no");
  assertEquals(Object.keys(error), ["code"]);
  assert(!("cause" in error));
});

test("a bind error gives the reason of a system error in words", () => {
  const cause = Object.assign(new Error("listen EADDRINUSE: 127.0.0.1:1"), {
    code: "EADDRINUSE",
  });
  const error = new SocketBindError("tcp://127.0.0.1:1", {
    socketName: "in",
    cause,
  });
  assertEquals(
    error.message,
    `Cannot bind 'in' to "tcp://127.0.0.1:1": address already in use`,
  );
  assertStrictEquals(error.cause, cause);
  assertEquals(error.address, "tcp://127.0.0.1:1");
  assertEquals(error.socketName, "in");
  assertEquals(error.code, "SOCKET_BIND_FAILED");
});

test("a connect error does not repeat the address of its cause", () => {
  const cause = new Error(`Cannot connect to "tcp://h:1": connection refused`);
  const error = new SocketConnectError("tcp://h:1", { cause });
  assertEquals(
    error.message,
    `Cannot connect to "tcp://h:1": connection refused`,
  );
  assertEquals(error.code, "SOCKET_CONNECT_FAILED");
});

test("a cause of any kind ends the message", () => {
  for (
    const [cause, end] of [
      [new Error("because"), ": because"],
      [Object.assign(new Error(""), { code: "EWEIRD" }), ": EWEIRD"],
      ["a text", ": a text"],
      [undefined, ""],
    ]
  ) {
    const error = new SocketBindError("ipc://x", { cause });
    assertEquals(error.message, `Cannot bind to "ipc://x"${end}`);
  }
});

test("a serialization error names the socket on request and keeps its facts", () => {
  const raw = new Uint8Array([1]);
  const cause = new Error("inner");
  const first = new SerializationError({
    code: "UNPACK_FAILED",
    serializer: "JSON",
    reason: "not UTF-8",
    raw,
    cause,
  });
  const named = first.forSocket("in");
  assertEquals(first.message, "Cannot unpack a message as JSON: not UTF-8");
  assertEquals(
    named.message,
    "Cannot unpack a message as JSON for socket 'in': not UTF-8",
  );
  assertEquals(named.socketName, "in");
  assertStrictEquals(named.raw, raw);
  assertStrictEquals(named.cause, cause);
});

test("a printed error does not dump the received bytes", () => {
  const error = new SerializationError({
    code: "UNPACK_FAILED",
    serializer: "RAW",
    reason: "no",
    raw: new Uint8Array(5000).fill(77),
  });
  assertEquals(error.raw?.length, 5000);
  assert(!inspect(error).includes("77,"));
  assert(!JSON.stringify(error).includes("77"));
});

test("a schema error lists the first issues with their paths", () => {
  const raw = new Uint8Array([1]);
  const issues = [
    { message: "Required", path: ["a", 0, { key: "b" }] },
    { message: "Too long" },
    { message: "x" },
    { message: "y" },
    { message: "z" },
  ];
  const error = new SchemaValidationError(issues, { socketName: "in", raw });
  assertEquals(
    error.message,
    "A message of socket 'in' does not match its schema: " +
      "$.a[0].b: Required; $: Too long; $: x; and 2 more",
  );
  assertStrictEquals(error.issues, issues);
  assertStrictEquals(error.raw, raw);
  assertEquals(error.code, "SCHEMA_INVALID");
});

test("a type mismatch names both types", () => {
  const error = new SocketTypeMismatch("a", { expected: "PUB", actual: "REP" });
  assertEquals(error.message, "The socket 'a' is a REP socket, not PUB.");
  assertEquals([error.expected, error.actual], ["PUB", "REP"]);
});
