/** Tests the splitting and joining of TCP addresses. */
import { assertEquals, assertThrows } from "@std/assert";
import { AddressError } from "../../src/errors.ts";
import { extractHostnameFromTcpAddress } from "../../src/util/mod.ts";
import {
  formatTcpAddress,
  parseTcpAddress,
} from "../../src/util/tcp_address.ts";
import { test } from "../support/harness.ts";

const addresses: readonly [string, string, string | undefined][] = [
  ["tcp://localhost:5000", "localhost", "5000"],
  ["tcp://tcp.example.org:80", "tcp.example.org", "80"],
  ["TCP://Host-1.local:*", "Host-1.local", "*"],
  ["tcp://*:6000", "*", "6000"],
  ["tcp://0.0.0.0:0", "0.0.0.0", "0"],
  ["tcp://[::1]:5000", "::1", "5000"],
  ["tcp://[fe80::1%eth0]:5000", "fe80::1%eth0", "5000"],
  ["tcp://::1:5000", "::1", "5000"],
  ["tcp://[::]", "::", undefined],
  ["tcp://192.168.10.24", "192.168.10.24", undefined],
];

for (const [address, host, port] of addresses) {
  test(`the host of ${address} is ${host}`, () => {
    assertEquals(extractHostnameFromTcpAddress(address), host);
    assertEquals(parseTcpAddress(address), { host, port });
  });
}

for (
  const address of [
    "",
    "tcp://",
    "tcp://:5000",
    "tcp://host:",
    "tcp://[]:1",
    "tcp://[::1:5000",
    "tcp://::1]:5000",
    "tcp://a b:1",
    "tcp://host/path:1",
    "localhost:5000",
    "ipc:///tmp/x",
    "udp://host:1",
  ]
) {
  test(`"${address}" is not a TCP address`, () => {
    const error = assertThrows(
      () => extractHostnameFromTcpAddress(address),
      AddressError,
      `Invalid TCP address "${address}": `,
    );
    assertEquals([error.code, error.address], ["ADDRESS_INVALID", address]);
  });
}

test("an address is written with brackets around IPv6 only", () => {
  assertEquals(formatTcpAddress({ host: "::1", port: "5" }), "tcp://[::1]:5");
  assertEquals(formatTcpAddress({ host: "h", port: undefined }), "tcp://h");
});

test("a value that is not text has no host name, as in Python", () => {
  for (const value of [undefined, null, 5, { what: "crazy" }, ["tcp://a:1"]]) {
    assertEquals(extractHostnameFromTcpAddress(value), null);
  }
});
