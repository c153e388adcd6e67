/**
 * Test support. One `test()` for the three runtimes: `Deno.test` on Deno, where
 * the leak sanitizers watch, `bun:test` on Bun, `node:test` on Node. Each test
 * has a deadline; a skipped one says why. It does no retries and no grouping.
 *
 * ```ts ignore
 * test("a frame survives", async (t) => {
 *   const dir = await t.tempDir();
 *   await within(socket.receive(), 1000, "the frame");
 * });
 * test("asks a real peer", { skip: hasPeer ? false : "no peer here" }, async () => {});
 * ```
 *
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setImmediate } from "node:timers";
import { yieldToEventLoop } from "../../src/async/event_loop.ts";
import { within } from "./deadline.ts";
import {
  filesThatLeft,
  type HeldTest,
  hold,
  isHolding,
  openNow,
  release,
} from "./node_group.ts";
import { nodeRunner } from "./node_runner.ts";

export {
  DeadlineError,
  type Deferred,
  deferred,
  eventually,
  within,
} from "./deadline.ts";

/** The runtime that runs the tests. */
export const runtime: "deno" | "node" | "bun" = "Deno" in globalThis
  ? "deno"
  : "Bun" in globalThis
  ? "bun"
  : "node";

/** The operating system, as `process.platform` names it. */
export const platform: string = process.platform;

/** What a test function is given. */
export interface TestContext {
  /** Aborted when the test ends, whether it passed, failed or ran out of time. */
  readonly signal: AbortSignal;
  /** Runs `fn` when the test ends, whatever its end; the last one given runs first. */
  cleanup(fn: () => unknown): void;
  /** Closes `resource` when the test ends, and gives it back. */
  use<T extends AsyncDisposable | Disposable>(resource: T): T;
  /** Makes a new, empty folder that is removed when the test ends. */
  tempDir(): Promise<string>;
}

/** The body of a test. */
export type TestFunction = (t: TestContext) => void | Promise<void>;

/** How a test runs. */
export interface TestOptions {
  /** After this many milliseconds the test fails; 10,000 by default. */
  readonly timeoutMs?: number;
  /** The reason why the test is not run; `false` or an empty one runs it. */
  readonly skip?: string | false | undefined;
  /** On Deno, the permissions that the test keeps. */
  readonly permissions?: Deno.PermissionOptions;
  /** On Deno, `false` turns the leak sanitizers off; give a reason beside it. */
  readonly sanitize?: boolean;
}

interface BunTest {
  (name: string, fn: () => Promise<void>, options: { timeout: number }): void;
  skip(name: string, fn: () => void): void;
}

type Register = (
  name: string,
  body: () => Promise<void>,
  options: TestOptions,
  timeoutMs: number,
) => void;

let runHeldTests: () => void = () => {};
/** Fails the test that runs. */
let failRunning: (error: unknown) => void = () => {};
const register = await registerFor(runtime);

/** A test that was declared. */
export interface DeclaredTest {
  readonly name: string;
  readonly fn: TestFunction;
  readonly options: TestOptions;
}

let collected: DeclaredTest[] | undefined;

/**
 * Gives the tests that are declared while `load` runs, instead of running them:
 * for tests that are to run once more, on something else.
 */
export async function collectTests(
  load: () => Promise<unknown>,
): Promise<DeclaredTest[]> {
  const tests: DeclaredTest[] = collected = [];
  try {
    await load();
  } finally {
    collected = undefined;
  }
  return tests;
}

/**
 * Declares a test. The options may stand before or after the function.
 *
 * @param name what holds, in words
 * @param fn the body
 * @param options its deadline, or the reason to skip it
 */
export function test(
  name: string,
  fn: TestFunction,
  options?: TestOptions,
): void;
export function test(
  name: string,
  options: TestOptions,
  fn: TestFunction,
): void;
export function test(
  name: string,
  a: TestFunction | TestOptions,
  b: TestFunction | TestOptions = {},
): void {
  const [fn, options] = (typeof a === "function" ? [a, b] : [b, a]) as [
    TestFunction,
    TestOptions,
  ];
  if (collected !== undefined) {
    collected.push({ name, fn, options });
    return;
  }
  const timeoutMs = options.timeoutMs ?? 10_000;
  const title = options.skip ? `${name} (skipped: ${options.skip})` : name;
  register(title, () => runTest(fn, timeoutMs), options, timeoutMs);
}

/** Runs the tests that were held back. Only for programs of `scripts/lib/node_bundles.mjs`. */
export function runFiles(): void {
  runHeldTests();
}

/**
 * Makes a new, empty folder. Prefer `t.tempDir()`, which cleans up by itself.
 *
 * @returns its path, and the function that removes it with all that is in it
 */
export async function tempDir(): Promise<{ path: string } & AsyncDisposable> {
  // A short name: the path of a Unix socket may have no more than about 100 bytes.
  const path = await mkdtemp(join(tmpdir(), "az-"));
  return {
    path,
    [Symbol.asyncDispose]: () =>
      rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** Runs the body of a test, then its clean-ups, each with a deadline. Only for the test of this file. */
export async function runTest(
  fn: TestFunction,
  timeoutMs: number,
): Promise<void> {
  const controller = new AbortController();
  const cleanups: (() => unknown)[] = [];
  const context: TestContext = {
    signal: controller.signal,
    cleanup: (fn) => void cleanups.push(fn),
    use(resource) {
      cleanups.push(() =>
        Symbol.asyncDispose in resource
          ? resource[Symbol.asyncDispose]()
          : resource[Symbol.dispose]()
      );
      return resource;
    },
    async tempDir() {
      return context.use(await tempDir()).path;
    },
  };
  const errors: unknown[] = [];
  const attempt = async (fn: () => unknown, limitMs: number, what: string) => {
    try {
      await within(Promise.resolve().then(fn), limitMs, what);
    } catch (error: unknown) {
      errors.push(error);
    }
  };
  const failOuter = failRunning;
  const failed = new Promise<never>((_, reject) => failRunning = reject);
  const body = () => Promise.race([fn(context), failed]);
  await attempt(body, timeoutMs, "the end of the test");
  failRunning = failOuter;
  controller.abort(new Error("the test is over"));
  for (const fn of cleanups.reverse()) {
    await attempt(fn, 3000, "a clean-up of the test");
  }
  // Deno looks for what is left at once. Some things are closed a turn later, and
  // Deno notices their end only when it looks for I/O, as it does for a timer; and
  // a socket that was closed without waiting may still wait for its last turn.
  if (runtime === "deno") {
    await new Promise((resolve) => setImmediate(resolve));
    await yieldToEventLoop();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  if (errors.length > 1) {
    throw new AggregateError(errors, errors.map(String).join("\n"));
  }
  if (errors.length === 1) throw errors[0];
}

async function registerFor(name: typeof runtime): Promise<Register> {
  if (name === "deno") {
    return (name, fn, { skip, permissions, sanitize = true }) =>
      Deno.test({
        name,
        fn,
        ignore: Boolean(skip),
        sanitizeOps: sanitize,
        sanitizeResources: sanitize,
        ...(permissions ? { permissions } : {}),
      });
  }
  // The runner's own limit is only a net below ours, whose message is clearer.
  if (name === "bun") {
    const specifier = "bun:test"; // a variable, so that other type checkers do not look for it
    const { test } = await import(specifier) as { test: BunTest };
    return (name, fn, { skip }, timeoutMs) =>
      skip
        ? test.skip(name, () => {})
        : test(name, fn, { timeout: timeoutMs + 20_000 });
  }
  const { after, test } = await nodeRunner((error) => failRunning(error));
  const run = ({ name, body, skip, timeoutMs }: HeldTest): void => {
    test(name, { skip, timeout: timeoutMs + 20_000 }, body);
  };
  runHeldTests = () => {
    after(exitSoon);
    for (const test of release()) run(test);
  };
  if (!isHolding()) after(exitSoon);
  return (name, body, { skip }, timeoutMs) => {
    const test = { name, body, skip: Boolean(skip), timeoutMs };
    if (!hold(test)) run(test);
  };
}

/** Long enough for what was ended to go, also on a busy machine. */
const TIME_TO_END_MS = 8000;

/**
 * Fails a Node process that does not end by itself once its tests are over:
 * something was left open. `node --test --test-force-exit` would hide that, and
 * from Node 22 on it loses the results that are still on their way.
 */
function exitSoon(): void {
  setTimeout(() => {
    const open = openNow();
    const files = filesThatLeft(open).map((file) => `, since ${file}`).join("");
    console.error(`Left open by the tests: ${open.join(", ")}${files}`);
    process.exit(1);
  }, TIME_TO_END_MS).unref();
}
