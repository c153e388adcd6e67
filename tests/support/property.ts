/**
 * Test support. Property tests with fast-check. A run that fails prints its
 * seed and path; `FC_SEED=… FC_PATH=…` runs that case again, `FC_RUNS=…` more
 * of them.
 *
 * @module
 */
import fc from "fast-check";
import process from "node:process";

export { fc };

/** Few runs: the tests are to be quick, and each runs on three runtimes. */
const RUNS = 60;

/** Checks a property, synchronous or not; resolves when it held in every run. */
export async function check<T>(
  property: fc.IProperty<T> | fc.IAsyncProperty<T>,
  runs: number = RUNS,
): Promise<void> {
  const { FC_SEED, FC_PATH, FC_RUNS } = process.env;
  await fc.assert(property as fc.IAsyncProperty<T>, {
    numRuns: FC_RUNS ? Number(FC_RUNS) : runs,
    ...(FC_SEED ? { seed: Number(FC_SEED) } : {}),
    ...(FC_PATH ? { path: FC_PATH } : {}),
  });
}

/** Bytes of up to `maxLength`. */
export function bytes(maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ maxLength });
}
