/**
 * Layer: pipeline/worker. Waits until something holds, or a time has come.
 *
 * @module
 */
import { timerMs } from "../model/timer.ts";

/** Waits for what others bring about. */
export class Waiter {
  #wake: () => void = () => {};

  /** Something has changed that may be waited for. */
  wake(): void {
    this.#wake();
  }

  /**
   * Waits until something holds that a call of `wake` follows, or a time comes.
   *
   * @param time In milliseconds since 1970; may change too.
   */
  async until(holds: () => boolean, time: () => number): Promise<void> {
    while (!holds()) {
      const leftMs = time() - Date.now();
      if (leftMs <= 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timerMs(leftMs));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
