/**
 * Layer: engine. Why the connected addresses of one socket have no connection:
 * the last error of each, until it has a connection or is disconnected.
 *
 * @module
 */

/** The last errors of one socket, by address. */
export class ConnectFailures {
  readonly #errors: Map<string, Error> = new Map();

  /** The newest error of all addresses that have one. */
  get last(): Error | undefined {
    let last: Error | undefined;
    for (const error of this.#errors.values()) last = error;
    return last;
  }

  /** An attempt has failed, or its connection was lost. */
  set(address: string, error: Error): void {
    this.#errors.delete(address); // the newest comes last
    this.#errors.set(address, error);
  }

  /** The address is connected again, or was disconnected by the user. */
  clear(address: string): void {
    this.#errors.delete(address);
  }
}
