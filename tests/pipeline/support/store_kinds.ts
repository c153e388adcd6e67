/**
 * Test support. Tests that run over a store in this process, and over one that
 * answers as over a network.
 *
 * @module
 */
import {
  test,
  type TestFunction,
  type TestOptions,
} from "../../support/harness.ts";

/** Declares a test for one kind of store. */
export function testOver(isRemote: boolean) {
  const kind = isRemote ? "remote" : "local";
  return (
    name: string,
    options: TestOptions | TestFunction,
    fn?: TestFunction,
  ): void =>
    fn === undefined
      ? test(`${kind} store: ${name}`, options as TestFunction)
      : test(`${kind} store: ${name}`, options as TestOptions, fn);
}
