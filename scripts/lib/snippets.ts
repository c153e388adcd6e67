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
  /** Of one marked `file=NAME`: the programs under one heading run at once, a process each. */
  readonly program?: {
    readonly name: string;
    /** The number of the heading that it stands under. */
    readonly section: number;
    /** What it prints: the block marked `output=NAME` under the same heading. */
    readonly output: string | undefined;
  };
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
  const outputs = new Map<string, string>();
  let section = 0;
  for (let i = 0; i < lines.length; i++) {
    const [, indent, fence, info] = lines[i]!.match(/^( *)(`{3,})(.*)$/) ?? [];
    if (indent === undefined || fence === undefined || info === undefined) {
      if (lines[i]!.startsWith("#")) section++;
      continue;
    }
    const end = lines.findIndex((line, at) => at > i && line.trim() === fence);
    if (end < 0) throw new Error(`${file}:${i + 1}: the code block has no end`);
    const [language, ...marks] = info.trim().split(/[\s,]+/);
    const code = lines.slice(i + 1, end).map((line) =>
      line.startsWith(indent) ? line.slice(indent.length) : line
    ).join("\n");
    const outputOf = valueOf("output", marks);
    if (language === "ts" || language === "typescript") {
      const isRun = !marks.includes("no-run") && !marks.includes("ignore");
      const name = valueOf("file", marks);
      const program = name && { name, section, output: undefined };
      snippets.push({
        ...{ file, line: i + 2, code, isRun },
        ...(program && { program }),
      });
    } else if (outputOf) outputs.set(`${section} ${outputOf}`, code);
    i = end;
  }
  return snippets.map((snippet) => withOutput(snippet, outputs));
}

/** What follows `KEY=` in the marks of a block. */
function valueOf(key: string, marks: readonly string[]): string | undefined {
  return marks.find((mark) => mark.startsWith(`${key}=`))
    ?.slice(key.length + 1);
}

function withOutput(
  snippet: Snippet,
  outputs: ReadonlyMap<string, string>,
): Snippet {
  const { program } = snippet;
  if (program === undefined) return snippet;
  const output = outputs.get(`${program.section} ${program.name}`);
  return { ...snippet, program: { ...program, output } };
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
