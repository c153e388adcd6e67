/**
 * Scripts. Finds the tests that a file declares by `test("…", …)`, and the RFC
 * clauses that they show.
 *
 * @module
 */
import { codeOf } from "./source_text.ts";

/** A test, as its source declares it. */
export interface DeclaredTest {
  /** The title as it stands between its quotes, `${…}` and all. */
  readonly title: string;
  /** Whether it has the option `skip`, whatever its value. */
  readonly isSkippable: boolean;
  /** Where its call begins in the source. */
  readonly at: number;
}

/** A test, or one case of it, that shows a clause. */
export interface ClauseTest {
  /** The id of the clause. */
  readonly id: string;
  readonly test: DeclaredTest;
  /** What the case is called, if the comment stands above a case. */
  readonly example?: string;
}

/**
 * Lists the tests whose title is a string or a template.
 *
 * @param source the text of a TypeScript file
 */
export function testsIn(source: string): DeclaredTest[] {
  const code = codeOf(source);
  const bare = codeOf(source, { keepStrings: false });
  const found: DeclaredTest[] = [];
  for (const match of bare.matchAll(/\b(?:test|curveTest|once)\(\s*(["'`])/g)) {
    const start = match.index + match[0].length;
    const end = endOfString(code, start, match[1]!);
    const title = code.slice(start, end).replace(/\\(["'`])/g, "$1");
    const isSkippable = hasSkip(bare, end + 1);
    found.push({ title, isSkippable, at: match.index });
  }
  return found;
}

/**
 * Lists what the comments `// RFC 28.REQ.1, 28.REQ.2` of a file say. Such a
 * comment belongs to the test right below it. Above anything else it belongs to
 * a case, which is named by its first string, of the next test whose title is a
 * template.
 *
 * @param source the text of a TypeScript file
 * @throws {Error} A comment that belongs to no test.
 */
export function clauseTestsIn(source: string): ClauseTest[] {
  const tests = testsIn(source);
  const found: ClauseTest[] = [];
  const comments = /^[ \t]*\/\/ RFC (\d+\.[A-Z].*)\n(?:[ \t]*\/\/.*\n)*/gm;
  for (const match of source.matchAll(comments)) {
    const lines = match[0].matchAll(/\/\/ RFC (.*)/g);
    const ids = [...lines].flatMap(([, list]) => list!.split(/,\s*/));
    const at = match.index + match[0].length;
    const below = source.slice(at).search(/\S/) + at;
    const own = tests.find((one) => one.at === below);
    const test = own ??
      tests.find((one) => one.at > below && one.title.includes("${"));
    const example = source.slice(at).match(/(["'`])((?:(?!\1)[^\n])+)\1/)?.[2];
    if (test === undefined || (own === undefined && example === undefined)) {
      throw new Error(`No test below the comment: ${match[0].trim()}`);
    }
    for (const id of ids) {
      found.push({ id, test, ...own === undefined ? { example } : {} });
    }
  }
  return found;
}

function endOfString(code: string, start: number, quote: string): number {
  let depth = 0; // of `${…}`, which may hold strings of its own
  for (let i = start; i < code.length; i++) {
    if (code[i] === "\\") i++;
    else if (quote === "`" && code.startsWith("${", i)) depth++;
    else if (depth > 0 && code[i] === "}") depth--;
    else if (depth === 0 && code[i] === quote) return i;
  }
  return code.length;
}

/** Looks for `skip` in an object that is itself an argument of the call. */
function hasSkip(bare: string, start: number): boolean {
  let depth = 0;
  for (let i = start; i < bare.length; i++) {
    const char = bare[i]!;
    if ("({[".includes(char)) depth++;
    if (")}]".includes(char) && --depth < 0) return false;
    if (depth === 1 && /^[{,\s]skip\s*[:,}]/.test(bare.slice(i, i + 12))) {
      return true;
    }
  }
  return false;
}
