/**
 * A process that has no file descriptors left reports that it cannot accept, and
 * accepts newcomers again once there is room.
 */
import { assertEquals } from "@std/assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as zmq from "../../../src/zmq/mod.ts";
import {
  platform,
  runtime,
  test,
  type TestContext,
  within,
} from "../../support/harness.ts";
import { nodeProgram } from "../../support/node_flags.ts";

const PROGRAM = fileURLToPath(
  new URL("./programs/few_descriptors.ts", import.meta.url),
);
const ARGS = {
  deno: ["run", "--allow-all", PROGRAM],
  bun: [PROGRAM],
  node: nodeProgram(PROGRAM),
};
/** A runtime needs some 25 to start. */
const LIMIT = 64;
const STEP_MS = 20_000;

/** What the program wrote, line by line. */
class Lines {
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

function program(t: TestContext, address: string): Lines {
  const limited = `ulimit -n ${LIMIT}; exec "$@"`;
  const child = spawn(
    "sh",
    ["-c", limited, "sh", process.execPath, ...ARGS[runtime], address],
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
function crowd(t: TestContext, endpoint: string): Socket[] {
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

async function leave(sockets: readonly Socket[]): Promise<void> {
  await Promise.all(sockets.map(async (socket) => {
    if (socket.closed) return;
    const closed = once(socket, "close");
    socket.destroy();
    await closed;
  }));
}

for (const transport of ["tcp", "ipc"]) {
  test(
    `a listener that ran out of descriptors reports it, and goes on (${transport})`,
    { skip: platform === "win32" && "it has no such limit", timeoutMs: 60_000 },
    async (t) => {
      const address = transport === "tcp"
        ? "tcp://127.0.0.1:*"
        : `ipc://${join(await t.tempDir(), "s")}`;
      const lines = program(t, address);
      const endpoint = (await lines.next("endpoint")).endpoint as string;
      const sockets = crowd(t, endpoint);
      assertEquals(await lines.next("code"), {
        code: "EMFILE",
        address: endpoint,
      });
      await leave(sockets);
      const push = t.use(new zmq.Push({ linger: 0 }));
      push.connect(endpoint);
      await push.send("late");
      assertEquals(await lines.next("received"), { received: "late" });
    },
  );
}
