/** Tests of the life of processes with sockets of v5: an open one keeps its process alive, as in v5. */
import { assertEquals } from "@std/assert";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { eventually, runtime, test, within } from "../../support/harness.ts";
import { nodeProgram } from "../../support/node_flags.ts";
import { messages, socketsOf } from "./sockets.ts";

const PROGRAM = fileURLToPath(new URL("./programs/lives.ts", import.meta.url));
const ARGS = {
  deno: ["run", "-A", "--no-check", PROGRAM],
  node: nodeProgram(PROGRAM),
  bun: [PROGRAM],
}[runtime];

/** A running program, and what it said. */
class Program implements AsyncDisposable {
  output = "";
  readonly closed: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(way: string, endpoint: string) {
    this.#child = spawn(process.execPath, [...ARGS, way, endpoint], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
    });
    this.closed = new Promise((resolve) => this.#child.once("close", resolve));
  }

  /** Waits until it has come to its last line. */
  async ends(): Promise<void> {
    await eventually(
      () => this.output.includes("end\n"),
      15_000,
      "its last line",
    );
  }

  /** Waits for its exit, which must be near. */
  async exits(): Promise<void> {
    await this.ends();
    assertEquals(await within(this.closed, 3000, "the exit"), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.closed;
  }
}

const options = { timeoutMs: 25_000 };

test(
  "an open socket keeps its process alive until it is closed",
  options,
  async (t) => {
    const request = socketsOf(t)("req");
    request.bindSync("tcp://127.0.0.1:*");
    const program = t.use(new Program("open", request.last_endpoint));
    await program.ends();
    const exited = program.closed.then(() => "exited");
    const idle = new Promise((resolve) => setTimeout(resolve, 200, "alive"));
    assertEquals(await Promise.race([exited, idle]), "alive");
    const answer = messages(request, 1);
    request.send("end it");
    assertEquals(await answer, [["bye"]]);
    await program.exits();
  },
);

test(
  "unref lets a process end although its sockets are open",
  options,
  async (t) => {
    await t.use(new Program("unref", "tcp://127.0.0.1:1")).exits();
  },
);

test("closed sockets keep no process alive", options, async (t) => {
  await t.use(new Program("closed", "")).exits();
});

test(
  "messages of a closed socket keep the process alive until they are sent",
  options,
  async (t) => {
    const pull = socketsOf(t)("pull");
    pull.bindSync("tcp://127.0.0.1:*");
    const endpoint = pull.last_endpoint;
    pull.unbindSync(endpoint);
    const program = t.use(new Program("leaving", endpoint));
    await program.ends();
    pull.bindSync(endpoint);
    assertEquals(await messages(pull, 1), [["last words"]]);
    await program.exits();
  },
);
