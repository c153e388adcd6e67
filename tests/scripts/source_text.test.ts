import { assertEquals } from "@std/assert";
import {
  codeOf,
  type Import,
  importsOf,
  linesOfCode,
  membersOf,
} from "../../scripts/lib/source_text.ts";
import { test } from "../support/harness.ts";

const summary = ({ line, specifier, isDynamic }: Import) =>
  `${line} ${specifier}${isDynamic ? ", dynamic" : ""}`;

const specifiers = (source: string) =>
  importsOf(source).map((i) => i.specifier);

test("every form of import is seen, with its line", () => {
  const source = `import { a } from "./a.ts";
import type { B } from './b.ts';
import * as c
  from "./c.ts";
import "./d.ts";
export { e } from "./e.ts";
export * from "./f.ts";
const g = await import("./g.ts");
type H = import("./h.ts").H;
const i = process.getBuiltinModule("node:i");
`;
  assertEquals(importsOf(source).map(summary), [
    "1 ./a.ts",
    "2 ./b.ts",
    "4 ./c.ts",
    "5 ./d.ts",
    "6 ./e.ts",
    "7 ./f.ts",
    "8 ./g.ts, dynamic",
    "9 ./h.ts, dynamic",
    "10 node:i, dynamic",
  ]);
});

test("comments, strings, templates and patterns hold no imports", () => {
  assertEquals(
    specifiers([
      `// import "./a.ts";`,
      `/** import { b } from "./b.ts"; */`,
      `const c = 'import "./c.ts"';`,
      "const d = `import \"./d.ts\" ${1} import './e.ts'`;",
      `const f = /import ".\\/f.ts"/;`,
      `import "./real.ts";`,
    ].join("\n")),
    ["./real.ts"],
  );
});

test("code inside a template is code, and templates nest", () => {
  const source =
    "const x = `a ${ok ? `tcp://${host}` : {}} /* b */`; import './y.ts'; // z";
  assertEquals(codeOf(source), source.slice(0, -4) + "    ");
  assertEquals(specifiers(source), ["./y.ts"]);
  assertEquals(specifiers("`${await import('./in.ts')} from './out.ts'`"), [
    "./in.ts",
  ]);
});

test("a division is no pattern", () => {
  assertEquals(codeOf("a = b / c; // d"), "a = b / c;     ");
  assertEquals(codeOf("a = (b) / c / 2; /* d */"), "a = (b) / c / 2;        ");
});

test("a quote in a comment opens no string", () => {
  assertEquals(codeOf("// don't\nx;"), "        \nx;");
});

test("lines of code leave out blank lines and comments", () => {
  const source = `/**
 * Header.
 */

import "./a.ts"; // why

// nothing
const text = \`
// a line of the text
\`;
/* one */ call();
`;
  assertEquals(linesOfCode(source), 5);
});

test("what the JSDoc of a member says is read as one line", () => {
  const source = `/** An interface. */
export interface A extends B {
  /** The first. Default 1. */
  first: number;
  /**
   * The second,
   * over two lines: \`a|b\`.
   */
  readonly second?: "a" | "b";
  // No JSDoc.
  third: string;
}
/** A type. */
export type C = "c";
`;
  assertEquals([...membersOf(source)], [
    ["first", "The first. Default 1."],
    ["second", "The second, over two lines: `a|b`."],
  ]);
});
