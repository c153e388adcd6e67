/**
 * The example `guide/majordomo`: the scene, the frames of RFC 7 on the wire, the
 * rules of broker and worker, and peers in Python.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { zmq } from "@agentzero/agentzero";
import { GaveUpError } from "../../../examples/guide/lazy_pirate/pirate_client.ts";
import { MajordomoBroker } from "../../../examples/guide/majordomo/broker.ts";
import { MajordomoClient } from "../../../examples/guide/majordomo/client.ts";
import {
  MajordomoWorker,
  type WorkerFunction,
  type WorkerOptions,
} from "../../../examples/guide/majordomo/worker.ts";
import {
  deferred,
  platform,
  test,
  type TestContext,
} from "../../support/harness.ts";
import { pyzmqPeer } from "../../support/peers/kinds.ts";
import { playScene, SCENE } from "./scene.ts";

test("majordomo: the scene", SCENE, async (t) => {
  const lines = await playScene(t, "majordomo");
  assertEquals(
    lines.at(-1),
    "101 requests, 101 correct replies, 1 worker killed, 1 broker replaced",
  );
  const retried = "  broker: its request goes to another worker";
  assertEquals(lines.filter((line) => line === retried).length, 1);
});

test("majordomo: the frames between worker and broker are those of RFC 7", async (t) => {
  const { address } = await startBroker(t);
  const worker = await rawWorker(t, address, "echo");
  const client = t.use(new zmq.Dealer({ routingId: "me" }));
  client.connect(address);
  await client.send(["", "MDPC01", "echo", "one", "two"]);
  assertEquals(
    await nextBut(worker, "\x04"),
    ["", "MDPW01", "\x02", "me", "", "one", "two"],
  );
  await worker.send(["", "MDPW01", "\x03", "me", "", "1", "2"]);
  assertEquals(texts(await client.receive()), [
    "",
    "MDPC01",
    "echo",
    "1",
    "2",
  ]);
});

test("majordomo: a worker that breaks the rules is disconnected", async (t) => {
  const { address } = await startBroker(t);
  const offences = {
    "a second READY": [["\x01", "echo"], ["\x01", "echo"]],
    "READY for what belongs to the broker": [["\x01", "mmi.service"]],
    "a HEARTBEAT before READY": [["\x04"]],
    "an unsolicited REPLY": [["\x01", "echo"], [
      "\x03",
      "me",
      "",
      "x",
    ]],
    "a REQUEST": [["\x01", "echo"], ["\x02", "me", "", "x"]],
  };
  for (const [offence, commands] of Object.entries(offences)) {
    const worker = t.use(new zmq.Dealer({ linger: 0 }));
    worker.connect(address);
    for (const command of commands) {
      await worker.send(["", "MDPW01", ...command]);
    }
    assertEquals(
      await nextBut(worker, "\x04"),
      ["", "MDPW01", "\x05"],
      offence,
    );
  }
});

test("majordomo: a malformed message disconnects its worker, and no other", async (t) => {
  const { address, line } = await startBroker(t);
  const worker = await rawWorker(t, address, "echo");
  await line("worker registered for echo, now 1");
  await worker.send(["", "MDPW01", "\x03", "no delimiter"]);
  await line("worker lost for echo, now 0");
  const client = t.use(new MajordomoClient(address));
  assertEquals(await client.hasService("echo"), false);
});

test("majordomo: the request of a worker that falls silent goes to another", async (t) => {
  const { address, line } = await startBroker(t, 50);
  const silent = await rawWorker(t, address, "echo");
  const client = t.use(new MajordomoClient(address, { timeoutMs: 9000 }));
  const reply = client.request("echo", ["x"]);
  await nextBut(silent, "\x04");
  runWorker(t, address, "echo", (body) => body, { heartbeatMs: 50 });
  assertEquals(texts(await reply), ["x"]);
  await line("its request goes to another worker");
});

test("majordomo: a request that costs three workers their place is given up", async (t) => {
  const { address, line } = await startBroker(t);
  const client = t.use(new MajordomoClient(address, { timeoutMs: 9000 }));
  const stop = new AbortController();
  const unanswered = assertRejects(
    () => client.request("echo", ["poison"], stop.signal),
    Error,
    "enough",
  );
  const errors: string[] = [];
  runWorker(t, address, "echo", ([text]) => {
    if (String(text) === "poison") throw new Error("I died of it");
    return ["alive"];
  }, { onError: (error) => void errors.push(String(error)) });
  await line("request for echo abandoned");
  assertEquals(errors, Array(3).fill("Error: I died of it"));

  stop.abort(new Error("enough"));
  await unanswered;
  assertEquals(texts(await client.request("echo", ["food"])), ["alive"]);
});

test("majordomo: requests of many clients are each answered once", async (t) => {
  const { address } = await startBroker(t);
  for (const _ of [1, 2, 3]) {
    runWorker(t, address, "double", ([n]) => [2 * Number(String(n))]);
  }
  const served = await Promise.all(Array.from({ length: 20 }, async (_, i) => {
    const client = t.use(new MajordomoClient(address, { timeoutMs: 9000 }));
    const replies: string[][] = [];
    for (let k = 0; k < 10; k++) {
      replies.push(texts(await client.request("double", [i * 10 + k])));
    }
    return replies;
  }));
  assertEquals(
    served.flat(),
    Array.from({ length: 200 }, (_, n) => [String(2 * n)]),
  );
});

test("majordomo: what the broker knows of services (RFC 8)", async (t) => {
  const { address, line } = await startBroker(t);
  await rawWorker(t, address, "echo");
  await line("worker registered for echo, now 1");
  const client = t.use(new MajordomoClient(address));
  const ask = async (service: string, name: string) =>
    texts(await client.request(service, [name]));
  assertEquals(await ask("mmi.service", "echo"), ["200"]);
  assertEquals(await ask("mmi.service", "none"), ["404"]);
  assertEquals(await ask("mmi.unheard-of", "echo"), ["501"]);
});

test("majordomo: a request for a service that never comes expires", async (t) => {
  const { address, line } = await startBroker(t, 20, 1);
  const client = t.use(
    new MajordomoClient(address, { timeoutMs: 200, tries: 1 }),
  );
  await assertRejects(() => client.request("late", ["old"]), GaveUpError);
  const served = new Set<string>();
  runWorker(t, address, "late", ([text]) => {
    served.add(String(text));
    return ["done"];
  }, { heartbeatMs: 20 });
  await line("worker registered for late, now 1");
  const other = t.use(new MajordomoClient(address, { timeoutMs: 9000 }));
  await other.request("late", ["new"]);
  assertEquals([...served], ["new"]);
});

test("majordomo: a worker comes again when its broker is silent, or sends it away", async (t) => {
  const router = t.use(new zmq.Router({ linger: 0 }));
  await router.bind("tcp://127.0.0.1:*");
  const address = router.lastEndpoint!;
  runWorker(t, address, "echo", (body) => body, { heartbeatMs: 50 });
  const ids = new Set<string>();
  for (const how of ["silent", "silent", "sends away", "ends"]) {
    let [id, ...frames] = await router.receive();
    // It may have sent heartbeats, and a DISCONNECT, in its last conversation.
    while (ids.has(hex(id!))) [id, ...frames] = await router.receive();
    assertEquals(texts(frames), ["", "MDPW01", "\x01", "echo"], how);
    ids.add(hex(id!));
    if (how === "sends away") await router.send([id!, "", "MDPW01", "\x05"]);
  }
});

test("majordomo: a stopping worker answers first, and disconnects", async (t) => {
  const { address, line } = await startBroker(t);
  const atWork = deferred();
  const goOn = deferred();
  const stop = new AbortController();
  const worker = new MajordomoWorker(address, "slow", async () => {
    atWork.resolve();
    await goOn.promise;
    return ["done"];
  });
  const ended = worker.run(stop.signal);
  const client = t.use(new MajordomoClient(address, { timeoutMs: 9000 }));
  const reply = client.request("slow", ["x"]);
  await atWork.promise;
  stop.abort();
  goOn.resolve();
  assertEquals(texts(await reply), ["done"]);
  await ended;
  await line("worker lost for slow, now 0");
});

const { command, missing } = pyzmqPeer();
const python = { skip: missing, timeoutMs: 30_000 };

test("majordomo: a worker in Python serves our broker", python, async (t) => {
  const { broker, address } = await startBroker(t, 100);
  const worker = startPython(t, ["worker", address, "reverse"]);
  const client = t.use(new MajordomoClient(address, { timeoutMs: 20_000 }));
  for (let i = 0; i < 20; i++) {
    const reply = await client.request("reverse", ["abc", `${i}-`]);
    assertEquals(texts(reply), ["cba", [...`${i}-`].reverse().join("")]);
  }
  await broker.close();
  assertEquals(await worker, "disconnected\n");
});

test(
  "majordomo: the request of a worker in Python that is killed goes to another",
  {
    ...python,
    skip: missing ||
      (platform === "win32" && "Windows cannot freeze a process"),
  },
  async (t) => {
    const { address, line } = await startBroker(t, 100);
    const worker = startPython(t, ["worker", address, "reverse"]);
    await line("worker registered for reverse, now 1");
    process.kill(worker.child.pid!, "SIGSTOP"); // there, and silent
    const client = t.use(new MajordomoClient(address, { timeoutMs: 20_000 }));
    const reply = client.request("reverse", ["abc"]);
    worker.child.kill("SIGKILL");
    await line("worker lost for reverse, now 0");
    startPython(t, ["worker", address, "reverse"]);
    assertEquals(texts(await reply), ["cba"]);
  },
);

test("majordomo: a client in Python asks our worker", python, async (t) => {
  const { address } = await startBroker(t);
  runWorker(
    t,
    address,
    "upper",
    (body) => texts(body).map((text) => text.toUpperCase()),
  );
  const output = await startPython(t, ["client", address, "upper", "a", "bc"]);
  assertEquals(output, "A BC\n");
});

interface Started {
  readonly broker: MajordomoBroker;
  readonly address: string;
  /** Waits until the broker has logged a line. */
  readonly line: (text: string) => Promise<void>;
}

async function startBroker(
  t: TestContext,
  heartbeatMs = 1000,
  requestMs = 60_000,
): Promise<Started> {
  const lines: string[] = [];
  let look = () => {};
  const log = (line: string) => {
    lines.push(line);
    look();
  };
  const broker = t.use(new MajordomoBroker({ heartbeatMs, requestMs, log }));
  const address = await broker.bind("tcp://127.0.0.1:*");
  const line = (text: string) =>
    new Promise<void>((resolve) => {
      look = () => lines.includes(text) && resolve();
      look();
    });
  return { broker, address, line };
}

function runWorker(
  t: TestContext,
  address: string,
  service: string,
  work: WorkerFunction,
  options?: WorkerOptions,
): void {
  const stop = new AbortController();
  const ended = new MajordomoWorker(address, service, work, options)
    .run(stop.signal);
  t.cleanup(async () => {
    stop.abort();
    await ended;
  });
}

/** A worker that does only what the test does. */
async function rawWorker(
  t: TestContext,
  address: string,
  service: string,
): Promise<zmq.Dealer> {
  const worker = t.use(new zmq.Dealer({ linger: 0 }));
  worker.connect(address);
  await worker.send(["", "MDPW01", "\x01", service]);
  return worker;
}

/** The next message that is not of a certain command. */
async function nextBut(socket: zmq.Dealer, command: string): Promise<string[]> {
  while (true) {
    const message = texts(await socket.receive());
    if (message[2] !== command) return message;
  }
}

/** Runs the peer in Python; resolves to what it has printed when it ends. */
function startPython(
  t: TestContext,
  args: readonly string[],
): Promise<string> & { readonly child: ChildProcess } {
  const script = fileURLToPath(new URL("./mdp_peer.py", import.meta.url));
  const child = spawn(command, [script, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin!.on("error", () => {}); // reported by "close"
  let output = "";
  child.stdout!.setEncoding("utf8").on("data", (text) => void (output += text));
  const ended = new Promise<string>((resolve) =>
    child.on("close", () => resolve(output))
  );
  t.cleanup(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return Object.assign(ended, { child });
}

function texts(frames: readonly zmq.MessageLike[]): string[] {
  return frames.map(String);
}

function hex(id: Uint8Array): string {
  assert(id.byteLength > 0);
  return [...id].join();
}
