/**
 * Examples of the guide. Runs a scene: it either ends with a line that sums it
 * up, or the process fails.
 *
 * @module
 */
import process from "node:process";

/** Runs a scene and prints what it returns; if it throws, the exit code is 1. */
export async function play(scene: () => Promise<string>): Promise<void> {
  try {
    console.log(await scene());
  } catch (error: unknown) {
    console.error(error);
    process.exitCode = 1;
  }
}

/** Waits, but no longer than until the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}
