// The table of socket types: that its rows are true of the classes, the options
// and of each other, and that nothing below the sockets has a list of its own.
import { assert, assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { filesIn } from "../../scripts/lib/files.ts";
import { importsOf } from "../../scripts/lib/source_text.ts";
import { ALL_TRAITS, isCompatible } from "../../src/zmq/socket_traits.ts";
import * as zmq from "../../src/zmq/mod.ts";
import { test } from "../support/harness.ts";

const NAMES = ALL_TRAITS.map(({ name }) => name);

/** Layers that decide by the traits of a type, not by its name. */
const LOWER_LAYERS = ["engine", "options", "routing", "transport", "zmtp"];

test("each row has the number of its constant, and a class of that type", (t) => {
  for (const { name, number, className } of ALL_TRAITS) {
    assertEquals(zmq[name] as number, number);
    assertEquals(zmq.SOCKET_TYPE_NAMES[number], name);
    const socket = t.use(zmq.createSocket(number));
    assertEquals(socket.type, number);
    assertEquals(socket.constructor.name, className);
  }
});

test("compatibility of types is symmetric", () => {
  for (const { number, peers } of ALL_TRAITS) {
    for (const peer of peers as readonly (typeof NAMES)[number][]) {
      assert(NAMES.includes(peer), peer);
      assert(isCompatible(zmq[peer], zmq.SOCKET_TYPE_NAMES[number]), peer);
    }
  }
});

test("the options of a row exist, and the socket has them", (t) => {
  for (const { number, options } of ALL_TRAITS) {
    const socket = t.use(zmq.createSocket(number));
    for (const option of options) {
      assert(option in zmq.OPTIONS, option);
      socket.getOption(option); // throws if the type does not have it
    }
  }
});

test("a class has the methods that its row promises", (t) => {
  for (const { number, sends, receives } of ALL_TRAITS) {
    const socket = t.use(zmq.createSocket(number));
    assertEquals(["send" in socket, "receive" in socket], [sends, receives]);
  }
});

test("the lower layers have no list of socket types", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const imported = new RegExp(
    `import (?:type )?\\{([^}]*)\\} from "[./]*/(?:socket_)?types\\.ts"`,
    "g",
  );
  const offenders: string[] = [];
  let seen = 0;
  for (const layer of LOWER_LAYERS) {
    for (const file of filesIn(root, `src/zmq/${layer}`, [".ts"])) {
      const source = readFileSync(join(root, file), "utf8");
      seen += importsOf(source).length;
      const types = [...source.matchAll(imported)]
        .flatMap(([, names]) => names!.match(/\w+/g) ?? [])
        .filter((name) => (NAMES as string[]).includes(name));
      if (types.length > 1) offenders.push(`${file}: ${types.join(", ")}`);
    }
  }
  assert(seen > 100, "the files were read");
  assertEquals(offenders, []);
});
