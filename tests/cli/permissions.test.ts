/** Deno: the permissions that docs/cli.md names are enough. */
import { assert, assertEquals } from "@std/assert";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runtime, test } from "../support/harness.ts";
import { commandOf, type End, FLOW_SOURCE, LIMIT, Program } from "./program.ts";

const onlyDeno = runtime !== "deno" && "only Deno asks for permissions";

test("the permissions of docs/cli.md are enough for every command", {
  ...LIMIT,
  skip: onlyDeno,
}, async (t) => {
  const flags = await table();
  const dir = await t.tempDir();
  const start = (row: string, ...args: string[]): Program => {
    const words = flags.get(row);
    assert(words !== undefined, `docs/cli.md has no row for ${row}`);
    const permissions = words.length === 0
      ? ["--allow-env=NO_COLOR"] // without any, a Deno that starts another gives it all
      : words.map((word) => word.replace(/=\.$/, `=.,${dir}`));
    const command = commandOf(args, ["--no-prompt", ...permissions]);
    return new Program(t, [], {}, command);
  };
  const run = async (row: string, ...args: string[]): Promise<string> =>
    good(await start(row, ...args).ended, args);

  assert((await run("help", "help", "step")).includes("agentzero step"));
  await run("--version", "--version");
  assert((await run("keygen", "keygen")).includes("publicKey"));
  await run("keygen --out", "keygen", "--out", join(dir, "own.key"));

  const stored = start(
    ...[
      "pipeline --store",
      "pipeline",
      FLOW_SOURCE,
      "--port=0",
      "--store",
    ] as const,
    join(dir, "jobs.db"),
  );
  await stored.sees(/is up/);
  stored.kill("SIGTERM");
  good(await stored.ended, ["pipeline --store"]);

  const pipeline = start(
    ...[
      "pipeline",
      "pipeline",
      FLOW_SOURCE,
      "--port=0",
      "--store=memory",
    ] as const,
    "--dashboard=0",
  );
  const [, at] = await pipeline.sees(/requests +(tcp:\S+)/);
  const where = ["--pipeline", at!];
  const step = start(
    "step",
    "step",
    FLOW_SOURCE,
    "--step=greet",
    "--step=shout",
    ...where,
  );
  await step.sees(/"shout" works/);
  assertEquals(
    await run(
      "submit",
      "submit",
      "greet",
      '"Ada"',
      "--wait",
      "--id=x",
      ...where,
    ),
    '"HELLO, ADA"\n',
  );
  const logs = start("logs", "logs", ...where);
  for (
    const line of [
      ...["status", "status x", "jobs", "top --count 1", "retry --all"],
      ...["pause", "resume", "schedule list", "drain greet"],
    ]
  ) {
    const args = line.split(" ");
    await run(args[0]!, ...args, ...where);
  }
  await run("cancel", "submit", "chat", "--id=y", ...where);
  await run("cancel", "cancel", "y", ...where);
  for (const program of [logs, step, pipeline]) {
    program.kill("SIGTERM");
    good(await program.ended, ["logs, step or pipeline"]);
  }

  const recv = start(
    "recv",
    "recv",
    "rep",
    "--bind=tcp://127.0.0.1:*",
    "--echo",
  );
  const [, bound] = await recv.sees(/bound to (\S+)/, "err");
  assertEquals(
    await run("send", "send", "req", "hello", "--connect", bound!),
    "hello\n",
  );
  recv.kill("SIGTERM");
  await recv.ended;
  const proxy = start(
    ...["proxy", "proxy", "queue", "--front=tcp://127.0.0.1:*"] as const,
    "--back=tcp://127.0.0.1:*",
  );
  await proxy.sees(/queue is up/);
  proxy.kill("SIGTERM");
  good(await proxy.ended, ["proxy"]);
});

/** The flags of each command, in the table under "Permissions on Deno". */
async function table(): Promise<Map<string, string[]>> {
  const file = new URL("../../docs/cli.md", import.meta.url);
  const [, section] = (await readFile(file, "utf8"))
    .split("## Permissions on Deno");
  const rows = section!.split("\n## ")[0]!.matchAll(
    /^\| (`.*?) +\| (.*?) +\|$/gm,
  );
  const flags = new Map<string, string[]>();
  for (const [, commands, needed] of rows) {
    const words = [...needed!.split(/[,;]/)[0]!.matchAll(/--[\w-]+=[^\s`]+/g)]
      .map(([word]) => word);
    for (const [, name] of commands!.matchAll(/`([^`]+)`/g)) {
      flags.set(name!, words);
    }
  }
  return flags;
}

function good({ code, out, err }: End, args: readonly string[]): string {
  assertEquals(
    [code, /ERR_|NotCapable/.test(err)],
    [0, false],
    `${args.join(" ")}: ${err}`,
  );
  return out;
}
