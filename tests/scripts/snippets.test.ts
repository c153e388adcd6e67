import { assertEquals, assertThrows } from "@std/assert";
import { snippetsIn } from "../../scripts/lib/snippets.ts";
import { test } from "../support/harness.ts";

test("ts blocks of Markdown are found, with their lines; others are not", () => {
  const text = [
    "# Title",
    "```ts",
    "const a = 1;",
    "",
    "use(a);",
    "```",
    "```sh",
    "npm test",
    "```",
    "1. a list",
    "   ```ts no-run",
    "   serve();",
    "   ```",
    "````md",
    "```ts",
    "not a snippet",
    "```",
    "````",
    "```typescript ignore",
    "c();",
    "```",
  ].join("\n");
  assertEquals(snippetsIn("README.md", text), [
    {
      file: "README.md",
      line: 3,
      code: "const a = 1;\n\nuse(a);",
      isRun: true,
    },
    { file: "README.md", line: 12, code: "serve();", isRun: false },
    { file: "README.md", line: 20, code: "c();", isRun: false },
  ]);
});

test("programs under one heading belong together, with what they print", () => {
  const text = [
    "# One",
    "```ts file=server.ts",
    "serve();",
    "```",
    "```ts file=client.ts",
    "ask();",
    "```",
    "```text output=client.ts",
    "an answer",
    "```",
    "## Two",
    "```ts file=client.ts",
    "other();",
    "```",
  ].join("\n");
  assertEquals(snippetsIn("a.md", text).map(({ program }) => program), [
    { name: "server.ts", section: 1, output: undefined },
    { name: "client.ts", section: 1, output: "an answer" },
    { name: "client.ts", section: 2, output: undefined },
  ]);
});

test("the examples of JSDoc comments are found; code outside them is not", () => {
  const source = [
    "/** One line. */",
    "const fence = `",
    "```ts",
    "`;",
    "  /**",
    "   * Adds.",
    "   * @example",
    "   * ```ts",
    "   * if (1) {",
    "   *   add();",
    "   * }",
    "   * ```",
    "   */",
    "  function add() {}",
  ].join("\n");
  assertEquals(snippetsIn("src/a.ts", source), [
    { file: "src/a.ts", line: 9, code: "if (1) {\n  add();\n}", isRun: true },
  ]);
});

test("a block without an end is an error", () => {
  assertThrows(
    () => snippetsIn("a.md", "\n```ts\nx"),
    Error,
    "a.md:2: the code block has no end",
  );
});
