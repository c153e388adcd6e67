/**
 * Scripts. What the cells of the conformance table came to on each runtime: from
 * the reports of a run, as the few letters that stand in the page, and whether
 * two tables say the same.
 *
 * @module
 */
import { type Cell, isAbout, testName } from "../../tests/zmq/interop/cells.ts";
import type { TestResult } from "./junit.mjs";

/** The runtimes, by the letters of the page. */
export const RUNTIMES = { D: "Deno", N: "Node", B: "Bun" } as const;

/** One of the letters. */
export type Letter = keyof typeof RUNTIMES;

/** What one test came to on each runtime. */
export type Outcomes = Readonly<Record<Letter, TestResult["outcome"]>>;

/** The tests that each runtime ran. */
export type Reports = Readonly<Record<Letter, readonly TestResult[]>>;

/** A table of outcomes by the names of the tests. */
export type Table = ReadonlyMap<string, Outcomes>;

/** What a run has to say of the cells. */
export interface Run {
  readonly table: Table;
  /** What was skipped, and why: a line each. */
  readonly skips: readonly string[];
  /** Cells without a test that ran, and tests without a cell. */
  readonly problems: readonly string[];
}

const LETTERS = Object.keys(RUNTIMES) as Letter[];
const SIGNS = { passed: "", failed: "✗", skipped: "–" } as const;

/** Finds the outcome of each cell; a cell whose test did not run is a problem. */
export function runOf(
  cells: readonly Cell[],
  reports: Reports,
): Run {
  const skips = new Map<string, string>();
  const problems: string[] = [];
  const outcomes = new Map<string, Record<Letter, TestResult["outcome"]>>();
  const names = new Map(cells.map((cell) => [testName(cell), cell]));
  for (const letter of LETTERS) {
    const runtime = RUNTIMES[letter];
    const tests = new Map(reports[letter].map((test) => [test.name, test]));
    if (!reports[letter].some((test) => test.name.startsWith(testName({})))) {
      problems.push(`The conformance tests did not run on ${runtime}`);
      continue;
    }
    for (const [name, cell] of names) {
      const test = tests.get(name) ??
        reports[letter].find((test) =>
          test.outcome === "skipped" && isAbout(test.name, cell)
        );
      if (test === undefined) {
        problems.push(`${name} did not run on ${runtime}`);
      } else if (test.outcome === "skipped") {
        const what = test.name.slice(testName({}).length);
        const line = `${what}: ${test.reason ?? "no reason"}`;
        const letters = skips.get(line) ?? "";
        if (!letters.includes(letter)) skips.set(line, letters + letter);
      }
      const row = outcomes.get(name) ??
        { D: "failed", N: "failed", B: "failed" };
      outcomes.set(name, { ...row, [letter]: test?.outcome ?? "failed" });
    }
    for (const { name } of reports[letter]) {
      const isKnown = !name.startsWith(testName({})) || names.has(name) ||
        cells.some((cell) => isAbout(name, cell));
      if (!isKnown) problems.push(`${name} is in no cell`);
    }
  }
  return {
    table: outcomes,
    skips: [...skips].map(([line, letters]) => `${line} (${letters})`),
    problems,
  };
}

/** Whether a test ran on any runtime. */
export function hasRun(outcomes: Outcomes): boolean {
  return Object.values(outcomes).some((outcome) => outcome !== "skipped");
}

/** The tests that failed, a line each. */
export function failuresIn(table: Table): string[] {
  return [...table]
    .filter(([, outcomes]) => Object.values(outcomes).includes("failed"))
    .map(([name, outcomes]) => `${name}: ${lettersOf(outcomes)}`);
}

/** `DNB` for a test that passed everywhere, `DN ✗B` for one that failed on Bun. */
export function lettersOf(outcomes: Outcomes): string {
  return Object.entries(SIGNS)
    .map(([outcome, sign]) => [
      sign,
      ...LETTERS.filter((letter) => outcomes[letter] === outcome),
    ])
    .filter(([, first]) => first !== undefined)
    .map((parts) => parts.join(""))
    .join(" ");
}

/** Reads the letters again; undefined if they are none. */
export function outcomesOf(letters: string): Outcomes | undefined {
  const found: Partial<Record<Letter, TestResult["outcome"]>> = {};
  for (const word of letters.split(" ")) {
    const [, sign, runtimes = ""] = word.match(/^([✗–]?)([DNB]+)$/) ?? [];
    for (const letter of runtimes) {
      found[letter as Letter] = sign === "✗"
        ? "failed"
        : sign === "–"
        ? "skipped"
        : "passed";
    }
  }
  return LETTERS.every((letter) => letter in found)
    ? found as Outcomes
    : undefined;
}

/**
 * Says where a page does not agree with a run. What was skipped in the run says
 * nothing, and is let stand.
 */
export function differences(page: Table, run: Table): string[] {
  const lines: string[] = [];
  for (const [name, here] of run) {
    const there = page.get(name);
    if (there === undefined) {
      if (hasRun(here)) lines.push(`${name} is not in the page`);
      continue;
    }
    const differs = LETTERS.some((letter) =>
      here[letter] !== "skipped" && here[letter] !== there[letter]
    );
    if (differs) {
      lines.push(
        `${name} is ${lettersOf(here)}, the page says ${lettersOf(there)}`,
      );
    }
  }
  for (const name of page.keys()) {
    if (!run.has(name)) lines.push(`${name} is in the page only`);
  }
  return lines;
}
