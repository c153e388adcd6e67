/** A terminal that is held (Ctrl-S, a stalled ssh), or a pipe that is not read, blocks nothing. */
import { spawn } from "node:child_process";
import process from "node:process";
import { PipelineClient } from "@agentzero/agentzero/pipeline";
import { Push } from "@agentzero/agentzero/zmq";
import {
  deferred,
  platform,
  test,
  type TestContext,
} from "../support/harness.ts";
import { commandOf, FLOW, LIMIT, noTerminal, Program } from "./program.ts";

const HOLD = "\x13";

/** Sends what cannot be read until the pipeline has read it, and asks it then. */
async function flood(
  t: TestContext,
  { requests, results }: { requests: string; results: string },
): Promise<void> {
  const push = t.use(new Push());
  push.connect(results);
  for (let i = 0; i < 2000; i++) await push.send(`rubbish ${i}`);
  const client = t.use(new PipelineClient({ pipeline: requests }));
  for (;;) {
    const { errors } = await client.stats({ timeoutMs: 10_000 });
    if ((errors.unreadable ?? 0) >= 2000) return;
  }
}

test("a pipeline whose terminal is held keeps serving, and ends at SIGTERM", {
  ...LIMIT,
  skip: noTerminal,
}, async (t) => {
  const [command, args] = commandOf([
    "pipeline",
    FLOW,
    "--json",
    "--port=0",
    "--results=0",
    "--store=memory",
  ]);
  const line = [command, ...args].map((arg) => `'${arg}'`).join(" ");
  const program = new Program(t, [], {}, [
    "script",
    ["-qec", `echo pid=$$; exec ${line}`, "/dev/null"],
  ]);
  const [, pid] = await program.sees(/pid=(\d+)/);
  const [text] = await program.sees(/\{"event":"listening".*\}/);
  program.type(HOLD);
  await flood(t, JSON.parse(text));
  process.kill(Number(pid), "SIGTERM");
  await program.ended;
});

test(
  "a pipeline whose stderr is a full pipe keeps serving, and ends at SIGTERM",
  {
    ...LIMIT,
    skip: platform !== "linux" &&
      "how much a pipe takes is known of Linux only",
  },
  async (t) => {
    const all = commandOf([
      "pipeline",
      FLOW,
      "--json",
      "--port=0",
      "--results=0",
      "--store=memory",
    ]).flat();
    // The pipe is full before the pipeline begins to write, and it is not read.
    const program = `echo pid=$$ >&3; exec "$@" >&3 2>&4`;
    const script = `exec 3>&1
    { head -c 65536 /dev/zero >&4; exec sh -c '${program}' sh "$@"; } 4>&1 |
    exec sleep 600`;
    const child = spawn("sh", ["-c", script, "sh", ...all], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true, // a group of its own, which is killed in the end
    });
    const ended = deferred();
    child.on("close", () => ended.resolve());
    t.cleanup(async () => {
      process.kill(-child.pid!, "SIGKILL");
      await ended.promise;
    });
    let out = "";
    const seen = (pattern: RegExp) => {
      const found = deferred<string>();
      const look = () => {
        const match = out.match(pattern);
        if (match) found.resolve(match[1] ?? match[0]);
      };
      child.stdout!.on("data", look);
      look();
      return found.promise;
    };
    child.stdout!.setEncoding("utf8").on("data", (text: string) => out += text);
    const pid = await seen(/pid=(\d+)/);
    await flood(t, JSON.parse(await seen(/\{"event":"listening".*\}/)));
    process.kill(Number(pid), "SIGTERM");
    await seen(/"event":"closed"/);
  },
);
