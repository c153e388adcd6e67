/**
 * Layer: cli. For commands that run until the process is asked to end.
 *
 * @module
 */
import { onTermination } from "../util/termination.ts";

/** What is told that the process is asked to end. */
export interface Ender {
  /** Aborted when nobody reads the results. */
  readonly broken: AbortSignal;
  /** It has no time to wait for those who read. */
  hurry(): void;
}

/** Runs something that prints until the process is asked to end, or nobody reads what it prints. */
export async function untilUnread<T>(
  run: (signal: AbortSignal) => Promise<T>,
  shell: Ender,
): Promise<T> {
  return await untilEnd((signal) => {
    signal.addEventListener("abort", () => shell.hurry(), { once: true });
    return run(signal);
  }, shell.broken);
}

/** Runs something until the process is asked to end, or another signal is aborted. */
export async function untilEnd<T>(
  run: (signal: AbortSignal) => Promise<T>,
  other?: AbortSignal,
): Promise<T> {
  const end = new AbortController();
  const stop = () => end.abort();
  const forget = onTermination(stop);
  if (other?.aborted) stop();
  other?.addEventListener("abort", stop);
  try {
    return await run(end.signal);
  } finally {
    other?.removeEventListener("abort", stop);
    forget();
  }
}
