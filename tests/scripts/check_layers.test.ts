import { assertEquals } from "@std/assert";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { checkLayers } from "../../scripts/check_layers.ts";
import { test, type TestContext } from "../support/harness.ts";

/** The problems of a project with these files, one line each. */
async function problemsOf(
  t: TestContext,
  files: Record<string, string>,
): Promise<string[]> {
  const root = await t.tempDir();
  for (const [name, source] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), source);
  }
  return checkLayers(root).map((p) => `${p.file}:${p.line}: ${p.message}`);
}

test("imports that go downwards, or stay in their room, pass", async (t) => {
  const problems = await problemsOf(t, {
    "mod.ts": `export * from "./src/manager/mod.ts";`,
    "src/manager/mod.ts":
      `import "../serializers/json.ts"; import "../errors.ts"; import "../zmq/mod.ts";`,
    "src/serializers/json.ts": `import "@msgpack/msgpack"; import "./raw.ts";`,
    "src/serializers/raw.ts": `import "../errors.ts";`,
    "src/errors.ts": `import "./zmq/errors.ts";`,
    "src/zmq/mod.ts": `export * from "./sockets/push.ts";`,
    "src/zmq/sockets/push.ts":
      `import "../engine/context.ts"; import "../routing/pipe.ts";`,
    "src/zmq/engine/context.ts": `import "../transport/tcp.ts";`,
    "src/zmq/routing/pipe.ts": `import "../message.ts";`,
    "src/zmq/transport/tcp.ts": `import "node:net"; import "../errors.ts";`,
    "src/zmq/errors.ts": "",
    "src/zmq/message.ts": `import "./errors.ts";`,
  });
  assertEquals(problems, []);
});

test("an import that goes upwards is refused, a type too", async (t) => {
  const problems = await problemsOf(t, {
    "src/zmq/zmtp/greeting.ts":
      `\nimport type { S } from "../engine/session.ts";`,
    "src/zmq/engine/session.ts": "export interface S {}",
  });
  assertEquals(problems, [
    "src/zmq/zmtp/greeting.ts:2: imports src/zmq/engine/session.ts, which is above it: " +
    "src/zmq/zmtp must not import src/zmq/engine",
  ]);
});

test("zmq does not look outside itself", async (t) => {
  const problems = await problemsOf(t, {
    "src/zmq/errors.ts": `import "../errors.ts"; import "@msgpack/msgpack";`,
    "src/errors.ts": "",
  });
  assertEquals(problems, [
    "src/zmq/errors.ts:1: imports src/errors.ts, which is above it: src/zmq/* must not import src/*",
    'src/zmq/errors.ts:1: imports "@msgpack/msgpack", which only src/serializers may import',
  ]);
});

test("folders of one layer do not import each other", async (t) => {
  const problems = await problemsOf(t, {
    "src/zmq/zmtp/greeting.ts": `import "../routing/pipe.ts";`,
    "src/zmq/routing/pipe.ts": "",
  });
  assertEquals(problems, [
    "src/zmq/zmtp/greeting.ts:1: imports src/zmq/routing/pipe.ts, which is beside it: src/zmq/zmtp must not import src/zmq/routing",
  ]);
});

test("node: modules and packages stay in their rooms", async (t) => {
  const problems = await problemsOf(t, {
    "src/zmq/engine/session.ts": `import net from "node:net";`,
    "src/manager/manager.ts": `import "left-pad";`,
  });
  const withoutRooms = problems.map((problem) =>
    problem.replace(/ only .* may/, " only … may")
  );
  assertEquals(withoutRooms, [
    'src/manager/manager.ts:1: imports "left-pad", which no layer may import',
    'src/zmq/engine/session.ts:1: imports "node:net", which only … may import',
  ]);
});

test("a cycle is refused, wherever it begins", async (t) => {
  const problems = await problemsOf(t, {
    "src/util/a.ts": `import "./b.ts";`,
    "src/util/b.ts": `import "./c.ts";`,
    "src/util/c.ts": `import "./b.ts";`,
  });
  assertEquals(problems, [
    "src/util/b.ts:1: a cycle: src/util/b.ts -> src/util/c.ts -> src/util/b.ts",
  ]);
});

test("a file in no layer, or without its ending, is refused", async (t) => {
  const problems = await problemsOf(t, {
    "src/extra/a.ts": "",
    "src/util/b.ts": `import "./c"; import "../../tests/d.ts";`,
  });
  assertEquals(problems, [
    "src/extra/a.ts:1: the file belongs to no layer",
    'src/util/b.ts:1: "src/util/c" does not end in .ts',
    "src/util/b.ts:1: imports tests/d.ts, which is in no layer",
  ]);
});
