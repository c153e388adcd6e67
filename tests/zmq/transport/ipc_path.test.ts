// What an ipc path may be, on each system: what cannot work is refused at once.
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ZmqError } from "../../../src/zmq/errors.ts";
import * as zmq from "../../../src/zmq/mod.ts";
import {
  checkIpcPath,
  type IpcSystem,
} from "../../../src/zmq/transport/ipc_path.ts";
import { platform, test } from "../../support/harness.ts";

const LINUX: IpcSystem = { platform: "linux", libuv: "1.48.0" };
const MAC: IpcSystem = { platform: "darwin", libuv: undefined };
const OLD_NODE: IpcSystem = { platform: "linux", libuv: "1.46.0" };
const WINDOWS: IpcSystem = { platform: "win32", libuv: "1.48.0" };

const long = (bytes: number) => `ipc:///${"x".repeat(bytes - 1)}`;
const wide = (bytes: number) => `ipc:///x${"é".repeat((bytes - 2) / 2)}`;

for (
  const [what, address, system, expected, reason] of [
    ["a path", "ipc:///tmp/s", LINUX, "", ""],
    ["a relative path", "ipc://s", MAC, "", ""],
    ["any path", "ipc://*", LINUX, "", ""],
    ["107 bytes on Linux", long(107), LINUX, "", ""],
    ["108 bytes on Linux", long(108), LINUX, "ENAMETOOLONG", "107"],
    ["bytes count, not characters", wide(108), LINUX, "ENAMETOOLONG", "108"],
    ["103 bytes on macOS", long(103), MAC, "", ""],
    ["104 bytes on macOS", long(104), MAC, "ENAMETOOLONG", "103"],
    ["an abstract name on Linux", "ipc://@name", LINUX, "", ""],
    [
      "one on Deno or Bun",
      "ipc://@name",
      { ...LINUX, libuv: undefined },
      "",
      "",
    ],
    ["one on Node 20", "ipc://@name", OLD_NODE, "ENOTSUP", "Node 22"],
    ["a path on Node 20", "ipc:///tmp/s", OLD_NODE, "", ""],
    ["one on macOS", "ipc://@name", MAC, "ENOTSUP", "only Linux"],
    ["Windows", "ipc:///tmp/s", WINDOWS, "EPROTONOSUPPORT", "use tcp"],
    [
      "a pipe of Windows",
      "ipc://\\\\.\\pipe\\x",
      WINDOWS,
      "EPROTONOSUPPORT",
      "tcp",
    ],
    ["no path", "ipc://", LINUX, "EINVAL", "missing"],
    ["no name", "ipc://@", LINUX, "EINVAL", "missing"],
    ["a null byte", "ipc:///a\0b", LINUX, "EINVAL", "null"],
  ] as const
) {
  test(`ipc paths: ${what} is ${expected || "right"}`, () => {
    for (const use of ["bind", "connect"] as const) {
      if (use === "connect" && address === "ipc://*") continue;
      if (expected === "") {
        checkIpcPath(address, use, system);
        continue;
      }
      const error = assertThrows(
        () => checkIpcPath(address, use, system),
        ZmqError,
      );
      assertEquals([error.code, error.address], [expected, address]);
      assertStringIncludes(error.message, reason);
    }
  });
}

test("a path that is too long is refused by connect, and by bind", {
  skip: platform === "win32" && "Windows has no ipc",
}, async (t) => {
  const socket = t.use(new zmq.Push());
  const address = long(108);
  const thrown = assertThrows(() => socket.connect(address), zmq.ZmqError);
  const rejected = await socket.bind(address).catch((error) => error);
  assertEquals([thrown.code, rejected.code], ["ENAMETOOLONG", "ENAMETOOLONG"]);
});
