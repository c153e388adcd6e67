/**
 * Test support. Node's test runner, without the hook by which it follows every
 * promise to the test that made it. It does so to know whose an exception is
 * that nothing caught, and code with many promises takes up to ten times as
 * long. We run one test after another: it is that of the one that runs.
 *
 * @module
 */
import { createHook } from "node:async_hooks";
import process from "node:process";

/** What is used of it. */
export interface NodeRunner {
  after(fn: () => void): void;
  test(
    name: string,
    options: { readonly skip: boolean; readonly timeout: number },
    fn: () => Promise<void>,
  ): unknown;
}

/**
 * Loads the runner.
 *
 * @param onUncaught gets what nothing caught; the runner itself reports it, too, and fails the process
 */
export async function nodeRunner(
  onUncaught: (error: unknown) => void,
): Promise<NodeRunner> {
  const hooks = Object.getPrototypeOf(createHook({}));
  const { enable } = hooks;
  hooks.enable = function (): unknown {
    return this;
  };
  try {
    const runner = await import("node:test");
    runner.after(() => {}); // the first call enables it
    process.on("uncaughtException", onUncaught);
    process.on("unhandledRejection", onUncaught);
    return runner;
  } finally {
    hooks.enable = enable;
  }
}
