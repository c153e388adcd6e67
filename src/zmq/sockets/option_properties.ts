/**
 * Layer: sockets. Makes the options properties, as in zeromq.js:
 * `socket.linger = 0`.
 *
 * @module
 */
import { OPTIONS } from "../options/table.ts";

/** What has options by name. */
interface Configurable {
  getOption(name: string): unknown;
  setOption(name: string, value: unknown): void;
}

/** Defines a property for each option on a prototype. */
export function defineOptionProperties(prototype: Configurable): void {
  for (const name of Object.keys(OPTIONS)) {
    Object.defineProperty(prototype, name, {
      get(this: Configurable) {
        return this.getOption(name);
      },
      set(this: Configurable, value: unknown) {
        this.setOption(name, value);
      },
      configurable: true,
    });
  }
}
