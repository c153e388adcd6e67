/**
 * Tests of the end of a process: sockets that were not closed do not keep it
 * alive, unless a call waits or a message has still to leave.
 */
import { assertEquals } from "@std/assert";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as zmq from "../../../src/zmq/mod.ts";
import { texts } from "../../support/bytes.ts";
import { FakeListener } from "../../support/fake_peer.ts";
import { eventually, runtime, test, within } from "../../support/harness.ts";
import { nodeProgram } from "../../support/node_flags.ts";

const PROGRAM = fileURLToPath(new URL("./programs/ends.ts", import.meta.url));
const ARGS = {
  deno: ["run", "-A", "--no-check", PROGRAM],
  node: nodeProgram(PROGRAM),
  bun: [PROGRAM],
}[runtime];

/** A running program, what it said, and its end. */
class Program implements AsyncDisposable {
  output = "";
  readonly #child: ChildProcess;
  readonly #closed: Promise<number | null>;

  constructor(way: string, endpoint: string) {
    this.#child = spawn(process.execPath, [...ARGS, way, endpoint], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
    });
    this.#closed = new Promise((resolve) => this.#child.once("close", resolve));
  }

  /** Waits until it has said something. */
  async said(text: string): Promise<void> {
    await eventually(() => this.output.includes(text), 15_000, `"${text}"`);
  }

  /** Waits until it has said `end`, and then for its exit, which must be near. */
  async exits(): Promise<void> {
    await this.said("end\n");
    assertEquals(
      await within(this.#closed, 3000, "the exit of the program"),
      0,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#closed;
  }
}

const options = { timeoutMs: 25_000 };

test("idle sockets keep no process alive", options, async (t) => {
  const program = t.use(new Program("idle", "tcp://127.0.0.1:1"));
  await program.exits();
});

test(
  "subscriptions that wait for a publisher keep no process alive",
  options,
  async (t) => {
    const program = t.use(new Program("subscribed", "tcp://127.0.0.1:1"));
    await program.exits();
  },
);

test("a peer that says nothing keeps no process alive", options, async (t) => {
  const listener = t.use(await FakeListener.listen());
  const program = t.use(new Program("silent", listener.endpoint));
  await program.exits();
});

test(
  "a message that was sent before the end still arrives",
  options,
  async (t) => {
    const pull = t.use(new zmq.Pull());
    await pull.bind("tcp://127.0.0.1:*");
    const program = t.use(new Program("sent", pull.lastEndpoint!));
    assertEquals(texts(await pull.receive()), ["last words"]);
    await program.exits();
  },
);

test(
  "a message to a peer that connects later still arrives",
  options,
  async (t) => {
    const pull = t.use(new zmq.Pull());
    await pull.bind("tcp://127.0.0.1:*");
    const endpoint = pull.lastEndpoint!;
    await pull.unbind(endpoint);
    const program = t.use(new Program("sent", endpoint));
    await program.said("end\n");
    await pull.bind(endpoint);
    assertEquals(texts(await pull.receive()), ["last words"]);
    await program.exits();
  },
);

test(
  "a pending call keeps the process alive until it is settled",
  options,
  async (t) => {
    const push = t.use(new zmq.Push());
    await push.bind("tcp://127.0.0.1:*");
    const program = t.use(new Program("waiting", push.lastEndpoint!));
    await program.said("end\n");
    await push.send("something");
    await program.said("got something\n");
    await program.exits();
  },
);

test(
  "a loop over events keeps the process alive while it waits",
  options,
  async (t) => {
    const push = t.use(new zmq.Push());
    await push.bind("tcp://127.0.0.1:*");
    const endpoint = push.lastEndpoint!;
    await push.unbind(endpoint);
    const program = t.use(new Program("watching", endpoint));
    await program.said("end\n");
    await push.bind(endpoint);
    await program.said("saw handshake\n");
    await program.exits();
  },
);

test(
  "a connection that breaks during a write keeps no process alive",
  options,
  async (t) => {
    const listener = t.use(
      await FakeListener.listen(undefined, { isReading: false }),
    );
    const program = t.use(new Program("broken", listener.endpoint));
    const peer = await listener.accept();
    peer.startReading();
    await peer.shakeHands("PULL");
    await program.said("sent\n");
    peer.reset();
    await program.exits();
  },
);
