/**
 * Scripts. Finds the TypeScript snippets in Markdown and in JSDoc comments.
 *
 * @module
 */

/** A snippet, and where it stands. */
export interface Snippet {
  readonly file: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
  /** Whether it is run; one marked `no-run` or `ignore` is only type-checked. */
  readonly isRun: boolean;
}

/**
 * Lists the fenced blocks marked `ts` or `typescript`: all of a Markdown text,
 * or those in the JSDoc comments of a source.
 *
 * @param file the name; one that ends in `.md` is Markdown
 * @param text what is in the file
 */
export function snippetsIn(file: string, text: string): Snippet[] {
  const lines = file.endsWith(".md") ? text.split("\n") : jsDocLines(text);
  const snippets: Snippet[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [, indent, fence, info] = lines[i]!.match(/^( *)(`{3,})(.*)$/) ?? [];
    if (indent === undefined || fence === undefined || info === undefined) {
      continue;
    }
    const end = lines.findIndex((line, at) => at > i && line.trim() === fence);
    if (end < 0) throw new Error(`${file}:${i + 1}: the code block has no end`);
    const [language, ...marks] = info.trim().split(/[\s,]+/);
    if (language === "ts" || language === "typescript") {
      const code = lines.slice(i + 1, end).map((line) =>
        line.startsWith(indent) ? line.slice(indent.length) : line
      );
      const isRun = !marks.includes("no-run") && !marks.includes("ignore");
      snippets.push({ file, line: i + 2, code: code.join("\n"), isRun });
    }
    i = end;
  }
  return snippets;
}

/** The lines of a source with everything but the text of its JSDoc comments blanked out. */
function jsDocLines(source: string): string[] {
  let isInside = false;
  return source.split("\n").map((line) => {
    if (!isInside) {
      isInside = /^\s*\/\*\*/.test(line) && !line.includes("*/");
      return "";
    }
    if (/\*\/\s*$/.test(line)) {
      isInside = false;
      return "";
    }
    return line.replace(/^\s*\* ?/, "");
  });
}
