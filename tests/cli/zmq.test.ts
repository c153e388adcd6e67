/** The commands about ZeroMQ: send, recv, proxy, with and without keys. */
import { assertEquals, assertMatch } from "@std/assert";
import { zmq } from "@agentzero/agentzero";
import { spawnSync } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  platform,
  test,
  type TestContext,
  within,
} from "../support/harness.ts";
import { inTerminal, LIMIT, noTerminal, Program, run } from "./program.ts";

const ANY = "tcp://127.0.0.1:*";

/** A `recv` that listens, and where. */
async function receiver(
  t: TestContext,
  ...args: string[]
): Promise<{ recv: Program; address: string }> {
  const recv = new Program(t, ["recv", ...args, "--bind", ANY]);
  const [, address] = await recv.sees(/^bound to (\S+)$/m, "err");
  return { recv, address: address! };
}

test(
  "send push: frames, or lines of stdin; recv pull prints them",
  LIMIT,
  async (t) => {
    const { recv, address } = await receiver(t, "pull", "--count=3");
    const to = ["send", "push", "--connect", address];
    assertEquals(await run(t, [...to, "a\tb", "\x1b[31m"]), {
      code: 0,
      out: "",
      err: "",
    });
    const lines = await run(t, [...to, "-"], { stdin: "one\ntwo\n" });
    assertEquals(lines.code, 0);
    const { code, out } = await recv.ended;
    assertEquals([code, out], [0, "a\\tb\t\\x1b[31m\none\ntwo\n"]);
  },
);

test("formats: send accepts what recv prints", LIMIT, async (t) => {
  const pull = t.use(new zmq.Pull());
  await pull.bind(ANY);
  const bytes = Uint8Array.of(0, 0xff);
  for (
    const [format, frames, line] of [
      ["hex", ["00ff", "41"], "00ff 41"],
      ["base64", ["AP8=", "QQ=="], "AP8= QQ=="],
      ["json", ['[{"base64":"AP8="},"A"]'], '[{"base64":"AP8="},"A"]'],
    ] as const
  ) {
    const to = ["--connect", pull.lastEndpoint!, "--format", format];
    const { code, err } = await run(t, ["send", "push", ...to, ...frames]);
    assertEquals([code, err], [0, ""]);
    const message = await within(pull.receive(), 1000, "the message");
    assertEquals(message.map((frame) => [...frame]), [[...bytes], [0x41]]);

    const { recv, address } = await receiver(
      t,
      "pull",
      "--count=1",
      "--format",
      format,
    );
    const push = t.use(new zmq.Push());
    push.connect(address);
    await push.send([bytes, "A"]);
    assertEquals((await recv.ended).out, `${line}\n`);
  }
});

test("recv rep answers, send req prints the answer", LIMIT, async (t) => {
  const rep = await receiver(t, "rep", "--reply", "well", "--count=1");
  const answer = await run(t, [
    "send",
    "req",
    "--connect",
    rep.address,
    "how?",
  ]);
  assertEquals([answer.code, answer.out], [0, "well\n"]);
  assertEquals((await rep.recv.ended).out, "how?\n");

  const router = await receiver(
    t,
    "router",
    "--echo",
    "--format=json",
    "--count=1",
  );
  const dealer = await run(t, [
    ...["send", "dealer", "--connect", router.address],
    ...["x", "y", "--reply", "--json"],
  ]);
  assertEquals(dealer.code, 2); // as JSON a message is one argument
  const to = ["send", "dealer", "--connect", router.address, "--reply"];
  assertEquals((await run(t, [...to, "x", "y"])).out, "x\ty\n");
  const [, ...frames] = JSON.parse((await router.recv.ended).out);
  assertEquals(frames, ["x", "y"]);
});

test("send pub waits for a matching subscriber", LIMIT, async (t) => {
  const { recv, address } = await receiver(
    t,
    ...["sub", "--subscribe", "weather", "--count", "1"],
  );
  const to = ["send", "pub", "--connect", address];
  const [wanted, unwanted] = await Promise.all([
    run(t, [...to, "--topic", "weather", "rain"]),
    run(t, [...to, "--topic", "news", "none", "--timeout", "300ms"]),
  ]);
  assertEquals([wanted.code, wanted.err], [0, ""]);
  assertEquals(unwanted.code, 3);
  assertMatch(unwanted.err, /^agentzero: ERR_CLI_TIMEOUT: No subscriber/);
  assertEquals((await recv.ended).out, "weather\train\n");
});

test(
  "a missing peer is reported, with the reason and exit code 3",
  LIMIT,
  async (t) => {
    const to = ["--connect", "tcp://127.0.0.1:1", "--timeout", "200ms"];
    const sent = await run(t, ["send", "push", ...to, "x"]);
    assertEquals(sent.code, 3);
    assertEquals(
      sent.err,
      "agentzero: ERR_CLI_TIMEOUT: No peer accepted the message within 200ms: connection refused\n",
    );
    const received = await run(t, ["recv", "pull", ...to]);
    assertEquals(received.code, 3);
    assertMatch(
      received.err,
      /ERR_CLI_TIMEOUT: No message arrived within 200ms: conn/,
    );
  },
);

test("an address in use is reported", LIMIT, async (t) => {
  const pull = t.use(new zmq.Pull());
  await pull.bind(ANY);
  const at = pull.lastEndpoint!;
  const { code, err } = await run(t, ["recv", "pull", "--bind", at]);
  assertEquals(code, 1);
  assertMatch(err, /^agentzero: EADDRINUSE: Cannot bind .*in use.*\n$/);
});

test("a reader that has gone ends recv without an error", LIMIT, async (t) => {
  const { recv, address } = await receiver(t, "pull");
  const push = t.use(new zmq.Push({ linger: 0 }));
  push.connect(address);
  await push.send("first");
  await recv.sees(/^first$/m);
  recv.turnAway();
  let isOver = false;
  const ended = recv.ended.then((end) => (isOver = true, end));
  while (!isOver) {
    push.trySend("more");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const { code, err } = await ended;
  assertEquals([code, err.split("\n").length], [0, 2], err);
});

test("recv ends in order at SIGTERM", LIMIT, async (t) => {
  const { recv } = await receiver(t, "pull");
  recv.kill("SIGTERM");
  assertEquals((await recv.ended).code, 0);
});

test("proxy queue, with a capture", LIMIT, async (t) => {
  const proxy = new Program(t, [
    ...["proxy", "queue", "--front", ANY, "--back", ANY, "--capture", ANY],
  ]);
  const [, front, back, capture] = await proxy.sees(
    /^queue is up\n +front +(\S+)\n +back +(\S+)\n +capture +(\S+)\n/,
  );
  const sub = t.use(new zmq.Subscriber());
  sub.subscribe("");
  sub.connect(capture!);
  const reply = t.use(new zmq.Reply());
  const request = t.use(new zmq.Request());
  reply.connect(back!);
  request.connect(front!);
  for (let isReceived = false; !isReceived;) {
    await request.send("question");
    assertEquals(String((await reply.receive())[0]), "question");
    await reply.send("answer");
    assertEquals(String((await request.receive())[0]), "answer");
    isReceived = sub.tryReceive() !== undefined; // a copy, once it has subscribed
  }
  proxy.kill("SIGINT");
  assertEquals((await proxy.ended).code, 0);
  assertMatch(proxy.out, /\nqueue is closed\n$/);
});

test("proxy forwarder and streamer, as JSON", LIMIT, async (t) => {
  for (const device of ["forwarder", "streamer"]) {
    const proxy = new Program(t, [
      ...["proxy", device, "--front", ANY, "--back", ANY, "--json"],
    ]);
    const [line] = await proxy.sees(/.*\n/);
    const { front, back } = JSON.parse(line);
    const [into, from] = device === "forwarder"
      ? [t.use(new zmq.XPublisher()), t.use(new zmq.Subscriber())]
      : [t.use(new zmq.Push()), t.use(new zmq.Pull())];
    if (from instanceof zmq.Subscriber) from.subscribe("");
    from.connect(back);
    into.connect(front);
    if (into instanceof zmq.XPublisher) await into.receive(); // the subscription
    await into.send("through");
    assertEquals(
      String((await within(from.receive(), 5000, "it"))[0]),
      "through",
    );
    proxy.kill("SIGTERM");
    assertEquals((await proxy.ended).code, 0);
  }
});

test(
  "keygen writes a pair that only its owner can read, and never overwrites one",
  LIMIT,
  async (t) => {
    const file = join(await t.tempDir(), "my.key");
    const { code, out, err } = await run(t, ["keygen", "--out", file]);
    assertEquals([code, err], [0, ""]);
    const { publicKey, secretKey } = JSON.parse(await readFile(file, "utf8"));
    assertEquals(zmq.curvePublicKey(secretKey), publicKey);
    assertEquals(out, `${publicKey}\n`);
    assertEquals(await readFile(`${file}.pub`, "utf8"), out);
    if (platform !== "win32") {
      assertEquals(
        (await stat(file)).mode & 0o777,
        0o600,
      );
    }

    const again = await run(t, ["keygen", "--out", file]);
    assertEquals([again.code, again.out], [1, ""]);
    assertMatch(
      again.err,
      /^agentzero: ERR_CLI_FILE: .*it already exists\n$/,
    );

    const piped = await run(t, ["keygen", "--json"]);
    const pair = JSON.parse(piped.out);
    assertEquals(zmq.curvePublicKey(pair.secretKey), pair.publicKey);
  },
);

test("keygen --format zpl writes certificates", LIMIT, async (t) => {
  const file = join(await t.tempDir(), "my.cert");
  const { out } = await run(t, ["keygen", "--format", "zpl", "--out", file]);
  const { publicKey, secretKey } = await zmq.readCertificate(`${file}_secret`);
  assertEquals(zmq.curvePublicKey(secretKey!), publicKey);
  assertEquals(out, `${publicKey}\n`);
  assertEquals(await zmq.readCertificate(file), { publicKey });

  const piped = await run(t, ["keygen", "--format", "zpl"]);
  const pair = zmq.parseCertificate(piped.out);
  assertEquals(zmq.curvePublicKey(pair.secretKey!), pair.publicKey);
});

test("keygen prints no secret to a terminal", {
  ...LIMIT,
  skip: noTerminal,
}, () => {
  const keygen = (...args: string[]) => {
    const [command, all] = inTerminal(["keygen", ...args]);
    const end = spawnSync(command, all, { encoding: "utf8" });
    return { code: end.status, text: end.stdout };
  };
  const { code, text } = keygen();
  assertEquals(code, 2, text);
  assertMatch(text, /^agentzero: ERR_CLI_USAGE: The secret key would be shown/);
  assertMatch(keygen("--show-secret").text, /"secretKey": "/);
});

test("with keys, only allowed peers are accepted", LIMIT, async (t) => {
  const dir = await t.tempDir();
  const [server, friend, other] = ["server", "friend", "other"].map((name) =>
    join(dir, name)
  ) as [string, string, string];
  for (const file of [server, friend, other]) {
    assertEquals((await run(t, ["keygen", "--out", file])).code, 0);
  }
  const { recv, address } = await receiver(
    t,
    ...["pull", "--count=1", "--keys", server, "--allow", `${friend}.pub`],
  );
  const to = ["send", "push", "--connect", address];
  const known = ["--server-key", `${server}.pub`];

  const refused = await run(t, [...to, ...known, "--keys", other, "no"]);
  assertEquals(refused.code, 3);
  assertMatch(refused.err, /^agentzero: ERR_ZAP_REFUSED: .*\n$/);
  const clear = await run(t, [...to, "no", "--timeout", "300ms"]);
  assertEquals(clear.code, 3);
  assertMatch(clear.err, /the mechanism "CURVE"/);

  const [key] = (await readFile(`${server}.pub`, "utf8")).split("\n");
  const accepted = await run(t, [...to, "--keys", friend, "yes"], {
    env: { AGENTZERO_SERVER_KEY: key! },
  });
  assertEquals([accepted.code, accepted.err], [0, ""]);
  assertEquals((await recv.ended).out, "yes\n");
});

test(
  "a proxy with keys accepts only peers that know its key",
  LIMIT,
  async (t) => {
    const file = join(await t.tempDir(), "proxy.key");
    await run(t, ["keygen", "--out", file]);
    const proxy = new Program(t, [
      ...["proxy", "streamer", "--front", ANY, "--back", ANY, "--keys", file],
    ]);
    const [, front, back] = await proxy.sees(/front +(\S+)\n +back +(\S+)\n/);
    const known = ["--server-key", `${file}.pub`];
    const recv = new Program(t, [
      "recv",
      "pull",
      "--connect",
      back!,
      ...known,
      "--count=1",
    ]);
    const sent = await run(t, [
      "send",
      "push",
      "--connect",
      front!,
      ...known,
      "hush",
    ]);
    assertEquals([sent.code, sent.err], [0, ""]);
    assertEquals((await recv.ended).out, "hush\n");
  },
);
