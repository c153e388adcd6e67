import { assertEquals } from "@std/assert";
import {
  differences,
  failuresIn,
  lettersOf,
  outcomesOf,
  type Reports,
  runOf,
} from "../../scripts/lib/conformance_cells.ts";
import { readPage, renderPage } from "../../scripts/lib/conformance_page.ts";
import type { TestResult } from "../../scripts/lib/junit.mjs";
import { isCompatible } from "../../src/zmq/socket_traits.ts";
import { SOCKET_TYPE_NAMES, type SocketType } from "../../src/zmq/types.ts";
import { test } from "../support/harness.ts";
import {
  cellsOf,
  isDraft,
  PARTNERS,
  PEERS,
  testName,
} from "../zmq/interop/cells.ts";

const CELLS = Object.keys(PEERS).flatMap(cellsOf);
const PASSED = CELLS.map((cell): TestResult => ({
  name: testName(cell),
  outcome: "passed",
}));
const FIRST = testName(CELLS[0]!);
const VERSIONS = new Map([["Deno", "2.9.6"], ["pyzmq", "24.0.1"]]);

/** The reports of a run in which all passed, but for those of one runtime. */
function reportsWith(reports: Partial<Reports>): Reports {
  return { D: PASSED, N: PASSED, B: PASSED, ...reports };
}

/** All tests, but for the first, which came to `outcome`. */
function withFirst(outcome: TestResult["outcome"]): TestResult[] {
  return [{ name: FIRST, outcome }, ...PASSED.slice(1)];
}

/** No peer here can drive a PEER; a DGRAM has none that speaks ZMTP. */
const LEFT_OUT = ["PEER", "DGRAM"];

test("the table has every compatible pair of types, and no other", () => {
  const types = SOCKET_TYPE_NAMES.filter((name) => !LEFT_OUT.includes(name));
  const pairs = types.flatMap((ours) => {
    const type = SOCKET_TYPE_NAMES.indexOf(ours) as SocketType;
    return types.filter((theirs) => isCompatible(type, theirs))
      .map((theirs) => `${ours} ${theirs}`);
  });
  pairs.push("STREAM STREAM"); // without ZMTP, everybody may meet
  const rows = Object.entries(PARTNERS).flatMap(([ours, partners]) =>
    partners.map((theirs) => `${ours} ${theirs}`)
  );
  assertEquals(rows.sort(), pairs.sort());
  assertEquals(new Set(CELLS.map(testName)).size, CELLS.length);
});

test("the letters of a cell are read as they are written", () => {
  for (const letters of ["DNB", "DN ✗B", "✗DNB", "N ✗D –B", "–DNB"]) {
    assertEquals(lettersOf(outcomesOf(letters)!), letters);
  }
  for (const text of ["", "?", "DN", "DNX"]) {
    assertEquals(outcomesOf(text), undefined);
  }
});

test("a run in which all passed has no problems", () => {
  const run = runOf(CELLS, reportsWith({}));
  assertEquals([run.problems, run.skips], [[], []]);
  assertEquals(run.table.size, CELLS.length);
  assertEquals(failuresIn(run.table), []);
});

test("a failed test is reported, with its runtime", () => {
  const run = runOf(CELLS, reportsWith({ B: withFirst("failed") }));
  assertEquals(run.problems, []);
  assertEquals(failuresIn(run.table), [`${FIRST}: DN ✗B`]);
});

test("a test that did not run is a problem, and so is one without a cell", () => {
  const extra = testName({ peer: "somebody" });
  const run = runOf(
    CELLS,
    reportsWith({
      N: [...PASSED.slice(1), { name: extra, outcome: "passed" }, {
        name: "another test",
        outcome: "passed",
      }],
    }),
  );
  assertEquals(run.problems, [
    `${FIRST} did not run on Node`,
    `${extra} is in no cell`,
  ]);
  assertEquals(runOf(CELLS, reportsWith({ B: [] })).problems, [
    "The conformance tests did not run on Bun",
  ]);
});

test("one skip may stand for many cells, and says why", () => {
  const name = testName({ peer: "pyzmq" });
  const without: TestResult[] = [
    ...PASSED.filter((test) => !test.name.includes("pyzmq")),
    { name, outcome: "skipped", reason: "it is missing" },
  ];
  const run = runOf(CELLS, reportsWith({ D: without, B: without }));
  assertEquals(run.problems, []);
  assertEquals(run.skips, ["pyzmq: it is missing (DB)"]);
  for (const cell of CELLS) {
    const letters = lettersOf(run.table.get(testName(cell))!);
    assertEquals(letters, cell.peer === "pyzmq" ? "N –DB" : "DNB");
  }
});

test("a page is read as it was written", () => {
  const run = runOf(CELLS, reportsWith({ B: withFirst("skipped") }));
  const text = renderPage({ ...run, versions: VERSIONS });
  const page = readPage(text);
  assertEquals(page.table.size, CELLS.length);
  assertEquals(differences(page.table, run.table), []);
  assertEquals([...page.versions], [...VERSIONS]);
  assertEquals(page.skips, [...run.skips]);
  assertEquals(renderPage(page), text);
});

test("cells that were skipped everywhere are not in the page, but the reason is", () => {
  const name = testName({ isDraft: true, peer: "pyzmq" });
  const without: TestResult[] = [
    ...PASSED.filter((_, i) =>
      !isDraft(CELLS[i]!) || CELLS[i]!.peer !== "pyzmq"
    ),
    { name, outcome: "skipped", reason: "it has none" },
  ];
  const run = runOf(CELLS, { D: without, N: without, B: without });
  const text = renderPage({ ...run, versions: VERSIONS });
  const page = readPage(text);
  assertEquals(page.table.size, without.length - 1);
  assertEquals(page.skips, ["draft types · pyzmq: it has none (DNB)"]);
  assertEquals(differences(page.table, run.table), []);
  assertEquals(renderPage(page), text);
  const all = runOf(CELLS, reportsWith({})).table;
  assertEquals(
    differences(page.table, all).length,
    CELLS.length - page.table.size,
  );
});

test("a page that differs from the run is detected", () => {
  const { table } = runOf(CELLS, reportsWith({}));
  const failed = runOf(CELLS, reportsWith({ B: withFirst("failed") })).table;
  assertEquals(differences(table, failed), [
    `${FIRST} is DN ✗B, the page says DNB`,
  ]);
  assertEquals(differences(failed, table), [
    `${FIRST} is DNB, the page says DN ✗B`,
  ]);
  const fewer = runOf(CELLS.slice(1), reportsWith({})).table;
  assertEquals(differences(fewer, table), [`${FIRST} is not in the page`]);
  assertEquals(differences(table, fewer), [`${FIRST} is in the page only`]);
  assertEquals(readPage("# Nothing\n").table.size, 0);
});

test("tests that a machine had to skip do not contradict the page", () => {
  const { table } = runOf(CELLS, reportsWith({}));
  const skipped = runOf(CELLS, reportsWith({ N: withFirst("skipped") })).table;
  assertEquals(differences(table, skipped), []);
  assertEquals(differences(skipped, table), [
    `${FIRST} is DNB, the page says DB –N`,
  ]);
});
