/**
 * Verifies the npm package `@agentzero/zeromq`: packs it, installs the tarball
 * under the name `zeromq` beside `agentzero`, and there checks
 *
 * - what it ships,
 * - `require`, `import` and default imports, on Node, Bun and Deno,
 * - that sockets of it and of `agentzero` reach each other by inproc,
 * - that a loader such as Jest's, which knows no ES modules, can load it,
 * - that a library which requires `zeromq` gets it by `overrides`, and
 * - its types, with those of Node and without.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const SHIPPED =
  /^(lib\/.+\.(js|d\.ts)|(index|draft|v5-compat)\.(js|mjs|d\.ts|d\.mts)|package\.json|README\.md|LICENSE)$/;

/** Both copies of the engine in one process. */
const REQUIRE = `
const assert = require("node:assert");
const zmq = require("zeromq");
const draft = require("zeromq/draft");
const v5 = require("zeromq/v5-compat");
(async () => {
  const other = await import("agentzero/zmq");
  assert.equal(typeof draft.Radio, "function");
  assert.equal(typeof v5.socket, "function");
  assert.equal(zmq.context, other.context);
  assert.equal(zmq.__esModule && zmq.default, zmq);
  assert.ok(!Object.keys(zmq).includes("default"));
  for (const [from, to] of [[zmq, other], [other, zmq]]) {
    const push = new from.Push(), pull = new to.Pull();
    await pull.bind("inproc://between");
    push.connect("inproc://between");
    await push.send("over");
    assert.equal(String((await pull.receive())[0]), "over");
    assert.throws(() => push.sendTimeuot = 1, TypeError);
    assert.throws(() => push.setOption("none", 1), (error) => error instanceof other.ZmqError);
    await Promise.all([push.close(), pull.close()]);
  }
  const [server, client] = [zmq.curveKeyPair(), zmq.curveKeyPair()];
  const reply = new zmq.Reply({ curveServer: true, curvePublicKey: server.publicKey, curveSecretKey: server.secretKey });
  await reply.bind("tcp://127.0.0.1:*");
  const request = new other.Request({ curveServerKey: server.publicKey, curvePublicKey: client.publicKey, curveSecretKey: client.secretKey });
  request.connect(reply.lastEndpoint);
  await request.send("secret");
  assert.equal(String((await reply.receive())[0]), "secret");
  request.linger = 0;
  await Promise.all([request.close(), reply.close()]);
})();
`;

const IMPORT = `
import assert from "node:assert";
import zmq, { context, Push } from "zeromq";
import * as all from "zeromq";
import draft, { Radio } from "zeromq/draft";
import v5, { socket } from "zeromq/v5-compat";
assert.equal(zmq.Push, Push);
assert.equal(all.Push, Push);
assert.equal(all.default, zmq);
assert.equal(zmq.context, context);
assert.equal(draft.Radio, Radio);
assert.equal(v5.socket, socket);
`;

/** Loads modules as Jest does: each wrapped in a function, in a context of its own. */
const ISOLATED = `
import { createRequire, isBuiltin } from "node:module";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import vm from "node:vm";
const inside = vm.createContext({
  ...Object.fromEntries(["AbortController", "AbortSignal", "ArrayBuffer", "Buffer", "TextDecoder", "TextEncoder", "URL", "Uint8Array", "WebAssembly",
    "clearInterval", "clearImmediate", "clearTimeout", "console", "crypto", "performance", "process",
    "queueMicrotask", "setImmediate", "setInterval", "setTimeout"].map((name) => [name, globalThis[name]])),
});
const modules = new Map();
function load(file) {
  if (modules.has(file)) return modules.get(file).exports;
  if (file.endsWith(".mjs")) throw new SyntaxError("Must use import to load ES Module: " + file);
  const module = { exports: {} };
  modules.set(file, module);
  const from = createRequire(file);
  const require = (name) => isBuiltin(name) ? from(name) : load(from.resolve(name));
  if (file.endsWith(".json")) module.exports = JSON.parse(readFileSync(file, "utf8"));
  else {
    vm.compileFunction(readFileSync(file, "utf8"), ["module", "exports", "require", "__filename", "__dirname"],
      { filename: file, parsingContext: inside })(module, module.exports, require, file, dirname(file));
  }
  return module.exports;
}
const zmq = load(createRequire(import.meta.url).resolve("zeromq"));
const keys = zmq.curveKeyPair();
const reply = new zmq.Reply({ curveServer: true, curvePublicKey: keys.publicKey, curveSecretKey: keys.secretKey });
await reply.bind("tcp://127.0.0.1:*");
const request = new zmq.Request({ curveServerKey: keys.publicKey, curvePublicKey: keys.publicKey, curveSecretKey: keys.secretKey });
request.connect(reply.lastEndpoint);
await request.send("2 + 2");
await reply.receive();
await reply.send("4");
if (String((await request.receive())[0]) !== "4") throw new Error("another answer");
request.close();
reply.close();
`;

/** A library that knows zeromq alone, and a program that gives it the other. */
const LIBRARY = `
const zmq = require("zeromq");
exports.isOther = "sendMessage" in zmq.Push.prototype;
`;

const TYPES = `
import zmq, { Dealer, type EventSubscriber, type Message, type MessageLike, type Readable, type SocketOptions, type Writable } from "zeromq";
import { Radio } from "zeromq/draft";
class Named extends Dealer {
  constructor(options?: SocketOptions<Dealer>) {
    super(options);
    this.setInt32Option(17, 0);
  }
}
const options: SocketOptions<zmq.Router> = { mandatory: true, sendTimeout: 3, context: zmq.context };
const dealer: Readable & Writable = new Named({ linger: 0, routingId: "me" });
const send: (message: MessageLike) => Promise<void> = (message) => dealer.send(message);
export const router = new zmq.Router(options);
const events: EventSubscriber = router.events;
events.on("bind:error", (event) => console.log(event.error.code));
export const group: Promise<void> = new Radio().send("x", { group: "g" });
export async function receive(): Promise<Message> {
  await send("x");
  for await (const [frame] of dealer) return frame!;
  const [frame] = await dealer.receive();
  return frame!;
}
`;

const BUFFERS = `
import * as zmq from "agentzero/zmq";
import { receive } from "./program.js";
const isEmpty = (frame: Buffer) => frame.readUInt8(0) === 0 && frame.toString("hex") === "";
export async function run(): Promise<boolean> {
  const [own] = await new zmq.Pull().receive();
  return isEmpty(await receive()) && isEmpty(own!);
}
`;

/**
 * @param tools What verify_npm.mjs has: `root`, `tarball` (of agentzero),
 *   `dir` (an empty folder to use), `check`, `succeeds`, `npm`, `pick` and the
 *   `runtimes`.
 */
export function verifyZeromq(tools) {
  const { root, tarball, dir, check, succeeds, npm, pick, runtimes } = tools;
  const pack = (cwd) => {
    const stdio = ["ignore", "pipe", "ignore"];
    const args = ["pack", "--json", "--pack-destination", dir];
    return Object.values(JSON.parse(npm(args, { cwd, stdio })))[0];
  };
  write(dir, {
    "library/package.json": JSON.stringify({
      name: "library",
      version: "1.0.0",
      dependencies: { zeromq: "^6.0.0" },
    }),
    "library/index.js": LIBRARY,
  });
  const { filename, files } = pack(join(root, "npm/zeromq"));
  const unexpected = files.filter(({ path }) => !SHIPPED.test(path));
  for (const { path } of unexpected) console.log(`unexpected: ${path}`);
  check(
    "@agentzero/zeromq ships code, declarations, licence and readme alone",
    () => unexpected.length === 0,
  );
  const zeromq = `file:./${filename}`;
  write(dir, {
    "package.json": JSON.stringify({
      private: true,
      dependencies: {
        zeromq,
        agentzero: `file:${tarball}`,
        library: `file:./${pack(join(dir, "library")).filename}`,
        ...pick(["@types/node", "typescript"]),
      },
      overrides: { zeromq: "$zeromq" },
    }),
    "require.cjs": REQUIRE,
    "import.mjs": IMPORT,
    "library.cjs":
      'if (!require("library").isOther) throw new Error("not the package");',
    "isolated.mjs": ISOLATED,
  });
  const install = ["install", "--no-audit", "--no-fund", "--ignore-scripts"];
  npm([...install, "--loglevel=error"], { cwd: dir, stdio: "inherit" });
  for (const name of ["node", "bun", "deno"]) {
    const { cmd, args } = runtimes[name]();
    const run = name === "deno" ? [...args, "run", "-A", "--no-lock"] : args;
    for (
      const [file, what] of [
        ["require.cjs", "require, beside agentzero/zmq"],
        ["import.mjs", "import, default and names"],
        ["library.cjs", "a library whose zeromq is overridden"],
      ]
    ) {
      check(
        `@agentzero/zeromq as zeromq on ${name}: ${what}`,
        () => succeeds(cmd, [...run, file], { cwd: dir }),
      );
    }
  }
  check(
    "@agentzero/zeromq loads where there are no ES modules",
    () => succeeds("node", ["isolated.mjs"], { cwd: dir }),
  );
  for (const type of ["module", "commonjs"]) {
    const folder = join(dir, `types-${type}`);
    write(folder, {
      "package.json": JSON.stringify({ type }),
      "program.ts": TYPES,
      "buffers.ts": BUFFERS,
    });
    const tsc = (file, ...more) =>
      succeeds("node", [
        join(dir, "node_modules/typescript/bin/tsc"),
        ...["--noEmit", "--strict", "--target", "es2022"],
        ...["--module", "nodenext", "--skipLibCheck", ...more, file],
      ], { cwd: folder });
    check(
      `@agentzero/zeromq compiles in a project of type ${type}`,
      () => tsc("buffers.ts", "--types", "node"),
    );
  }
  check(
    "@agentzero/zeromq compiles without the types of Node",
    () =>
      succeeds("node", [
        join(dir, "node_modules/typescript/bin/tsc"),
        ...["--noEmit", "--strict", "--target", "es2022", "--skipLibCheck"],
        ...["--module", "nodenext", "--types", "", "--lib", "es2022,dom"],
        "program.ts",
      ], { cwd: join(dir, "types-module") }),
  );
}

function write(dir, files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
}
