/**
 * Runs the command line program as a child process, on the runtime that runs
 * the test.
 *
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  deferred,
  platform,
  runtime,
  type TestContext,
} from "../support/harness.ts";
import { bundleOf, nodeFlags } from "../support/node_flags.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** The program's file: TypeScript here, JavaScript in the npm package. */
export const BIN: string = fileURLToPath(
  new URL("../../src/cli/bin.ts", import.meta.url),
);

/** The module with the pipeline and the steps of the tests. */
export const FLOW: string = fixture("flow.ts");
/** The same as TypeScript, for which the program runs from its source, too. */
export const FLOW_SOURCE: string = sourceOf("flow.ts");

/** The path of a module of `fixtures`; of its bundle, where there is one. */
export function fixture(name: string): string {
  const file = sourceOf(name);
  return bundleOf(file) ?? file;
}

function sourceOf(name: string): string {
  return fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
}

/** On a busy machine a runtime takes seconds to start, and a test starts many. */
export const LIMIT = { timeoutMs: 120_000 };

/** Deno's flag for all permissions. */
const ALL: readonly string[] = ["-A"];

/** How a program ended, and what it wrote. */
export interface End {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * The command that starts the program: its bundle, where there is one, as that
 * starts sooner. With fewer permissions it is the source, of which a user's Deno
 * asks more than of one file.
 */
export function commandOf(
  args: readonly string[],
  permissions: readonly string[] = ALL,
): [string, string[]] {
  // What is given a module of TypeScript must be able to read it, and shares ours with it.
  const bundle = permissions !== ALL || args.some((arg) => arg.endsWith(".ts"))
    ? undefined
    : bundleOf(BIN);
  const bin = bundle ?? BIN;
  const program = {
    deno: ["run", ...permissions, "--no-check", "--quiet", "--no-lock", bin],
    node: bundle === undefined
      ? [...nodeFlags, BIN]
      : ["--enable-source-maps", bundle],
    bun: [bin],
  }[runtime];
  return [process.execPath, [...program, ...args]];
}

/** Why nothing can be run in a terminal here; `false` if it can. */
export const noTerminal: string | false = platform === "linux" &&
    spawnSync("script", ["--version"]).status === 0
  ? false
  : "script of util-linux is missing";

/** The command line that runs the program in a terminal. */
export function inTerminal(args: readonly string[]): [string, string[]] {
  const [command, all] = commandOf(args);
  const line = [command, ...all].map((arg) => `'${arg}'`).join(" ");
  return ["script", ["-qec", line, "/dev/null"]];
}

/** A run of the program. */
export class Program {
  out = "";
  err = "";
  readonly ended: Promise<End>;
  readonly #child: ChildProcess;
  readonly #looks: Set<() => void> = new Set();
  #isOver = false;

  constructor(
    t: TestContext,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    [command, all]: [string, string[]] = commandOf(args),
  ) {
    this.#child = spawn(command, all, {
      cwd: root,
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", ...env },
    });
    const end = deferred<End>();
    this.ended = end.promise;
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
      this.#look();
    });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.err += text;
      this.#look();
    });
    this.#child.stdin!.on("error", () => {}); // it may end before it has read all
    this.#child.on("error", end.reject);
    this.#child.on("close", (code) => {
      this.#isOver = true;
      end.resolve({ code, out: this.out, err: this.err });
      this.#look();
    });
    t.cleanup(async () => {
      this.#child.stdin!.destroy();
      this.#child.kill("SIGKILL");
      await this.ended;
    });
  }

  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void {
    // After child.kill, Deno says that the signal ended it, whatever it did.
    process.kill(this.#child.pid!, signal);
  }

  /** Writes to its stdin. */
  type(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** Writes to its stdin, and closes that. */
  feed(text: string): void {
    this.#child.stdin!.end(text);
  }

  /** Reads its stdout no longer. */
  turnAway(): void {
    this.#child.stdout!.destroy();
  }

  /** Waits for something in its output; fails when it ends without that. */
  async sees(
    pattern: RegExp,
    stream: "out" | "err" = "out",
  ): Promise<RegExpMatchArray> {
    const found = deferred<RegExpMatchArray>();
    const look = () => {
      const match = this[stream].match(pattern);
      if (match) found.resolve(match);
      else if (this.#isOver) {
        const { out, err } = this;
        found.reject(new Error(`No ${pattern} in ${stream} of\n${out}${err}`));
      }
    };
    this.#looks.add(look);
    look();
    try {
      return await found.promise;
    } finally {
      this.#looks.delete(look);
    }
  }

  #look(): void {
    for (const look of this.#looks) look();
  }
}

/** Runs the program to its end. */
export async function run(
  t: TestContext,
  args: readonly string[],
  { stdin = "", env = {} }: {
    readonly stdin?: string;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<End> {
  const program = new Program(t, args, env);
  program.feed(stdin);
  return await program.ended;
}

/** A pipeline at work, in a process of its own. */
export class TestPipeline {
  readonly program: Program;
  readonly address: string;
  readonly #t: TestContext;

  private constructor(t: TestContext, program: Program, address: string) {
    this.#t = t;
    this.program = program;
    this.address = address;
  }

  /** Starts one. */
  static async start(
    t: TestContext,
    args: readonly string[] = [],
  ): Promise<TestPipeline> {
    const all = ["pipeline", FLOW, "--port=0", "--store=memory", ...args];
    const program = new Program(t, all);
    const [, address] = await program.sees(/requests\W+(tcp:[^\s"]+)/);
    return new TestPipeline(t, program, address!);
  }

  /** Starts steps for it, and waits until they work. */
  async steps(names: readonly string[], ...args: string[]): Promise<Program> {
    const chosen = names.flatMap((name) => ["--step", name]);
    const program = new Program(
      this.#t,
      this.#with(["step", FLOW, ...chosen, ...args]),
    );
    for (const name of names) await program.sees(new RegExp(`"${name}" works`));
    return program;
  }

  /** Starts a command that talks to it. */
  start(...args: string[]): Program {
    return new Program(this.#t, this.#with(args));
  }

  /** Runs a command that talks to it. */
  run(...args: string[]): Promise<End> {
    return run(this.#t, this.#with(args));
  }

  /** Runs a command that must work; gives what it printed as JSON. */
  async json(...args: string[]): Promise<Record<string, unknown>> {
    const { code, out, err } = await this.run(...args, "--json");
    if (code !== 0) {
      throw new Error(`${args.join(" ")} ended with ${code}: ${err}`);
    }
    return JSON.parse(out);
  }

  #with(args: readonly string[]): string[] {
    return [...args, "--pipeline", this.address];
  }
}

/** Waits until a job has begun. */
export async function activeJob(
  pipeline: TestPipeline,
  id: string,
): Promise<void> {
  for (;;) {
    const { jobs } = await pipeline.json("status", id);
    const [job] = jobs as { state: string }[];
    if (job?.state === "active") return;
  }
}
