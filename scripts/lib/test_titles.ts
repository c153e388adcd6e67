/**
 * Scripts. Finds the tests that a file declares by `test("…", …)`.
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
  for (const match of bare.matchAll(/\btest\(\s*(["'`])/g)) {
    const start = match.index + match[0].length;
    const end = endOfString(code, start, match[1]!);
    const title = code.slice(start, end).replace(/\\(["'`])/g, "$1");
    found.push({ title, isSkippable: hasSkip(bare, end + 1) });
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
