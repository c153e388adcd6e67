/**
 * Layer: engine. Which inproc names other threads have bound: in a browser that
 * is not known, as a channel among threads would reach other tabs as well.
 *
 * @module
 */

/** The names of one thread. */
export class ThreadNames {
  /** A name is bound in this thread. */
  bind(_name: string): void {}
  /** A name is not bound any more in this thread. */
  unbind(_name: string): void {}
  /** A socket in this thread waits for a name; returns what ends the wait. */
  wait(_name: string, _onElsewhere: () => void): () => void {
    return () => {};
  }
}

/** The names of this thread. */
export const threadNames: ThreadNames = new ThreadNames();
