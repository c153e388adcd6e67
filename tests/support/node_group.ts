/**
 * Test support. Several test files in one process of Node. Its runner takes the
 * tests for over when those of one file are, while the next file still waits for
 * something at its top level. So the tests of all files are held back until all
 * files have been loaded; `scripts/lib/node_bundles.mjs` makes the program that
 * loads them.
 *
 * @module
 */
import process from "node:process";

/** A test, as it is given to the runner. */
export interface HeldTest {
  readonly name: string;
  readonly body: () => Promise<void>;
  readonly skip: boolean;
  readonly timeoutMs: number;
}

interface HeldFile {
  readonly file: string;
  readonly tests: HeldTest[];
}

let held: HeldFile[] | undefined;
/** What was open after the tests of each file. */
const opened: { readonly file: string; readonly open: readonly string[] }[] =
  [];

/** Says that the tests that are declared from now on are those of `file`. */
export function beginFile(file: string): void {
  (held ??= []).push({ file, tests: [] });
}

/** Whether tests are held back. */
export function isHolding(): boolean {
  return held !== undefined;
}

/** Holds a test back; `false` where none is. */
export function hold(test: HeldTest): boolean {
  const file = held?.at(-1);
  file?.tests.push(test);
  return file !== undefined;
}

/** Gives the tests that were held back. After the last one of a file they note what is open. */
export function release(): HeldTest[] {
  const files = held ?? [];
  held = undefined;
  return files.flatMap(({ file, tests }) =>
    tests.map((test, i) =>
      i < tests.length - 1 ? test : {
        ...test,
        body: async () => {
          try {
            await test.body();
          } finally {
            opened.push({ file, open: openNow() });
          }
        },
      }
    )
  );
}

/** The kinds of the handles, timers and requests that keep this process going. */
export function openNow(): string[] {
  const { getActiveResourcesInfo } = process as unknown as {
    getActiveResourcesInfo(): string[];
  };
  // The pipes are those of stdout and stderr.
  return getActiveResourcesInfo().filter((name) => name !== "PipeWrap");
}

/** The first file after which a thing of each of these kinds was open, and from then on. */
export function filesThatLeft(kinds: readonly string[]): string[] {
  const files = new Set<string>();
  for (const kind of new Set(kinds)) {
    const closed = opened.findLastIndex(({ open }) => !open.includes(kind));
    const first = opened[closed + 1];
    if (first !== undefined) files.add(first.file);
  }
  return [...files];
}
