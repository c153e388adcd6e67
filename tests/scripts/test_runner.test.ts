import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { spawn } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { resultsIn } from "../../scripts/lib/junit.mjs";
import { runtime, test, type TestContext } from "../support/harness.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What a project needs to run tests. */
const COPIED = [
  "deno.json",
  "scripts",
  "src/async/event_loop.ts",
  "src/async/promises.ts",
  "tests/no_jsr.importmap.json",
  "tests/support/deadline.ts",
  "tests/support/harness.ts",
  "tests/support/node_group.ts",
  "tests/support/node_runner.ts",
  "tests/support/std_assert",
];

/** Runs scripts/test.mjs on this runtime, in a project that has these test files. */
async function runTests(
  t: TestContext,
  files: Record<string, string>,
  ...words: string[]
) {
  const dir = await t.tempDir();
  for (const path of COPIED) {
    await cp(join(root, path), join(dir, path), { recursive: true });
  }
  await symlink(
    join(root, "node_modules"),
    join(dir, "node_modules"),
    "junction",
  );
  await writeFile(join(dir, "package.json"), `{ "type": "module" }`);
  for (const [name, body] of Object.entries(files)) {
    const file = join(dir, "tests", name);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(
      file,
      `import { test } from "${
        "../".repeat(name.split("/").length - 1) || "./"
      }support/harness.ts";\n${body}`,
    );
  }
  const child = spawn("node", ["scripts/test.mjs", runtime, ...words], {
    cwd: dir,
    env: {
      ...process.env,
      JSR: "0",
      NO_COLOR: "1",
      FORCE_COLOR: undefined,
      NODE_TEST_CONTEXT: undefined,
    },
  });
  // Two pipes have no order among them: the last line is that of one of them.
  let output = "";
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => output += text);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  return { code, output, last: stdout.trimEnd().split("\n").at(-1) };
}

const LIMIT = { timeoutMs: 30_000 };

test(
  "tests in every folder are counted, and a skip says why",
  LIMIT,
  async (t) => {
    const { code, output, last } = await runTests(t, {
      "a.test.ts": `test("a", () => {});`,
      "deep/down/b.test.ts": `
      test("b", () => {});
      test("c", { skip: "no peer (here)" }, () => { throw new Error("it ran"); });`,
    });
    assertEquals([code, last], [0, "2 passed, 0 failed, 1 skipped"], output);
    assertStringIncludes(output, "\nSkipped:\n  c (skipped: no peer (here))\n");
  },
);

test("the report says what each test came to", LIMIT, async (t) => {
  const dir = await t.tempDir();
  const { output } = await runTests(
    t,
    {
      "a.test.ts": `
      test("a ↔ b · c's", () => {});
      test("b", { skip: "no peer (here)" }, () => {});
      test("c", () => { throw new Error("no /> <skipped/>"); });`,
    },
    `--junit=${dir}`,
  );
  const report = await readFile(join(dir, `${runtime}.xml`), "utf8");
  assertEquals(resultsIn(report), [
    { name: "a ↔ b · c's", outcome: "passed" },
    { name: "b", outcome: "skipped", reason: "no peer (here)" },
    { name: "c", outcome: "failed" },
  ], output);
});

test("a failure is counted, and is the end", LIMIT, async (t) => {
  const { code, output, last } = await runTests(t, {
    "a.test.ts": `
      test("a", () => {});
      test("b", () => Promise.reject(new Error("no")));
      test("c", { timeoutMs: 20 }, () => new Promise(() => {}));`,
  });
  assertEquals([code, last], [1, "1 passed, 2 failed, 0 skipped"], output);
  assertStringIncludes(output, "Waited 20 ms in vain for the end of the test");
});

test("what nothing catches fails the test that runs, and no other", {
  ...LIMIT,
  skip: runtime === "deno" && "Deno ends the file",
}, async (t) => {
  const { code, output, last } = await runTests(t, {
    "a.test.ts": `
      const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
      const forEver = new Promise(() => {});
      test("a", pause);
      test("b", () => {
        setTimeout(() => { throw new Error("late"); }, 1);
        return forEver;
      });
      test("c", () => {
        void pause().then(() => { throw new Error("later"); });
        return forEver;
      });
      test("d", pause);`,
  });
  assertEquals([code, last], [1, "2 passed, 2 failed, 0 skipped"], output);
});

test("a file that does not load is a failure", LIMIT, async (t) => {
  const { code, output, last } = await runTests(t, {
    "a.test.ts": `import "./missing.ts";`,
  });
  assertEquals(code, 1, output);
  assertMatch(last ?? "", /^0 passed, [12] failed, 0 skipped$/);
});

test(
  "what a test writes is not taken for what it came to",
  LIMIT,
  async (t) => {
    const lines = [
      ...["ok | 12 passed | 0 failed (1ms)", " 12 pass", "ℹ pass 12"],
      "12 passed, 0 failed, 0 skipped",
    ].join("\\n");
    const { code, output, last } = await runTests(t, {
      "a.test.ts": `
      import process from "node:process";
      process.on("exit", () => console.log("${lines}"));
      test("a", () => console.error("${lines}"));
      test("b", () => { throw new Error("no"); });`,
    });
    assertEquals([code, last], [1, "1 passed, 1 failed, 0 skipped"], output);
  },
);

test(
  "files of which one does not load, and many of which all pass",
  LIMIT,
  async (t) => {
    const many = Array.from(
      { length: 40 },
      (_, i) => [`${i}.test.ts`, `test("${i}", () => {});`],
    );
    const { code, output, last } = await runTests(t, {
      ...Object.fromEntries(many),
      "z.test.ts": `import "./missing.ts";`,
    });
    assertEquals(code, 1, output);
    assertMatch(output, /z\.test\.ts exited with/);
    // Those that share a process with it may be lost.
    assertMatch(last ?? "", /^(2[4-9]|3\d|40) passed, 1 failed, 0 skipped$/);
  },
);

test("a crash in the middle is a failure", LIMIT, async (t) => {
  const { code, output, last } = await runTests(t, {
    "a.test.ts": `import process from "node:process";
      test("a", () => {});
      test("b", () => process.kill(process.pid, "SIGKILL"));`,
  });
  assertEquals(code, 1, output);
  assertMatch(last ?? "", /^[01] passed, [12] failed, 0 skipped$/);
});

test("a run without a test is a failure", LIMIT, async (t) => {
  const { code, output, last } = await runTests(t, { "a.test.ts": "" });
  assertEquals([code, last], [1, "0 passed, 1 failed, 0 skipped"], output);
});

test(
  "a part of a path picks the files, and must find one",
  LIMIT,
  async (t) => {
    const files = {
      "x/a.test.ts": `test("a", () => {});`,
      "y/b.test.ts": `test("b", () => { throw 1; });`,
    };
    const picked = await runTests(t, files, "--filter", "x/");
    assertEquals([picked.code, picked.last], [
      0,
      "1 passed, 0 failed, 0 skipped",
    ], picked.output);
    const none = await runTests(t, files, "z/");
    assertEquals(
      [none.code, none.last],
      [1, "0 passed, 1 failed, 0 skipped"],
      none.output,
    );
  },
);

test(
  "a file that waits at its top level runs, whatever came before",
  LIMIT,
  async (t) => {
    const { code, output, last } = await runTests(t, {
      "a.test.ts": `test("a", () => {});`,
      "b.test.ts": `
      await new Promise((resolve) => setTimeout(resolve, 3000));
      test("b", () => {});`,
      "c.test.ts": `test("c", () => {});`,
    });
    assertEquals([code, last], [0, "3 passed, 0 failed, 0 skipped"], output);
  },
);

test(
  "files that run together have their own names and places, and one copy of what they share",
  LIMIT,
  async (t) => {
    const body = (name: string) => `
    import { place, shared } from "../place.mjs";
    import process from "node:process";
    import { fileURLToPath } from "node:url";
    function start() {}
    class Same {}
    test("${name}", () => {
      const names = [start.name, Same.name, new Same().constructor.name];
      if (String(names) !== "start,Same,Same") throw new Error(String(names));
      const here = fileURLToPath(import.meta.url).replaceAll("\\\\", "/");
      if (!here.endsWith("/tests/deep/${name}.test.ts")) throw new Error(here);
      if (!place.endsWith("/tests/place.mjs")) throw new Error(place);
      if (shared.add("${name}").size > 2) throw new Error("too many");
    });`;
    const { code, output, last } = await runTests(t, {
      "place.mjs": `export const place = import.meta.url;
      export const shared = new Set();`,
      "deep/a.test.ts": body("a"),
      "deep/b.test.ts": body("b"),
    });
    assertEquals([code, last], [0, "2 passed, 0 failed, 0 skipped"], output);
  },
);

test("a file that does not load takes no other with it on Node", {
  ...LIMIT,
  skip: runtime !== "node" && "elsewhere the runner sees to it",
}, async (t) => {
  const { code, output, last } = await runTests(t, {
    "a.test.ts": `test("a", () => {});`,
    "b.test.ts": `import "./missing.ts";`,
    "c.test.ts": `test("c", () => {});`,
  });
  assertEquals([code, last], [1, "2 passed, 1 failed, 0 skipped"], output);
});

if (runtime !== "bun") {
  test("what is left open is a failure", LIMIT, async (t) => {
    const { code, output, last } = await runTests(t, {
      "0.test.ts": `test("0", () => {});`,
      "a.test.ts": `test("a", () => void setTimeout(() => {}, 60_000));`,
      "b.test.ts": `test("b", () => {});`,
    });
    assertEquals(code, 1, output);
    assertMatch(last ?? "", /^[0123] passed, 1 failed, 0 skipped$/);
    assertMatch(
      output,
      runtime === "deno"
        ? /timer/
        : /Left open by the tests: Timeout, since tests\/a\.test\.ts/,
    );
  });
}
