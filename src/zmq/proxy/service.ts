/**
 * Layer: proxy. What every service over a REP or ROUTER shares: when it ends,
 * how many requests it handles at a time, and where its errors go.
 *
 * @module
 */
import { isIntegerIn } from "../integers.ts";
import { onAbort } from "../../async/abort.ts";
import { callSafely } from "../../async/call_safely.ts";
import { ErrorLog } from "../error_log.ts";
import { ROUTER } from "../types.ts";
import { type Pollable, untilClosed } from "./until_closed.ts";

/** Of a ROUTER. Each request in progress has a call that waits. */
const MAX_CONCURRENCY = 1024;

/** How a service runs. `A` is what an error listener gets besides the error. */
export interface ServiceOptions<A extends unknown[]> {
  readonly signal?: AbortSignal | undefined;
  readonly onError?: ((error: unknown, ...about: A) => unknown) | undefined;
  readonly concurrency: number;
}

/** A service that runs. */
export interface Service<A extends unknown[]> {
  /** Aborted when it ends: by its own signal, or because its socket is closed. */
  readonly signal: AbortSignal;
  /** Passes an error to `onError`; by default writes it to stderr. Never throws. */
  readonly report: (error: unknown, ...about: A) => void;
}

/** How many requests a socket of a type may handle at a time. */
export function maxConcurrency(type: number): number {
  return type === ROUTER ? MAX_CONCURRENCY : 1;
}

/** Whether a socket of a type may handle this many requests at a time. */
export function isConcurrency(value: number, type: number): boolean {
  return isIntegerIn(value, 1, maxConcurrency(type));
}

/**
 * Runs a service until its signal is aborted or its socket is closed.
 *
 * @param work Handles one request after the other, as long as the service runs; called `concurrency` times.
 * @returns Resolves when the service has ended and all `work` has.
 */
export async function runService<A extends unknown[]>(
  socket: Pollable,
  { signal, onError, concurrency }: ServiceOptions<A>,
  work: (service: Service<A>) => Promise<void>,
): Promise<void> {
  if (signal?.aborted) return;
  const end = new AbortController();
  const removeAbort = onAbort(signal, () => end.abort(signal?.reason));
  const closed = untilClosed(socket, end.signal).catch(() => end.abort());
  const log = new ErrorLog();
  const listener = onError ?? log.add;
  const service: Service<A> = {
    signal: end.signal,
    report: (error, ...about) =>
      callSafely(() => listener(error, ...about), () => {}),
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, () => work(service)));
  } finally {
    removeAbort();
    end.abort();
    await closed;
    log.close();
  }
}

/** The index behind the empty frame that ends the envelope of a request to a ROUTER; `undefined` if there is none, or nothing behind it. */
export function envelopeEnd(
  frames: readonly { readonly byteLength: number }[],
): number | undefined {
  // The first frame is the routing id of the peer.
  const empty = frames.findIndex((frame, i) => i > 0 && frame.byteLength === 0);
  return empty < 0 || empty === frames.length - 1 ? undefined : empty + 1;
}
