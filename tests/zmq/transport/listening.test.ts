// Listening: an address belongs to one process, and its file to who made it.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { spawn } from "node:child_process";
import { chmod, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as zmq from "../../../src/zmq/mod.ts";
import { platform, runtime, test } from "../../support/harness.ts";
import { once, texts } from "../sockets/pairs.ts";

const unix = platform === "win32" && "Windows has no ipc";
const PROGRAM = fileURLToPath(
  new URL("./programs/cluster_worker.ts", import.meta.url),
);

test(
  "node:cluster: a port is one process's, any free port is another for each",
  {
    skip: runtime !== "node" && "a matter of Node's",
    timeoutMs: 60_000,
  },
  async (t) => {
    const probe = new zmq.Pull();
    await probe.bind("tcp://127.0.0.1:*");
    const tcp = probe.lastEndpoint!;
    await probe.close();
    const ipc = `ipc://${join(await t.tempDir(), "s")}`;
    const addresses = platform === "win32" ? [tcp] : [tcp, ipc];
    const child = spawn(
      process.execPath,
      ["--import", "tsx", PROGRAM, ...addresses],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    t.cleanup(() => child.kill("SIGKILL"));
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text) => output += text);
    await new Promise((resolve) => child.once("close", resolve));
    const [one, two] = JSON.parse(output) as [string[], string[]];
    for (const [i, address] of addresses.entries()) {
      assertEquals([one[i], two[i]].sort(), ["EADDRINUSE", address].sort());
    }
    for (let i = addresses.length; i < one.length; i++) {
      assert(/\d+$/.test(one[i]!) && one[i] !== two[i], `${one} ${two}`);
    }
  },
);

for (const how of ["close", "unbind"] as const) {
  for (const taken of ["removed", "replaced"] as const) {
    test(
      `ipc: ${how} leaves the file of a successor alone, which was ${taken}`,
      {
        skip: unix,
      },
      async (t) => {
        const folder = await t.tempDir();
        const path = join(folder, "s");
        const address = `ipc://${path}`;
        const old = t.use(new zmq.Reply());
        await old.bind(address);
        const successor = t.use(new zmq.Reply());
        if (taken === "removed") {
          await rm(path);
          await successor.bind(address);
        } else {
          const other = join(folder, "t");
          await successor.bind(`ipc://${other}`);
          await rename(other, path);
        }
        const before = await stat(path, { bigint: true });
        await (how === "close" ? old.close() : old.unbind(address));
        const after = await stat(path, { bigint: true });
        assertEquals(after.ino, before.ino);
        const request = t.use(new zmq.Request({ linger: 0 }));
        request.connect(address);
        await request.send("?");
        assertEquals(texts(await successor.receive()), ["?"]);
        await successor.close();
        if (taken === "removed") await assertRejects(() => stat(path));
      },
    );
  }
}

test("ipc: a file that is already gone is not an error", {
  skip: unix,
}, async (t) => {
  const path = join(await t.tempDir(), "s");
  const pull = t.use(new zmq.Pull());
  const errors: unknown[] = [];
  pull.events.on("close:error", ({ error }) => errors.push(error));
  await pull.bind(`ipc://${path}`);
  await rm(path);
  await pull.close();
  assertEquals(errors, []);
});

test(
  "ipc: a file that cannot be removed is reported, and the socket closes all the same",
  {
    skip: unix ||
      (process.getuid?.() === 0 && "root may remove every file"),
  },
  async (t) => {
    const folder = await t.tempDir();
    const address = `ipc://${join(folder, "s")}`;
    const pull = t.use(new zmq.Pull());
    await pull.bind(address);
    await pull.bind("tcp://127.0.0.1:*");
    const tcp = pull.lastEndpoint!;
    await chmod(folder, 0o555);
    t.cleanup(() => chmod(folder, 0o755));
    const failed = once(pull, "close:error");
    const ended = once(pull, "end");
    await pull.close();
    assertEquals(((await failed).error as zmq.ZmqError).code, "EACCES");
    await ended;
    await pull.close(); // again
    await t.use(new zmq.Pull()).bind(tcp);
  },
);

for (const host of ["192.0.2.1", "[2001:db8::1]"]) {
  test(`an address of another machine is EADDRNOTAVAIL: ${host}`, async (t) => {
    const pull = t.use(new zmq.Pull());
    const error = await assertRejects(
      () => pull.bind(`tcp://${host}:5555`),
      zmq.ZmqError,
    );
    assertEquals(error.code, "EADDRNOTAVAIL");
    const push = t.use(new zmq.Push({ linger: 0, reconnectInterval: -1 }));
    const failed = once(push, "close:error");
    push.connect(`tcp://${host}:0;${host}:5555`);
    assertEquals(((await failed).error as zmq.ZmqError).code, "EADDRNOTAVAIL");
  });
}

test("bind:error names the address as zeromq.js does, its error the whole", async (t) => {
  const owner = t.use(new zmq.Pull());
  await owner.bind("tcp://127.0.0.1:*");
  const address = owner.lastEndpoint!;
  const other = t.use(new zmq.Pull());
  const failed = once(other, "bind:error");
  await assertRejects(() => other.bind(address), zmq.ZmqError);
  const event = await failed;
  assertEquals(event.address, address.replace("tcp://", ""));
  const error = event.error as zmq.ZmqError;
  assertEquals([error.code, error.address], ["EADDRINUSE", address]);
});
