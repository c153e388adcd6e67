/**
 * Layer: zmq. Timers that do not keep the process alive.
 *
 * @module
 */

/** What is used of Deno, whose timers are numbers where its Node types are not in use. */
interface DenoTimers {
  unrefTimer(id: number): void;
}

/** A timer alone does not keep the process alive. */
export function unref(timer: unknown): void {
  if (typeof timer !== "number") {
    (timer as { unref?(): void } | undefined)?.unref?.();
  } else {
    (Reflect.get(globalThis, "Deno") as DenoTimers | undefined)
      ?.unrefTimer(timer);
  }
}
