/**
 * Layer: pipeline/protocol. A pause that a signal can end.
 *
 * @module
 */
import { onAbort } from "../../zmq/abort.ts";
import { timerMs } from "../model/timer.ts";

/** Resolves when the time is over, or the signal is aborted. */
export function pause(
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      unlisten();
      resolve();
    };
    const timer = setTimeout(done, timerMs(ms));
    const unlisten = onAbort(signal, done);
    if (signal?.aborted) done();
  });
}
