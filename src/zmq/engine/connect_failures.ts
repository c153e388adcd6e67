/**
 * Layer: engine. Why the connected addresses of one socket have no connection:
 * the last error of each, until it has a connection or is disconnected.
 *
 * @module
 */

/** The last errors of one socket, by address. */
export class ConnectFailures {
  /** Only a socket with a failure has one; that of each socket took 184 bytes (V8). */
  #errors: Map<string, Error> | undefined;

  /** The newest error of all addresses that have one. */
  get last(): Error | undefined {
    let last: Error | undefined;
    for (const error of this.#errors?.values() ?? []) last = error;
    return last;
  }

  /** An attempt has failed, or its connection was lost. */
  set(address: string, error: Error): void {
    const errors = this.#errors ??= new Map();
    errors.delete(address); // the newest comes last
    errors.set(address, error);
  }

  /** The address is connected again, or was disconnected by the user. */
  clear(address: string): void {
    this.#errors?.delete(address);
  }
}
