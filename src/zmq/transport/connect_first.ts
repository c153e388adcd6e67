/**
 * Layer: transport. Connects to the first of several addresses that answers
 * (RFC 8305, "Happy Eyeballs"): the next one is tried as soon as one has
 * failed, or has not answered for a while, in which case both continue.
 *
 * @module
 */
import type { Socket } from "node:net";
import { clearTimeout, setTimeout } from "node:timers";

/** How long an attempt runs before the next one starts. RFC 8305: 250 ms. */
const HEAD_START_MS = 250;

/** Less informative errors: the address cannot be reached from here at all. */
const UNREACHABLE: ReadonlySet<string | undefined> = new Set([
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/**
 * Connects.
 *
 * @param targets The targets, in order; at least one.
 * @param connect Makes one attempt; `signal` cancels it.
 * @returns The first socket that is connected; all other attempts are
 *   cancelled.
 * @throws The reason of `signal`, or the error of the first target that is more
 *   informative than that it cannot be reached.
 */
export function connectFirst<T>(
  targets: readonly T[],
  connect: (target: T, signal: AbortSignal) => Promise<Socket>,
  signal: AbortSignal,
): Promise<Socket> {
  if (targets.length === 1) return connect(targets[0]!, signal);
  return new Promise((resolve, reject) => {
    const rest = new AbortController();
    const errors: (unknown | undefined)[] = targets.map(() => undefined);
    let next = 0;
    let failed = 0;
    let isSettled = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const settle = (how: () => void) => {
      isSettled = true;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      how();
      rest.abort();
    };
    const onAbort = () => settle(() => reject(signal.reason));
    const start = () => {
      clearTimeout(timer);
      const index = next++;
      if (index >= targets.length) return;
      timer = setTimeout(start, HEAD_START_MS).unref();
      connect(targets[index]!, rest.signal).then(
        (socket) => {
          if (isSettled) socket.destroy();
          else settle(() => resolve(socket));
        },
        (error: unknown) => {
          if (isSettled) return;
          errors[index] = error;
          if (++failed < targets.length) return start();
          settle(() => reject(mostTelling(errors)));
        },
      );
    };
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    start();
  });
}

function mostTelling(errors: readonly unknown[]): unknown {
  return errors.find((error) =>
    !UNREACHABLE.has((error as { code?: string }).code)
  ) ?? errors[0];
}
