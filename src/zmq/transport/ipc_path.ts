/**
 * Layer: transport. The path in `ipc://path`: checks whether this system
 * supports it, so that an unsupported path is rejected with the reason, and
 * never truncated or changed by the system.
 *
 * @module
 */
import process from "node:process";
import { restOf } from "../endpoint.ts";
import { ZmqError } from "../errors.ts";

/** The size of `sun_path`, without the zero byte at its end. */
const MAX_PATH_BYTES = { linux: 107, other: 103 } as const;

/** What the rules depend on. */
export interface IpcSystem {
  /** The operating system, as in `process.platform`. */
  readonly platform: string;
  /** The version of Node's libuv; undefined for another runtime. */
  readonly libuv: string | undefined;
}

const { versions } = process as { versions: Record<string, string> };

const HERE: IpcSystem = {
  platform: process.platform,
  libuv: versions.bun ?? versions.deno ? undefined : versions.uv,
};

/**
 * Throws unless a path can be bound or connected to on this system.
 *
 * @throws {ZmqError} `EINVAL` if it is malformed, `ENAMETOOLONG`; `ENOTSUP` for
 *   an abstract name on a system without them, `EPROTONOSUPPORT` on a system
 *   without ipc.
 */
export function checkIpcPath(
  address: string,
  use: "bind" | "connect",
  system: IpcSystem = HERE,
): void {
  const fail = (code: string, why: string): never => {
    throw new ZmqError(code, `Cannot ${use} "${address}": ${why}`, { address });
  };
  const path = restOf(address);
  if (system.platform === "win32") {
    fail("EPROTONOSUPPORT", "ipc does not work on Windows: use tcp");
  }
  if (path === "" || path === "@") {
    throw malformed(address, "the path is missing");
  }
  if (path.includes("\0")) throw malformed(address, "the path has a null byte");
  if (use === "connect" && path === "*") {
    throw malformed(address, "connecting needs a path");
  }
  const { linux, other } = MAX_PATH_BYTES;
  const most = system.platform === "linux" ? linux : other;
  const size = new TextEncoder().encode(path).byteLength;
  if (size > most) {
    fail(
      "ENAMETOOLONG",
      `the path has ${size} bytes, the system takes ${most}`,
    );
  }
  if (!path.startsWith("@")) return;
  if (system.platform !== "linux") {
    fail("ENOTSUP", "only Linux has abstract names: use a path");
  }
  if (system.libuv !== undefined && isPadding(system.libuv)) {
    fail(
      "ENOTSUP",
      `this version of Node changes abstract names (libuv ${system.libuv}), so that no other program finds them: use Node 22 or newer, a path, or tcp`,
    );
  }
}

/** Before 1.47, libuv padded abstract names with zero bytes, which become part of the name. */
function isPadding(libuv: string): boolean {
  const [major = 0, minor = 0] = libuv.split(".").map(Number);
  return major < 1 || (major === 1 && minor < 47);
}

function malformed(address: string, why: string): ZmqError {
  return new ZmqError("EINVAL", `Malformed address "${address}": ${why}`, {
    address,
  });
}
