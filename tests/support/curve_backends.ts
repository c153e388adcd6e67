/**
 * Test support. Runs a test once with each of what encrypts the frames of
 * CURVE: `libsodium-wrappers`, and `sodium-native` for frames of every size.
 *
 * @module
 */
import {
  type CurveBackend,
  useBackend,
} from "../../src/zmq/zmtp/mechanism/sodium.ts";
import { test, type TestFunction, type TestOptions } from "./harness.ts";

/** Both of them. */
export const CURVE_BACKENDS: readonly CurveBackend[] = [
  "libsodium-wrappers",
  "sodium-native",
];

const putBack = await useBackend("sodium-native");
putBack?.();

/** Why `sodium-native` cannot be tested; `false` if it can. */
export const noNativeSodium: string | false = putBack === undefined &&
  "sodium-native is not installed, or does not load here";

/** A test of frames with CURVE, once for each. */
export function curveTest(
  name: string,
  fn: TestFunction,
  options: TestOptions = {},
): void {
  for (const backend of CURVE_BACKENDS) {
    const skip = backend === "sodium-native" && noNativeSodium;
    test(`${name} (${backend})`, { skip, ...options }, async (t) => {
      t.cleanup((await useBackend(backend))!);
      await fn(t);
    });
  }
}
