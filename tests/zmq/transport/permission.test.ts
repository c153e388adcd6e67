// On Deno, a missing permission is an error of the call that needs it, with the
// flag that would help; it does not end the process.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import * as zmq from "../../../src/zmq/mod.ts";
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runtime, test } from "../../support/harness.ts";
import { once } from "../sockets/pairs.ts";

const skip = runtime !== "deno" && "only Deno has permissions";

test("binding without --allow-net is EACCES", {
  skip,
  permissions: { net: false },
}, async (t) => {
  const pull = t.use(new zmq.Pull());
  const error = await assertRejects(
    () => pull.bind("tcp://127.0.0.1:*"),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EACCES");
  // Not port 0: the peers that connect need the port that was found.
  assertStringIncludes(error.message, "--allow-net=127.0.0.1");
  assert(!error.message.includes(":0"), error.message);
});

for (
  const [address, flag] of [
    ["tcp://127.0.0.1:5555", "--allow-net=127.0.0.1:5555"],
    ["tcp://[::1]:5555", "--allow-net=[::1]:5555"],
    ["tcp://localhost:5555", "--allow-net=localhost"],
  ] as const
) {
  test(`connecting to ${address} without --allow-net throws EACCES`, {
    skip,
    permissions: { net: false },
  }, (t) => {
    const push = t.use(new zmq.Push());
    const error = assertThrows(() => push.connect(address), zmq.ZmqError);
    assertEquals(error.code, "EACCES");
    assertStringIncludes(error.message, flag);
  });
}

test("connecting to a SOCKS proxy that is not allowed throws EACCES", {
  skip,
  permissions: { net: ["127.0.0.1:5555"] },
}, (t) => {
  const push = t.use(new zmq.Push({ socksProxy: "127.0.0.1:1080" }));
  const error = assertThrows(
    () => push.connect("tcp://127.0.0.1:5555"),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EACCES");
  assertStringIncludes(error.message, "127.0.0.1:1080");
});

test("a host name that resolves to a denied address is given up", {
  skip,
  permissions: { net: ["localhost"] },
}, async (t) => {
  const push = t.use(new zmq.Push({ sendTimeout: 1 }));
  const retries: unknown[] = [];
  push.events.on("connect:retry", (event) => retries.push(event));
  const failed = once(push, "close:error");
  push.connect("tcp://localhost:5555");
  const { error } = await failed;
  assertEquals((error as zmq.ZmqError).code, "EACCES");
  assertStringIncludes(error.message, "--allow-net=localhost,");
  assertEquals(push.lastConnectError, error);
  assertEquals(retries, []);
  const late = await assertRejects(() => push.send("x"), zmq.ZmqError);
  assertEquals([late.code, late.cause], ["EAGAIN", error]);
  assertStringIncludes(late.message, "--allow-net=localhost,");
});

test("connecting to an ipc file without --allow-write throws EACCES", {
  skip,
  permissions: { read: true, write: false },
}, (t) => {
  const push = t.use(new zmq.Push());
  const error = assertThrows(
    () => push.connect("ipc:///tmp/agentzero-not-allowed"),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EACCES");
  assertStringIncludes(error.message, "--allow-write");
});

test("an ipc file without --allow-read and --allow-write is EACCES", {
  skip,
  permissions: { net: "inherit", read: false, write: false },
}, async (t) => {
  const pull = t.use(new zmq.Pull());
  const error = await assertRejects(
    () => pull.bind("ipc:///tmp/agentzero-not-allowed"),
    zmq.ZmqError,
  );
  assertEquals(error.code, "EACCES");
  assertStringIncludes(error.message, "--allow-read");
});

const PROGRAM = fileURLToPath(
  new URL("./programs/without_permission.ts", import.meta.url),
);

test(
  "Node with --permission and without --allow-net: EACCES, and the process goes on",
  {
    skip: (runtime !== "node" ||
      !process.allowedNodeEnvironmentFlags.has("--allow-net")) &&
      "only Node from 25 on guards the network",
    timeoutMs: 30_000,
  },
  async (t) => {
    const flags = [
      "--permission",
      "--allow-fs-read=*",
      "--allow-fs-write=*",
      "--allow-worker",
    ];
    const child = spawn(
      process.execPath,
      ["--no-warnings", ...flags, "--import", "tsx", PROGRAM],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    t.cleanup(() => child.kill("SIGKILL"));
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => output += text);
    const code = await new Promise((resolve) => child.once("close", resolve));
    const expected = ["bind", "connect"].flatMap((use) =>
      ["tcp://127.0.0.1:5555", "tcp://localhost:5555", "ipc:///tmp/x"].map(
        (address) => `${use} ${address} EACCES true`,
      )
    );
    assertEquals([output.trim().split("\n"), code], [expected, 0]);
  },
);
