// A transport is one file: here it is mem://, which the engine has never seen.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { chunkOf, CHUNKS_WITH_EFFECTS } from "../../../scripts/lib/chunks.mjs";
import { filesIn } from "../../../scripts/lib/files.ts";
import { importsOf } from "../../../scripts/lib/source_text.ts";
import * as zmq from "../../../src/zmq/mod.ts";
import {
  findTransport,
  registerTransport,
  transportNames,
} from "../../../src/zmq/transport/registry.ts";
import { test } from "../../support/harness.ts";
import { memTransport } from "../../support/mem_transport.ts";

/** Has `mem://` for as long as the test takes. */
async function withMem(run: () => Promise<void>): Promise<void> {
  const remove = registerTransport(memTransport());
  try {
    await run();
  } finally {
    remove();
  }
}

const root = fileURLToPath(new URL("../../..", import.meta.url));
const server = zmq.curveKeyPair();
const client = zmq.curveKeyPair();

/** The options of who binds, and of who connects. */
const SECURITY = {
  NULL: [{}, {}],
  CURVE: [
    { curveServer: true, curveSecretKey: server.secretKey },
    {
      curveServerKey: server.publicKey,
      curvePublicKey: client.publicKey,
      curveSecretKey: client.secretKey,
    },
  ],
} as const;

for (const [mechanism, [bound, connected]] of Object.entries(SECURITY)) {
  test(`REQ and REP work over a custom transport, with ${mechanism}`, (t) =>
    withMem(async () => {
      const reply = t.use(new zmq.Reply(bound));
      const request = t.use(new zmq.Request(connected));
      await reply.bind("mem://*");
      request.connect(reply.lastEndpoint!);
      assertMechanism(request, mechanism);
      for (const text of ["hello", "x".repeat(200_000), ""]) {
        await request.send(text);
        const [question] = await reply.receive();
        await reply.send([question!, "!"]);
        const answer = await request.receive();
        assertEquals(answer.map(String), [text, "!"]);
      }
    }));

  test(`XPUB and SUB work over a custom transport, with ${mechanism}`, (t) =>
    withMem(async () => {
      const publisher = t.use(new zmq.XPublisher(bound));
      const subscriber = t.use(new zmq.Subscriber(connected));
      subscriber.subscribe("news");
      subscriber.connect("mem://feed"); // before anybody is there
      await publisher.bind("mem://feed");
      assertEquals(String(await publisher.receive()), "\x01news");
      await publisher.send(["weather", "rain"]);
      await publisher.send(["news", "all is well"]);
      const message = await subscriber.receive();
      assertEquals(message.map(String), ["news", "all is well"]);
    }));
}

function assertMechanism(socket: zmq.Socket, mechanism: string): void {
  const expected = mechanism === "NULL" ? null : mechanism.toLowerCase();
  assertEquals(socket.securityMechanism, expected);
}

test("PUSH waits for a PULL that does not read, over a custom transport", (t) =>
  withMem(async () => {
    const pull = t.use(new zmq.Pull({ receiveHighWaterMark: 1 }));
    const push = t.use(new zmq.Push({ sendHighWaterMark: 1, linger: 0 }));
    await pull.bind("mem://slow");
    push.connect("mem://slow");
    const body = new Uint8Array(100_000);
    let sent = 0;
    while (
      push.trySend(body) || await push.poll(zmq.POLLOUT, { timeout: 50 })
    ) {
      sent++;
      assert(sent < 1000, "nothing holds the sender back");
    }
    const [first] = await pull.receive();
    assertEquals(first!.byteLength, body.byteLength);
    assertEquals(await push.poll(zmq.POLLOUT), zmq.POLLOUT);
  }));

test("addresses of a registered transport have the same errors as others", (t) =>
  withMem(async () => {
    const [one, two] = [t.use(new zmq.Pair()), t.use(new zmq.Pair())];
    await one.bind("mem://taken");
    const codes = [
      await assertRejects(() => two.bind("mem://taken"), zmq.ZmqError),
      await assertRejects(() => two.bind("mem://"), zmq.ZmqError),
      assertThrows(() => two.connect("mem://"), zmq.ZmqError),
      await assertRejects(() => two.unbind("mem://other"), zmq.ZmqError),
    ].map(({ code }) => code);
    assertEquals(codes, ["EADDRINUSE", "EINVAL", "EINVAL", "ENOENT"]);
    await one.unbind("mem://taken");
    await two.bind("mem://taken");
  }));

test("an address of an unknown transport is refused with the names of the known ones", async (t) => {
  const pair = t.use(new zmq.Pair());
  const message = (names: string) =>
    `Unsupported transport "pgm" in "pgm://x": expected ${names}`;
  const attempt = async () => {
    const errors = [
      await assertRejects(() => pair.bind("pgm://x"), zmq.ZmqError),
      assertThrows(() => pair.connect("pgm://x"), zmq.ZmqError),
    ];
    for (const { code } of errors) assertEquals(code, "EPROTONOSUPPORT");
    return errors.map((error) => error.message);
  };
  const plain = message("tcp, ipc, ws, wss, udp or inproc");
  assertEquals(await attempt(), [plain, plain]);
  await withMem(async () => {
    const more = message("tcp, ipc, ws, wss, udp, mem or inproc");
    assertEquals(await attempt(), [more, more]);
  });
});

test("a name has one transport, until that is removed", () => {
  const before = transportNames();
  assertEquals(before, ["tcp", "ipc", "ws", "wss", "udp"]);
  const transport = memTransport();
  const remove = registerTransport(transport);
  assertEquals(findTransport("mem"), transport);
  const twice = () => registerTransport(memTransport());
  assertThrows(twice, TypeError, `There is a transport "mem" already`);
  remove();
  assertEquals(transportNames(), before);
});

test("capability says what the registered transports can do here", () => {
  assertEquals(zmq.capability.ipc, findTransport("ipc")!.isAvailable);
  const { pgm, tipc, norm } = zmq.capability;
  assertEquals([pgm, tipc, norm], [false, false, false]);
});

test("without transport/register_transports.ts, sockets need no part of the runtime's network", () => {
  const core = reachedFrom("src/zmq/sockets/create.ts");
  const whole = reachedFrom("src/zmq/mod.ts");
  for (const name of ["node:net", "node:dns/promises"]) {
    assert(whole.has(name), `${name}: the walk finds what is there`);
    assert(!core.has(name), `sockets/create.ts reaches ${name}`);
  }
});

test("bundlers keep modules with side effects, and the modules that import them", () => {
  let count = 0;
  for (const file of filesIn(root, "src", [".ts"])) {
    const text = readFileSync(join(root, file), "utf8");
    for (const [, to] of text.matchAll(/^import "(\.[^"]+)";/gm)) {
      const target = posix.join(posix.dirname(file), to!);
      assert(isKept(target), `${target} is not in sideEffects`);
      // What is in no chunk is in an entry point.
      assert(chunkOf(file) === undefined || isKept(file), file);
      count++;
    }
  }
  assert(count > 0);
});

function isKept(file: string): boolean {
  return CHUNKS_WITH_EFFECTS.includes(chunkOf(file) ?? "");
}

/** All that a file imports, directly or not. */
function reachedFrom(first: string): Set<string> {
  const reached = new Set([first]);
  for (const file of reached) {
    if (!file.startsWith("src/")) continue;
    const source = readFileSync(join(root, file), "utf8");
    for (const { specifier } of importsOf(source)) {
      reached.add(
        specifier.startsWith(".")
          ? posix.join(posix.dirname(file), specifier)
          : specifier,
      );
    }
  }
  return reached;
}
