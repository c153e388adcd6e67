/**
 * Scripts. Reads TypeScript just well enough to distinguish code from comments: which
 * modules a file names, how many lines of code it has, what it says of the
 * members of its interfaces. It is no parser; it knows comments, strings,
 * templates and regular expressions, nothing more.
 *
 * @module
 */

/** A module that a file names, and where. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Whether it is loaded when that line runs. */
  readonly isDynamic: boolean;
}

// A `/` opens a regular expression only where an operand may begin.
const TOKEN =
  /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?<=(?:^|[(,=:[!&|?{};]|\breturn)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*|[`{}]/g;
const TEMPLATE_PART = /(?:\\[\s\S]|[^`\\$]|\$(?!\{))*(?:`|\$\{|$)/y;

/**
 * Blanks out comments, and with `keepStrings: false` the contents of strings,
 * templates and regular expressions too. Line breaks stay where they are.
 *
 * @param source the text of a TypeScript file
 * @returns a text of the same length
 */
export function codeOf(
  source: string,
  { keepStrings = true }: { keepStrings?: boolean } = {},
): string {
  const blank = (text: string) => text.replace(/[^\n]/g, " ");
  // Open braces, innermost last: "${" ends inside a template, "{" does not.
  const open: string[] = [];
  const token = new RegExp(TOKEN);
  let code = "";
  let at = 0;
  for (let match; (match = token.exec(source)) !== null; token.lastIndex = at) {
    const text = match[0];
    code += source.slice(at, match.index) + written(text);
    at = match.index + text.length;
    if (text === "{") open.push(text);
    if (text === "`" || (text === "}" && open.pop() === "${")) {
      TEMPLATE_PART.lastIndex = at;
      const part = TEMPLATE_PART.exec(source)?.[0] ?? "";
      const end = part.endsWith("${") ? "${" : part.endsWith("`") ? "`" : "";
      code += keepStrings
        ? part
        : blank(part.slice(0, -end.length || undefined)) + end;
      if (end === "${") open.push(end);
      at += part.length;
    }
  }
  return code + source.slice(at);

  function written(text: string): string {
    if (text.startsWith("//") || text.startsWith("/*")) return blank(text);
    if (keepStrings || text.length < 2) return text;
    return text[0] + blank(text.slice(1, -1)) + text.at(-1);
  }
}

/**
 * Lists what a file imports or exports from: `import … from "x"`,
 * `export … from "x"`, `import "x"`, `import("x")`, types included; and what it
 * has by `process.getBuiltinModule("x")`.
 *
 * @param source the text of a TypeScript file
 */
export function importsOf(source: string): Import[] {
  const code = codeOf(source);
  const bare = codeOf(source, { keepStrings: false });
  const found: Import[] = [];
  const word = /\b(?:from|import|getBuiltinModule)\s*\(?\s*(["'])/g;
  for (const match of bare.matchAll(word)) {
    const start = match.index + match[0].length;
    const specifier = code.slice(start, code.indexOf(match[1]!, start));
    const line = code.slice(0, start).split("\n").length;
    found.push({ specifier, line, isDynamic: match[0].includes("(") });
  }
  return found;
}

/**
 * Counts the lines that hold code: neither blank nor only comment.
 *
 * @param source the text of a TypeScript file
 */
export function linesOfCode(source: string): number {
  return codeOf(source).split("\n").filter((line) => line.trim()).length;
}

/**
 * What the JSDoc of each property in a file's interfaces says, as one line.
 *
 * @param source the text of a TypeScript file
 */
export function membersOf(source: string): Map<string, string> {
  const members = new Map<string, string>();
  const member = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:readonly )?(\w+)\??:/g;
  for (const [, comment, name] of source.matchAll(member)) {
    members.set(
      name!,
      comment!.replace(/^\s*\* ?/gm, "").replace(/\s+/g, " ").trim(),
    );
  }
  return members;
}
