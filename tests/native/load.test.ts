/** Tests loadNative: where it loads npm:zeromq, and what it says where not. */
import { loadNative, NativeError } from "@agentzero/agentzero/native";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { loadFrom } from "../../src/native/load.ts";
import { refusal } from "../../src/native/runtime.ts";
import { runtime, test } from "../support/harness.ts";

const onlyNode = runtime !== "node" && "npm:zeromq is for Node";
const notOnNode = runtime === "node" && "npm:zeromq works on Node";

/** A package that the runtime looks for, and does not find. */
const missing = "zeromq-that-is-not-installed";

test("loadNative: gives libzmq on Node", { skip: onlyNode }, async () => {
  assertMatch((await loadNative()).version, /^4\.\d+\.\d+$/);
});

test(
  "loadNative: refuses elsewhere, before anything is loaded, and says what was seen",
  {
    skip: notOnNode,
  },
  async () => {
    let isLoaded = false;
    const error = await assertRejects(
      () => loadFrom(() => Promise.resolve(isLoaded = true)),
      NativeError,
      "zeromq 6.8.0",
    );
    assertEquals(error.code, "ERR_NATIVE_UNSUPPORTED");
    assert(!isLoaded);
    assertEquals(
      (await assertRejects(() => loadNative(), NativeError)).message,
      error.message,
    );
  },
);

test("loadNative: with force it loads wherever it can", async () => {
  let isLoaded = false;
  const load = () =>
    Promise.resolve({ version: "9", isLoaded: isLoaded = true });
  if (runtime !== "bun") {
    assertEquals((await loadFrom(load, { force: true })).version, "9");
    assert(isLoaded);
    return;
  }
  // What is needed to look into a promise is missing there, too.
  const error = await assertRejects(
    () => loadFrom(load, { force: true }),
    NativeError,
    "node:vm does not run the microtasks of a context",
  );
  assertEquals([error.code, isLoaded], ["ERR_NATIVE_NOT_LOADED", false]);
});

test("loadNative: says how to install what is missing", {
  skip: onlyNode,
}, async () => {
  const error = await assertRejects(
    () => loadFrom(() => import(missing)),
    NativeError,
    "it is not installed. Run: npm install zeromq@6",
  );
  assertEquals(error.code, "ERR_NATIVE_NOT_INSTALLED");
  assert(error.cause instanceof Error);
});

test("loadNative: a package that cannot be loaded is the cause", {
  skip: onlyNode,
}, async () => {
  const cause = new Error("no binary for this platform");
  const error = await assertRejects(
    () => loadFrom(() => Promise.reject(cause)),
    NativeError,
    "Cannot load npm:zeromq: no binary for this platform",
  );
  assertEquals([error.code, error.cause], ["ERR_NATIVE_NOT_LOADED", cause]);
});

test("refusal: names the runtime and its version, and what to do instead", () => {
  assertEquals(refusal({ name: "Node", version: "20.19.0" }), undefined);
  for (const name of ["Deno", "Bun"] as const) {
    const text = refusal({ name, version: "9.8.7" })!;
    assert(text.startsWith(`Cannot use npm:zeromq on ${name} 9.8.7: `), text);
    assertMatch(text, /omit the option zmq/);
    assertMatch(text, /loadNative\(\{ force: true \}\)/);
  }
});
