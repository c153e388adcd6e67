import { assert, assertEquals } from "@std/assert";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reportOn } from "../../scripts/check_rfc.ts";
import { testsIn } from "../../scripts/lib/test_titles.ts";
import type { Clause } from "../rfc/clause.ts";
import { test, type TestContext } from "../support/harness.ts";

const FILE = "tests/a.test.ts";

/** What is said of these clauses in a project with this file of tests. */
async function report(
  t: TestContext,
  source: string,
  ...clauses: Partial<Clause>[]
) {
  const root = await t.tempDir();
  await mkdir(join(root, "tests"));
  await writeFile(join(root, FILE), source);
  return reportOn(root, [{
    number: 1,
    name: "X",
    sections: [{
      title: "S",
      clauses: clauses.map((clause) => ({
        id: "1.A.1",
        level: "SHALL",
        says: "do it",
        ...clause,
      })),
    }],
  }]);
}

test("a clause is shown by a test that it names, or that names it", async (t) => {
  const source = 'test("one", () => {});\ntest("[1.A.2] two", () => {});';
  const { problems, page } = await report(
    t,
    source,
    { tests: [[FILE, "one"]] },
    { id: "1.A.2" },
  );
  assertEquals(problems, []);
  assert(
    page.includes("| 1.A.1 | SHALL | do it | one ([a](../tests/a.test.ts)) |"),
  );
  assert(
    page.includes("| 1.A.2 | SHALL | do it | two ([a](../tests/a.test.ts)) |"),
  );
});

test("a clause without a test, or whose test is gone, is a problem", async (t) => {
  const source =
    '// test("[1.A.1] in a comment", () => {});\ntest("one", () => {});';
  const none = await report(t, source, {});
  assertEquals(none.problems, ["1.A.1 has no test"]);
  const gone = await report(t, source, { tests: [[FILE, "two"]] });
  assertEquals(gone.problems, [
    `1.A.1 names a test that is not there: ${FILE}: two`,
  ]);
  const instance = await report(t, source, {
    tests: [[FILE, "one", "a case"]],
  });
  assertEquals(instance.problems, [
    `1.A.1 names a case that is not there: ${FILE}: a case`,
  ]);
});

test("a test that may be skipped does not show a clause", async (t) => {
  const problem = ["1.A.1 has only tests that may be skipped"];
  for (
    const source of [
      'test("[1.A.1] x", { skip: reason }, () => {});',
      'test("[1.A.1] x", () => {}, { timeoutMs: 1, skip });',
    ]
  ) {
    assertEquals((await report(t, source, {})).problems, problem);
  }
  const fine = 'test("[1.A.1] x", () => { use({ skip: 1 }); });';
  assertEquals((await report(t, fine, {})).problems, []);
});

test("a clause has one status, and its id once, in the right RFC", async (t) => {
  const twice = await report(t, "", { outside: "a", differs: "b" });
  assertEquals(twice.problems, ["1.A.1 has more than one status"]);
  const same = await report(t, "", { outside: "a" }, { outside: "b" });
  assertEquals(same.problems, ["1.A.1 is there twice"]);
  const other = await report(t, "", { id: "2.A.1", outside: "a" });
  assertEquals(other.problems, [
    "2.A.1 stands among the clauses of RFC 1",
  ]);
  const shown = await report(t, 'test("[1.A.1] x", f);', { outside: "a" });
  assertEquals(shown.problems, [
    "1.A.1 has a test, although it is said to have none",
  ]);
});

test("a test cannot name a clause that is not there", async (t) => {
  const { problems } = await report(t, 'test("[1.B.1] x", f);');
  assertEquals(problems, [
    `${FILE}: "[1.B.1] x" names 1.B.1, which is no clause`,
  ]);
});

test("titles are read as they stand, templates too", () => {
  const source = [
    'test(`a ${x ? `in` : "out"} b`, f);',
    "test(\n  'it\\'s', f);",
    "test(name, f);",
    'const text = `test("no test", f)`;',
  ].join("\n");
  assertEquals(testsIn(source).map(({ title }) => title), [
    'a ${x ? `in` : "out"} b',
    "it's",
  ]);
});
