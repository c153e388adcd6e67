/**
 * Layer: cli. Commands that run until the process is asked to terminate.
 *
 * @module
 */
import { onTermination } from "../util/termination.ts";

/** The output of such a command. */
export interface ResultWriter {
  /** Aborted when its reader has closed the pipe. */
  readonly broken: AbortSignal;
  /** Stops waiting for slow readers. */
  stopWaiting(): void;
}

/** Runs a command that prints until the process is asked to terminate, or its reader closes the pipe. */
export async function untilReaderGone<T>(
  run: (signal: AbortSignal) => Promise<T>,
  shell: ResultWriter,
): Promise<T> {
  return await untilEnd((signal) => {
    signal.addEventListener("abort", () => shell.stopWaiting(), { once: true });
    return run(signal);
  }, shell.broken);
}

/** Runs a command until the process is asked to terminate, or another signal is aborted. */
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
