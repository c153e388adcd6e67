/**
 * Layer: async. Waits for conditions that other code makes true.
 *
 * @module
 */
import { PendingCall } from "./pending_call.ts";

/** A condition variable for one waiting call. */
export class Condition {
  #call: PendingCall | undefined;

  /** To be called when something has changed that the waiting call may wait for. */
  notify(): void {
    this.#call?.resolve();
  }

  /**
   * Waits until a condition holds, or a point in time.
   *
   * @param holds Checked now and after each `notify`.
   * @param time In milliseconds since 1970; may change meanwhile. Left out: waits for ever.
   */
  async until(holds: () => boolean, time = () => Infinity): Promise<void> {
    while (!holds()) {
      const timeoutMs = time() - Date.now();
      if (timeoutMs <= 0) return;
      const onTimeout = (call: PendingCall) => call.resolve();
      this.#call = new PendingCall({ timeoutMs, onTimeout });
      await this.#call.promise;
    }
  }
}
