import { assert, assertEquals, assertRejects } from "@std/assert";
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

test("a clause is shown by the tests and cases below its id", async (t) => {
  const source = [
    "// RFC 1.A.1, 1.A.2",
    'test("one", () => {});',
    "const cases = [",
    "  // RFC 1.A.2",
    "  // why",
    '  ["a server\'s"],',
    "];",
    "for (const [name] of cases) test(`${name} x`, () => {});",
  ].join("\n");
  const { problems, page } = await report(t, source, {}, { id: "1.A.2" });
  assertEquals(problems, []);
  const one = "one ([a](../tests/a.test.ts))";
  assert(page.includes(`| 1.A.1 | SHALL | do it | ${one} |`));
  const two = `${one}<br>… x: a server's ([a](../tests/a.test.ts))`;
  assert(page.includes(`| 1.A.2 | SHALL | do it | ${two} |`));
});

test("a clause without a test is a problem, and so is an id without a test", async (t) => {
  assertEquals((await report(t, 'test("one", f);', {})).problems, [
    "1.A.1 has no test",
  ]);
  await assertRejects(
    () => report(t, 'test("one", f);\n// RFC 1.A.1\nf("two");', {}),
    Error,
    "No test below the comment: // RFC 1.A.1",
  );
});

test("a test that may be skipped does not show a clause", async (t) => {
  const problem = ["1.A.1 has only tests that may be skipped"];
  for (
    const source of [
      '// RFC 1.A.1\ntest("x", { skip: reason }, () => {});',
      '// RFC 1.A.1\ntest("x", () => {}, { timeoutMs: 1, skip });',
    ]
  ) {
    assertEquals((await report(t, source, {})).problems, problem);
  }
  const fine = '// RFC 1.A.1\ntest("x", () => { use({ skip: 1 }); });';
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
  const shown = await report(t, '// RFC 1.A.1\ntest("x", f);', {
    outside: "a",
  });
  assertEquals(shown.problems, [
    "1.A.1 has a test, although it is said to have none",
  ]);
});

test("a test cannot name a clause that does not exist", async (t) => {
  const { problems } = await report(t, '// RFC 1.B.1\ntest("x", f);');
  assertEquals(problems, [`${FILE}: "x" names 1.B.1, which is no clause`]);
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
