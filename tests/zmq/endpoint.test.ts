// Addresses, taken apart and written again.
import { assert, assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  formatTcp,
  peerHostOf,
  restOf,
  splitEndpoint,
  splitHostPort,
  splitTcp,
  transportOf,
  withPort,
} from "../../src/zmq/endpoint.ts";
import { filesIn } from "../../scripts/lib/files.ts";
import { codeOf } from "../../scripts/lib/source_text.ts";
import { test } from "../support/harness.ts";

/** A regular expression with a transport in it, or with `://`. */
const ADDRESS_PATTERN =
  /\/(?:[^/\\\n]|\\.)*(?:(?:tcp|ipc|inproc):|:\\\/\\\/)(?:[^/\\\n]|\\.)*\/[a-z]*\.(?:test|exec)/;
/** The parser itself; and one that reads the lines of a stack. */
const MAY_HAVE_ONE = [
  "src/zmq/endpoint.ts",
  "src/util/serialized_exception.ts",
];

const plain = (host: string, port: string | undefined) => ({
  host,
  port,
  isBracketed: false,
});
const bracketed = (host: string, port: string | undefined) => ({
  host,
  port,
  isBracketed: true,
});

test("every address is a transport and the rest", () => {
  for (
    const [address, transport, rest] of [
      ["tcp://127.0.0.1:5555", "tcp", "127.0.0.1:5555"],
      ["ipc:///tmp/socket", "ipc", "/tmp/socket"],
      ["inproc://a://b", "inproc", "a://b"],
      ["ws+unix.2://", "ws+unix.2", ""],
      ["TCP://host:1", "TCP", "host:1"],
    ] as const
  ) {
    assertEquals(splitEndpoint(address), { transport, rest });
    assertEquals(transportOf(address), transport.toLowerCase());
    assertEquals(restOf(address), rest);
  }
});

test("a text without a transport is not an address", () => {
  for (const text of ["", "://x", "tcp:/x", "tcp:x", " tcp://x", "t_p://x"]) {
    assertEquals(splitEndpoint(text), undefined);
    assertEquals(transportOf(text), "");
    assertEquals(restOf(text), text);
  }
});

test("a host and a port are split at the last colon, or behind brackets", () => {
  const expected: [string, ReturnType<typeof splitHostPort>][] = [
    ["host:5", plain("host", "5")],
    ["*:*", plain("*", "*")],
    ["::1:5", plain("::1", "5")],
    ["host", plain("host", undefined)],
    ["host:", plain("host", "")],
    [":5", plain("", "5")],
    ["", plain("", undefined)],
    ["[::1]:5", bracketed("::1", "5")],
    ["[fe80::1%eth0]", bracketed("fe80::1%eth0", undefined)],
    ["[]:5", undefined],
    ["[::1:5", undefined],
    ["[::1]5", undefined],
    ["[::1]:5:6", undefined],
    ["a]:5", undefined],
    ["a[b]:5", undefined],
  ];
  for (const [text, parts] of expected) {
    assertEquals(splitHostPort(text), parts, text);
  }
});

test("a TCP address may have a source address before its target", () => {
  assertEquals(splitTcp("tcp://[::1]:5"), {
    source: undefined,
    target: bracketed("::1", "5"),
  });
  assertEquals(splitTcp("tcp://10.0.0.1:0;host:5"), {
    source: plain("10.0.0.1", "0"),
    target: plain("host", "5"),
  });
  for (
    const address of [
      "ipc:///tmp/x",
      "tcp://a:1;b:2;c:3",
      "tcp://[a:1;b:2",
      "tcp://a:1;[b:2",
      "a:1",
    ]
  ) assertEquals(splitTcp(address), undefined, address);
});

test("an address is written as it was read", () => {
  for (
    const address of [
      "tcp://host:5",
      "tcp://*:*",
      "tcp://[::1]:5",
      "tcp://host",
      "tcp://[::]",
    ]
  ) {
    const { host, port } = splitTcp(address)!.target;
    assertEquals(formatTcp(host, port), address);
  }
});

test("another port leaves the hosts and the source", () => {
  const replaced = (address: string) => withPort(splitTcp(address)!, 7);
  assertEquals(replaced("tcp://host:5"), "tcp://host:7");
  assertEquals(replaced("tcp://[::1]"), "tcp://[::1]:7");
  assertEquals(replaced("tcp://[::2]:0;host:5"), "tcp://[::2]:0;host:7");
});

test("a peer over TCP has a host, others have none", () => {
  assertEquals(peerHostOf("tcp://10.0.0.2:41234"), "10.0.0.2");
  assertEquals(peerHostOf("tcp://[fe80::2]:41234"), "fe80::2");
  assertEquals(peerHostOf("tcp://"), "");
  assertEquals(peerHostOf("tcp://host:*"), "");
  assertEquals(peerHostOf("ipc://name:80"), "");
  assertEquals(peerHostOf(""), "");
});

test("no other module parses addresses with regular expressions", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const found = filesIn(root, "src", [".ts"]).filter((file) =>
    ADDRESS_PATTERN.test(codeOf(readFileSync(join(root, file), "utf8")))
  );
  assert(found.includes("src/zmq/endpoint.ts"), "the pattern finds the parser");
  assertEquals(found.filter((file) => !MAY_HAVE_ONE.includes(file)), []);
});
