/**
 * Layer: options. Makes the options properties, as in zeromq.js:
 * `socket.linger = 0`. Those that are not possible here are there, too: to set
 * one is the error that says why.
 *
 * @module
 */

import { ABSENT_OPTIONS } from "./absent.ts";
import { OPTIONS } from "./table.ts";

/** What has options by name. */
interface OptionHolder {
  getOption(name: string): unknown;
  setOption(name: string, value: unknown): void;
}

/**
 * Defines a property for each option on a prototype.
 *
 * @param absent Options that cannot be set; to read one gives `undefined`.
 */
export function defineOptionProperties(
  prototype: OptionHolder,
  names: readonly string[],
  absent: readonly string[],
): void {
  const define = (name: string, isThere: boolean) =>
    Object.defineProperty(prototype, name, {
      get(this: OptionHolder) {
        return isThere ? this.getOption(name) : undefined;
      },
      set(this: OptionHolder, value: unknown) {
        this.setOption(name, value);
      },
      configurable: true,
    });
  for (const name of names) define(name, true);
  for (const name of absent) define(name, false);
}

/** Defines the properties of all sockets. */
export function defineSocketProperties(prototype: OptionHolder): void {
  defineOptionProperties(
    prototype,
    [...Object.keys(OPTIONS), "securityMechanism", "threadSafe"],
    Object.keys(ABSENT_OPTIONS),
  );
}
