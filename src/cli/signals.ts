/**
 * Layer: cli. SIGINT and SIGTERM, for commands that run until they are ended.
 *
 * @module
 */
import process from "node:process";

const NAMES = ["SIGINT", "SIGTERM"] as const;

/**
 * Calls back whenever the process is asked to end, instead of ending it.
 *
 * @param listener Gets how often that was.
 * @returns Stops that.
 */
export function onEnd(listener: (count: number) => void): () => void {
  let count = 0;
  const heard = () => listener(++count);
  for (const name of NAMES) process.on(name, heard);
  return () => {
    for (const name of NAMES) process.off(name, heard);
  };
}

/** Runs something until the process is asked to end, or another signal is aborted. */
export async function untilEnd<T>(
  run: (signal: AbortSignal) => Promise<T>,
  other?: AbortSignal,
): Promise<T> {
  const end = new AbortController();
  const stop = () => end.abort();
  const forget = onEnd(stop);
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
