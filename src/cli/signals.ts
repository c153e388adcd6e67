/**
 * Layer: cli. For commands that run until the process is asked to end.
 *
 * @module
 */
import { onTermination } from "../util/termination.ts";

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

/** Resolves once a signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
