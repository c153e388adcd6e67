/**
 * Test support. A program that may have few file descriptors, and a crowd that
 * takes them all.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runtime, type TestContext, within } from "./harness.ts";
import { nodeProgram } from "./node_flags.ts";

/** A runtime needs some 25 to start. */
const LIMIT = 64;
const STEP_MS = 20_000;

/** What the program wrote, line by line. */
export class Lines {
  readonly #lines: AsyncIterator<string>;

  constructor(lines: AsyncIterable<string>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** The next one that has the member. */
  async next(name: string): Promise<Record<string, unknown>> {
    for (;;) {
      const { done, value } = await within(this.#lines.next(), STEP_MS, name);
      if (done) throw new Error(`The program ended before "${name}"`);
      if (!value.startsWith("{")) continue;
      const line = JSON.parse(value) as Record<string, unknown>;
      if (name in line) return line;
    }
  }
}

/** Starts a program that writes lines of JSON, with a low limit of descriptors. */
export function startWithFewDescriptors(
  t: TestContext,
  url: URL,
  ...args: string[]
): Lines {
  const path = fileURLToPath(url);
  const commands = {
    deno: ["run", "--allow-all", path],
    bun: [path],
    node: nodeProgram(path),
  };
  const limited = `ulimit -n ${LIMIT}; exec "$@"`;
  const child = spawn(
    "sh",
    ["-c", limited, "sh", process.execPath, ...commands[runtime], ...args],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
    },
  );
  t.cleanup(async () => {
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  });
  return new Lines(createInterface({ input: child.stdout }));
}

/** More connections than the program can have. */
export function crowd(t: TestContext, endpoint: string): Socket[] {
  const [, host, port] = /^tcp:\/\/(.*):(\d+)$/.exec(endpoint) ?? [];
  const target = host === undefined
    ? { path: endpoint.slice("ipc://".length) }
    : { host, port: Number(port) };
  const sockets = Array.from({ length: 3 * LIMIT }, () => {
    const socket = connect(target);
    socket.on("error", () => {}); // some are dropped
    return socket;
  });
  t.cleanup(() => leave(sockets));
  return sockets;
}

/** Ends the connections. */
export async function leave(sockets: readonly Socket[]): Promise<void> {
  await Promise.all(sockets.map(async (socket) => {
    if (socket.closed) return;
    const closed = once(socket, "close");
    socket.destroy();
    await closed;
  }));
}
