/**
 * Scripts. Reads what the test runners of Deno, Bun and Node print at their end.
 * A run without such an end, one that crashed, counts nothing.
 *
 * @module
 */

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * Reads `ok | 2 passed | 0 failed | 1 ignored (6ms)`.
 *
 * @param {string} output without colours
 * @returns {Counts}
 */
export function readDeno(output) {
  const end =
    [...output.matchAll(/^(?:ok|FAILED) \| \d+ passed.*$/gm)].at(-1)?.[0] ?? "";
  const number = (word) =>
    Number(end.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  return {
    passed: number("passed"),
    failed: number("failed"),
    skipped: number("ignored"),
  };
}

/**
 * Reads ` 1 pass`, ` 1 skip`, ` 0 fail`, and ` 1 error` for a file that did not load.
 *
 * @param {string} output without colours
 * @returns {Counts}
 */
export function readBun(output) {
  const last = (word) =>
    Number(
      [...output.matchAll(new RegExp(`^ *(\\d+) ${word}s?$`, "gm"))].at(-1)
        ?.[1] ?? 0,
    );
  return {
    passed: last("pass"),
    failed: last("fail") + last("error"),
    skipped: last("skip") + last("todo"),
  };
}

/**
 * Reads the last lines of Node's `spec` reporter: `ℹ pass 1`, `ℹ fail 0` and so
 * on. Node takes a file without a test for a test that passed; we do not.
 *
 * @param {string} output without colours
 * @returns {Counts}
 */
export function readNode(output) {
  const last = (word) =>
    Number(
      [...output.matchAll(new RegExp(`^ℹ ${word} (\\d+)$`, "gm"))].at(-1)
        ?.[1] ?? 0,
    );
  const files = output.match(/^✔ \S*\.test\.ts \([\d.]+ms\)$/gm)?.length ?? 0;
  return {
    passed: last("pass") - files,
    failed: last("fail") + last("cancelled"),
    skipped: last("skipped") + last("todo"),
  };
}

/**
 * Lists the skipped tests with their reasons, as the harness writes them.
 *
 * @param {string} output of any of the three, without colours
 * @returns {string[]}
 */
export function skippedIn(output) {
  return output.split("\n")
    .map((line) =>
      line.trim().replace(
        /( \.\.\. ignored \(\S+\)| \([\d.]+m?s\)(?: # SKIP)?| \[[\d.]+m?s\])$/,
        "",
      )
    )
    .filter((line) => /\(skipped: .*\)$/.test(line))
    .map((line) => line.replace(/^(\(skip\)|﹣) */, ""));
}
