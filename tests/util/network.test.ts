/** Tests the utilities that ask the operating system about the network. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { createServer, isIP } from "node:net";
import { hostname } from "node:os";
import { AddressError } from "../../src/errors.ts";
import {
  fixZeromqTcpAddress,
  getDefaultBindAddress,
  getFreeTcpPort,
  getHostname,
  getPublicIpAddress,
  getPublicZmqAddress,
  resolveHostname,
} from "../../src/util/mod.ts";
import { publicAddressOf } from "../../src/util/public_ip_address.ts";
import { runtime, test } from "../support/harness.ts";

function listen(port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

test("a free port can be listened on", async () => {
  const port = await getFreeTcpPort();
  assert(Number.isInteger(port) && port > 0 && port < 65536);
  await listen(port, "0.0.0.0");
  await listen(await getFreeTcpPort("127.0.0.1"), "127.0.0.1");
});

test("a host that is not this machine has no free port", async () => {
  // 192.0.2.0/24 is reserved for documentation.
  const error = await assertRejects(
    () => getFreeTcpPort("192.0.2.77"),
    AddressError,
    "Cannot find a free TCP port on 192.0.2.77: ",
  );
  assertEquals(error.code, "PORT_NOT_AVAILABLE");
  assert(error.cause instanceof Error);
});

test("the default bind address has all interfaces and a free port", async () => {
  const address = await getDefaultBindAddress();
  assertMatch(address, /^tcp:\/\/0\.0\.0\.0:\d+$/);
  await listen(Number(address.split(":").at(-1)), "0.0.0.0");
});

test("localhost resolves to IPv4", async () => {
  assertEquals(await resolveHostname("localhost"), "127.0.0.1");
});

test("IP addresses resolve to themselves, without brackets", async () => {
  for (const address of ["127.0.0.1", "::1", "fe80::1"]) {
    assertEquals(await resolveHostname(address), address);
  }
  assertEquals(await resolveHostname("[::1]"), "::1");
});

// Asking a name server may take its time.
const slow = { timeoutMs: 30_000 };

for (const name of ["no-such-host.invalid", "*", "", "a b", "http://h"]) {
  test(`the host name "${name}" cannot be resolved`, slow, async () => {
    const error = await assertRejects(
      () => resolveHostname(name),
      AddressError,
      `Cannot resolve "${name}": `,
    );
    assertEquals(error.code, "HOST_NOT_FOUND");
  });
}

test("an address of the other family is not found", async () => {
  await assertRejects(() => resolveHostname("127.0.0.1", { family: 6 }));
  await assertRejects(() => resolveHostname("::1", { family: 4 }));
});

test("an aborted resolution rejects with the reason", slow, async () => {
  const reason = new Error("enough");
  for (const signal of [AbortSignal.abort(reason), abortedSoon(reason)]) {
    const error = await assertRejects(() =>
      resolveHostname("no-such-host.invalid", { signal })
    );
    assertStrictEquals(error, reason);
  }
  // On Deno, the abandoned lookup must end before the test does.
  await assertRejects(() => resolveHostname("no-such-host.invalid"));
});

function abortedSoon(reason: Error): AbortSignal {
  const controller = new AbortController();
  queueMicrotask(() => controller.abort(reason));
  return controller.signal;
}

for (
  const [address, fixed] of [
    ["tcp://localhost:5000", "tcp://127.0.0.1:5000"],
    ["tcp://localhost:*", "tcp://127.0.0.1:*"],
    ["tcp://*:5000", "tcp://*:5000"],
    ["tcp://0.0.0.0:5000", "tcp://0.0.0.0:5000"],
    ["tcp://[::1]:5000", "tcp://[::1]:5000"],
    ["ipc:///run/x", "ipc:///run/x"],
    ["inproc://whatevs", "inproc://whatevs"],
  ] as const
) {
  test(`${address} is fixed to ${fixed}`, async () => {
    assertEquals(await fixZeromqTcpAddress(address), fixed);
  });
}

test("an address that cannot be fixed is an error", slow, async () => {
  for (
    const [address, code] of [
      ["", "ADDRESS_INVALID"],
      ["tcp://", "ADDRESS_INVALID"],
      ["localhost:5000", "ADDRESS_INVALID"],
      ["tcp://no-such-host.invalid:5000", "HOST_NOT_FOUND"],
    ] as const
  ) {
    const error = await assertRejects(
      () => fixZeromqTcpAddress(address),
      AddressError,
    );
    assertEquals(error.code, code);
  }
});

test("the host name is that of the operating system", async () => {
  assertEquals(await getHostname(), hostname());
});

test("the public IP address is one that this machine has", async () => {
  const address = await getPublicIpAddress();
  assertNotEquals(isIP(address), 0);
  assert(address !== "0.0.0.0");
  await listen(0, address);
});

test("the public IP address of a named host is resolved", async () => {
  assertEquals(await getPublicIpAddress("localhost"), "127.0.0.1");
});

const entry = (address: string, internal = false) => ({
  address,
  family: address.includes(":") ? "IPv6" : "IPv4",
  internal,
});

test("a reachable address is preferred to those only this machine sees", () => {
  const lo = [entry("127.0.0.1", true), entry("::1", true)];
  const docker0 = [entry("172.17.0.1")];
  const eth0 = [entry("fe80::1"), entry("fd00::2"), entry("10.0.0.5")];
  assertEquals(publicAddressOf({ lo, docker0, eth0 }), "10.0.0.5");
  assertEquals(publicAddressOf({ lo, docker0 }), "172.17.0.1");
  assertEquals(
    publicAddressOf({ lo, usb0: [entry("169.254.9.9")], eth0: [eth0[1]!] }),
    "fd00::2",
  );
  assertEquals(publicAddressOf({ lo, eth0: [eth0[0]!] }), "127.0.0.1");
  assertEquals(publicAddressOf({}), "127.0.0.1");
});

test("the public address has the public IP and a free port", async () => {
  const address = await getPublicZmqAddress();
  const ip = await getPublicIpAddress();
  const host = ip.includes(":") ? `[${ip}]` : ip;
  assert(address.startsWith(`tcp://${host}:`), address);
  await listen(Number(address.split(":").at(-1)), ip);
});

test("the public form of a bound address replaces wildcards only", async () => {
  const ip = await getPublicIpAddress();
  const host = ip.includes(":") ? `[${ip}]` : ip;
  for (const bound of ["tcp://0.0.0.0:5", "tcp://[::]:5", "tcp://*:5"]) {
    assertEquals(await getPublicZmqAddress(bound), `tcp://${host}:5`);
  }
  assertEquals(await getPublicZmqAddress("tcp://[::1]:5"), "tcp://[::1]:5");
});

// Only Deno has permissions.
const denoTest: typeof test = runtime === "deno" ? test : () => {};

denoTest(
  "without a permission, the error names the flag",
  { permissions: { net: false, sys: false } },
  async () => {
    for (
      const [action, flag] of [
        [() => getFreeTcpPort(), "--allow-net=0.0.0.0:0"],
        [() => getFreeTcpPort("::1"), "--allow-net=[::1]:0"],
        [() => resolveHostname("localhost"), "--allow-net=localhost"],
        [() => getPublicIpAddress(), "--allow-sys=networkInterfaces"],
        [() => getHostname(), "--allow-sys=hostname"],
        [
          () => getPublicZmqAddress("tcp://*:5"),
          "--allow-sys=networkInterfaces",
        ],
      ] as const
    ) {
      const error = await assertRejects(action, AddressError, flag);
      assertEquals(error.code, "PERMISSION_DENIED");
    }
  },
);

denoTest(
  "with --allow-net alone, everything but this machine's own address works",
  { permissions: { net: true } },
  async () => {
    assert(await getFreeTcpPort() > 0);
    assertEquals(await getPublicIpAddress("localhost"), "127.0.0.1");
    assertEquals(
      await fixZeromqTcpAddress("tcp://localhost:1"),
      "tcp://127.0.0.1:1",
    );
    assertEquals(
      await getPublicZmqAddress("tcp://127.0.0.1:5"),
      "tcp://127.0.0.1:5",
    );
  },
);
