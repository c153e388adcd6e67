/**
 * Holds the index of RFC clauses in `tests/rfc` against the tests, and makes
 * the page `docs/rfcs.md` of it.
 *
 *     node --import tsx scripts/check_rfc.ts            writes the page
 *     node --import tsx scripts/check_rfc.ts --check    says whether it is current
 *
 * A clause that is said to hold must name a test that exists and always runs.
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Clause, Rfc, TestRef } from "../tests/rfc/clause.ts";
import { RFCS } from "../tests/rfc/clauses.ts";
import { filesIn } from "./lib/files.ts";
import { type DeclaredTest, testsIn } from "./lib/test_titles.ts";

const PAGE = "docs/rfcs.md";

/** A test of the project. */
interface FoundTest extends DeclaredTest {
  readonly file: string;
}

/** What the index and the tests say together. */
export interface Report {
  /** Empty when all is well. */
  readonly problems: string[];
  /** The text of the page. */
  readonly page: string;
}

/**
 * Checks an index against the tests of a project.
 *
 * @param root the folder of the project
 * @param rfcs the index
 */
export function reportOn(root: string, rfcs: readonly Rfc[]): Report {
  const sources = new Map<string, string>();
  const tests: FoundTest[] = [];
  for (const file of filesIn(root, "tests", [".test.ts"])) {
    const source = readFileSync(join(root, file), "utf8");
    sources.set(file, source);
    tests.push(...testsIn(source).map((found) => ({ ...found, file })));
  }
  const problems: string[] = [];
  const known = new Map<string, Clause>();
  for (const { number, sections } of rfcs) {
    for (const clause of sections.flatMap((section) => section.clauses)) {
      const { id } = clause;
      if (known.has(id)) problems.push(`${id} is there twice`);
      if (!id.startsWith(`${number}.`)) {
        problems.push(`${id} stands among the clauses of RFC ${number}`);
      }
      known.set(id, clause);
      problems.push(...judge(clause).map((problem) => `${id} ${problem}`));
    }
  }
  for (const { file, title } of tests) {
    for (const id of idsIn(title)) {
      if (!known.has(id)) {
        problems.push(`${file}: "${title}" names ${id}, which is no clause`);
      }
    }
  }
  const page = pageOf(rfcs, (clause) => testsOf(clause, tests));
  return { problems, page };

  function judge(clause: Clause): string[] {
    const reasons = [clause.differs, clause.outside, clause.unseen]
      .filter((reason) => reason !== undefined);
    if (reasons.length > 1) return ["has more than one status"];
    const found = testsOf(clause, tests);
    const missing = (clause.tests ?? []).flatMap((ref) => lookUp(ref));
    if ((clause.outside ?? clause.unseen) !== undefined && found.length > 0) {
      return ["has a test, although it is said to have none"];
    }
    if (reasons.length > 0 || missing.length > 0) return missing;
    if (found.length === 0) return ["has no test"];
    const always = found.some(([file, title]) =>
      tests.some((one) =>
        one.file === file && one.title === title && !one.isSkippable
      )
    );
    return always ? [] : ["has only tests that may be skipped"];
  }

  function lookUp([file, title, example]: TestRef): string[] {
    const isThere = tests.some((one) =>
      one.file === file && one.title === title
    );
    if (!isThere) return [`names a test that is not there: ${file}: ${title}`];
    if (example === undefined || sources.get(file)!.includes(example)) {
      return [];
    }
    return [`names a case that is not there: ${file}: ${example}`];
  }
}

/** The tests that a clause names, and those that name it. */
function testsOf(clause: Clause, all: readonly FoundTest[]): TestRef[] {
  const naming = all.filter(({ title }) => idsIn(title).includes(clause.id));
  return [
    ...naming.map(({ file, title }): TestRef => [file, title]),
    ...clause.tests ?? [],
  ];
}

/** The ids in brackets that a title begins with. */
function idsIn(title: string): string[] {
  const [head] = title.match(/^(?:\[\d+\.[^\]]*\]\s*)+/) ?? [""];
  return [...head.matchAll(/\[([^\]]+)\]/g)].map((match) => match[1]!);
}

function pageOf(
  rfcs: readonly Rfc[],
  testsOf: (clause: Clause) => TestRef[],
): string {
  const lines = [
    "<!-- deno-fmt-ignore-file -->",
    "<!-- Made by scripts/check_rfc.ts of tests/rfc; change it there. -->",
    "",
    "# What the RFCs ask for, and the tests that show it",
    "",
    "The clauses of the ZeroMQ RFCs that bind an implementation, in our words;",
    "<https://rfc.zeromq.org> has the text that counts. Beside each stands the",
    "test that shows it, or, _in italics_, why there is none: we differ on",
    "purpose, it is no matter of this library, or nothing of it can be seen",
    "from outside.",
    "",
    "| RFC | clauses | shown by tests | we differ | not seen | not ours |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
  ];
  const all = rfcs.flatMap((rfc) => clausesOf(rfc));
  for (const rfc of rfcs) {
    const name = `[${rfc.number} ${rfc.name}](#rfc-${rfc.number})`;
    lines.push(countsOf(name, clausesOf(rfc)));
  }
  lines.push(countsOf("all", all), "");
  for (const rfc of rfcs) {
    lines.push(`<a id="rfc-${rfc.number}"></a>`, "");
    const link = `https://rfc.zeromq.org/spec/${rfc.number}/`;
    lines.push(`## [${rfc.number} ${rfc.name}](${link})`, "");
    if (rfc.note !== undefined) lines.push(rfc.note, "");
    for (const { title, clauses } of rfc.sections) {
      lines.push(`### ${title}`, "");
      lines.push("| id | | what is asked | what shows it |");
      lines.push("| --- | --- | --- | --- |");
      for (const clause of clauses) lines.push(rowOf(clause, testsOf(clause)));
      lines.push("");
    }
  }
  return lines.join("\n");
}

function clausesOf(rfc: Rfc): Clause[] {
  return rfc.sections.flatMap((section) => section.clauses);
}

function countsOf(name: string, clauses: readonly Clause[]): string {
  const count = (status: "differs" | "unseen" | "outside") =>
    clauses.filter((clause) => clause[status] !== undefined).length;
  const [differs, unseen, outside] = [
    count("differs"),
    count("unseen"),
    count("outside"),
  ];
  const shown = clauses.length - differs - unseen - outside;
  const cells = [name, clauses.length, shown, differs, unseen, outside];
  return `| ${cells.join(" | ")} |`;
}

function rowOf(clause: Clause, tests: readonly TestRef[]): string {
  const reason = clause.differs !== undefined
    ? `_We differ: ${clause.differs}_`
    : clause.outside !== undefined
    ? `_Not ours: ${clause.outside}_`
    : clause.unseen !== undefined
    ? `_Not seen: ${clause.unseen}_`
    : undefined;
  const shown = [...reason === undefined ? [] : [reason], ...tests.map(link)];
  const says = clause.says + (clause.isIn23 ? " (23, too)" : "");
  const cells = [clause.id, clause.level, says, shown.join("<br>")];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function link([file, title, example]: TestRef): string {
  const text = title.replace(/^(?:\[\d+\.[^\]]*\]\s*)+/, "")
    .replace(/\$\{[^}]*\}/g, "…")
    .replace(/[[\]<>*_]/g, "\\$&");
  const which = example === undefined ? "" : `: ${example}`;
  const name = file.slice(file.lastIndexOf("/") + 1, -".test.ts".length);
  return `${text}${which} ([${name}](../${file}))`;
}

function main(): void {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const { problems, page } = reportOn(root, RFCS);
  const path = join(root, PAGE);
  if (process.argv.includes("--check")) {
    const old = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (old.replaceAll("\r\n", "\n") !== page) {
      problems.push(`${PAGE} is not current: run npm run rfc`);
    }
  } else {
    mkdirSync(join(root, "docs"), { recursive: true });
    writeFileSync(path, page);
  }
  for (const problem of problems) console.error(problem);
  const count = RFCS.flatMap(clausesOf).length;
  console.log(
    problems.length === 0
      ? `${count} clauses, and all is well.`
      : `${problems.length} problems among ${count} clauses.`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (import.meta.main ?? process.argv[1] === fileURLToPath(import.meta.url)) {
  main();
}
