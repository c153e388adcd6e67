/** Tests of sockets of v5 with those of npm:zeromq's `v5-compat`, in a Node process. */
import { assertEquals } from "@std/assert";
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { zeromqPeer } from "../../support/peers/kinds.ts";
import { test, within } from "../../support/harness.ts";
import { messages, next, socketsOf } from "./sockets.ts";

const PROGRAM = fileURLToPath(new URL("./programs/peer.cjs", import.meta.url));
const options = { skip: zeromqPeer().missing, timeoutMs: 20_000 };

/** The other program. */
class Other implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<unknown>;

  constructor(how: "bind" | "connect", type: string, endpoint = "") {
    this.#child = spawn("node", [PROGRAM, how, type, endpoint], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#closed = new Promise((resolve) => this.#child.once("close", resolve));
    this.#lines = createInterface({ input: this.#child.stdout! })
      [Symbol.asyncIterator]();
  }

  /** What it says next. */
  async said<T>(): Promise<T> {
    const { value } = await within(this.#lines.next(), 10_000, "a line");
    return JSON.parse(value) as T;
  }

  /** The message that it got next. */
  async got(): Promise<string[]> {
    return (await this.said<{ got: string[] }>()).got;
  }

  /** Its endpoint. */
  async endpoint(): Promise<string> {
    return (await this.said<{ endpoint: string }>()).endpoint;
  }

  /** Makes it send. */
  send(...frames: string[]): void {
    this.#child.stdin!.write(JSON.stringify(frames) + "\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#closed;
  }
}

test(
  "a REQ here is answered by a REP there, which is bound",
  options,
  async (t) => {
    const other = t.use(new Other("bind", "rep"));
    const request = socketsOf(t)("req");
    request.connect(await other.endpoint());
    const answers = messages(request, 2);
    request.send(["a", "b"]).send("c");
    assertEquals(await answers, [["echo", "a", "b"], ["echo", "c"]]);
  },
);

test(
  "a REQ there is answered by a REP here, which is bound",
  options,
  async (t) => {
    const reply = socketsOf(t)("rep");
    reply.bindSync("tcp://127.0.0.1:*");
    reply.on("message", (...frames) => setImmediate(() => reply.send(frames)));
    const other = t.use(new Other("connect", "req", reply.last_endpoint));
    await other.endpoint();
    other.send("x", "y");
    assertEquals(await other.got(), ["x", "y"]);
    other.send("z");
    assertEquals(await other.got(), ["z"]);
  },
);

test(
  "a DEALER with an identity and a ROUTER, bound on either side",
  options,
  async (t) => {
    const socket = socketsOf(t);
    const there = t.use(new Other("bind", "router"));
    const dealer = socket("dealer", { identity: "here" });
    dealer.connect(await there.endpoint());
    dealer.send("question");
    assertEquals(await messages(dealer, 1), [["question", "routed"]]);
    assertEquals(await there.got(), ["here", "question"]);

    const router = socket("router");
    router.bindSync("tcp://127.0.0.1:*");
    const other = t.use(new Other("connect", "dealer", router.last_endpoint));
    await other.endpoint();
    other.send("hello");
    const [id, text] = await next(router);
    assertEquals(String(text), "hello");
    router.send([id, "welcome"]);
    assertEquals(await other.got(), ["welcome"]);
  },
);

test(
  "an XPUB here and a SUB there, bound on either side",
  options,
  async (t) => {
    const socket = socketsOf(t);
    for (const how of ["bind", "connect"] as const) {
      const publisher = socket("xpub");
      if (how === "connect") publisher.bindSync("tcp://127.0.0.1:*");
      const other = t.use(new Other(how, "sub", publisher.last_endpoint));
      const subscribed = messages(publisher, 1);
      const endpoint = await other.endpoint();
      if (how === "bind") publisher.connect(endpoint);
      assertEquals((await subscribed).flat(), ["\x01news"]);
      publisher.send(["weather", "rain"]);
      publisher.send(["news", "of today"]);
      assertEquals(await other.got(), ["news", "of today"]);
    }
  },
);
