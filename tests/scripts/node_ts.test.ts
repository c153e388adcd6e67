/** The loader with which Node runs the tests. */
import { assertEquals, assertMatch } from "@std/assert";
import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { onlyOnNode } from "../support/only_on_node.ts";
import { test, type TestContext } from "../support/harness.ts";

const LOADER = new URL("../../scripts/lib/node_ts.mjs", import.meta.url).href;
const OPTIONS = { skip: onlyOnNode, timeoutMs: 30_000 };

/** Runs `main.ts` of these files. */
async function run(t: TestContext, files: Readonly<Record<string, string>>) {
  const dir = await t.tempDir();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(dir, name, ".."), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  const args = ["--import", LOADER, join(dir, "main.ts"), "--word"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
  });
  return { dir, status, stdout, stderr };
}

test(
  "types are erased, and await using works on every Node",
  OPTIONS,
  async (t) => {
    const { status, stdout, stderr } = await run(t, {
      "main.ts": `
      import { type Shape, grow } from "./deep/shape.ts";
      import process from "node:process";
      const shape: Shape = { size: 1 } satisfies Shape;
      {
        await using end = { [Symbol.asyncDispose]: async () => console.log("disposed") };
        console.log(grow(shape!).size, process.argv[2], typeof end);
      }`,
      "deep/shape.ts": `
      export interface Shape { size: number }
      export function grow({ size }: Shape): Shape { return { size: size + 1 }; }`,
    });
    assertEquals([status, stdout], [0, "2 --word object\ndisposed\n"], stderr);
  },
);

test(
  "an error has the file and the line of the source",
  OPTIONS,
  async (t) => {
    const { dir, status, stderr } = await run(t, {
      "main.ts": `interface Long {\n  a: 1;\n}\n\n\nthrow new Error("here");\n`,
    });
    assertEquals(status, 1);
    const place = `${join(dir, "main.ts").replaceAll("\\", "\\\\")}:6:`;
    assertMatch(
      stderr,
      new RegExp(`${place}|${pathToFileURL(dir).href}/main.ts:6:`),
    );
  },
);

test("a changed file is read again", OPTIONS, async (t) => {
  for (const word of ["one", "two"]) {
    const { stdout } = await run(t, { "main.ts": `console.log("${word}");` });
    assertEquals(stdout, `${word}\n`);
  }
});

test(
  "a syntax error is reported with the name of the file",
  OPTIONS,
  async (t) => {
    const { status, stderr } = await run(t, { "main.ts": `const = 1;\n` });
    assertEquals(status, 1);
    assertMatch(stderr, /main\.ts:1:6: ERROR/);
  },
);

test("a query makes it another module", OPTIONS, async (t) => {
  const { stdout, stderr } = await run(t, {
    "main.ts": `
      const [a, b] = await Promise.all([import("./x.ts?1"), import("./x.ts?2")]);
      console.log(a.x === b.x, a.x.y);`,
    "x.ts": `export const x: { y: number } = { y: 3 };`,
  });
  assertEquals(stdout, "false 3\n", stderr);
});

test("a program that has a bundle runs from that", OPTIONS, async (t) => {
  const name = "examples/guide/espresso/main";
  const program = fileURLToPath(new URL(`../../${name}.ts`, import.meta.url));
  const bundles = await t.tempDir();
  await mkdir(join(bundles, name, ".."), { recursive: true });
  await writeFile(
    join(bundles, `${name}.mjs`),
    "console.log(process.argv.slice(1).join());",
  );
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", LOADER, program, "--word"],
    {
      encoding: "utf8",
      env: { ...process.env, TEST_NODE_BUNDLES: bundles },
    },
  );
  assertEquals(stdout, `${program},--word\n`, stderr);
});
