/**
 * Layer: async. What a timer can be set to, and timers that do not keep the
 * process alive.
 *
 * @module
 */

/** The longest delay of a timer, 24.8 days. One that is set to more fires at once, on every runtime. */
export const MAX_TIMER_MS = 0x7fffffff;

/** A delay in milliseconds that a timer can be set to. */
export function timerMs(ms: number): number {
  return Math.max(0, Math.min(ms, MAX_TIMER_MS));
}

/** What is used of Deno, whose timers are numbers where its Node types are not in use. */
interface DenoTimers {
  unrefTimer(id: number): void;
}

/** Lets the process end although a timer is pending. */
export function unref(timer: unknown): void {
  if (typeof timer !== "number") {
    (timer as { unref?(): void } | undefined)?.unref?.();
  } else {
    (Reflect.get(globalThis, "Deno") as DenoTimers | undefined)
      ?.unrefTimer(timer);
  }
}
