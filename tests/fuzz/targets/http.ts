/**
 * Test support. Fuzzes the dashboard's HTTP: without a token a client learns
 * and changes nothing, with one it gets an answer of a bounded size, and none gets
 * a 500.
 *
 * @module
 */
import { dashboard as realDashboard } from "../../../src/pipeline/http/dashboard.ts";
import { TestCoordinator } from "../../pipeline/coordinator/fixture.ts";
import { mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import { demand, type Input, type Target, type Undo } from "../target.ts";
import { Writer } from "../writer.ts";

const TOKEN = "a-token-that-is-long-enough";
/** More than any page of it has. */
const ANSWER_BYTES = 1 << 20;
const STATUSES = new Set([200, 303, 304, 400, 401, 403, 404, 405, 409, 429]);

const METHODS = [
  "GET",
  "GET",
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
];
const PATHS = [
  ...["", "healthz", "metrics", "events", "api/overview", "api/flows"],
  ...["api/jobs", "api/jobs/j1", "api/jobs/j1/retry", "api/jobs/j1/cancel"],
  ...["api/flows/j1", "api/pause", "api/resume", "api/workers/w1/drain"],
  ...["api/schedules/s/remove", "assets/main.js", "api/", "api/nothing"],
  ...["api/jobs/%2e%2e%2f", "api/jobs/%F0", "api/jobs/__proto__", "//x"],
];
const QUERIES = [
  ...["", "limit=10", "limit=-1", "limit=1e9", "before=j1", "states=dead"],
  ...["states=waiting&states=x", "name=a", "job_type=a", "job_type=", "last=5"],
  ...[
    "last=1e9",
    "topic=job:",
    "token=wrong",
    `token=${TOKEN}`,
    "%",
    "a=%F0%9F",
  ],
];
const HEADERS = [
  ...["host: 127.0.0.1", "host: evil.example", "origin: http://evil.example"],
  ...["sec-fetch-site: cross-site", "sec-fetch-site: same-origin"],
  ...[
    "authorization: Bearer wrong",
    "authorization: Basic eA==",
    "cookie: a=b",
  ],
  ...["if-none-match: x", "last-event-id: 5", "last-event-id: x", "x: y"],
  ...["content-length: 5", "accept: text/html", "x-forwarded-host: a"],
];

/** Makes a handler. */
export type Maker = typeof realDashboard;

/**
 * Makes the target.
 *
 * @param make Another one shows what the judge catches.
 */
export function httpTarget(
  share: number,
  make: Maker = realDashboard,
): Target {
  const writer = new Writer();
  let site: Site | undefined;
  return {
    name: "http",
    share,
    open(): Undo {
      const opened = site = new Site(make);
      return () => opened.close();
    },
    /** Lines: the method, the address, headers. */
    generate(random: Random): Input {
      writer.clear();
      const query = random.oneIn(2) ? "" : `?${random.pick(QUERIES)}`;
      const lines = [
        random.pick(METHODS),
        `http://127.0.0.1:7080/${random.pick(PATHS)}${query}`,
      ];
      if (!random.oneIn(3)) lines.push(`authorization: Bearer ${TOKEN}`);
      for (let n = random.below(3); n > 0; n--) {
        lines.push(random.pick(HEADERS));
      }
      writer.text(lines.join("\n"));
      for (let n = random.below(3); n > 0; n--) mutate(writer, random);
      return { setup: {}, bytes: writer.written, cuts: [] };
    },
    async run({ bytes }: Input): Promise<string> {
      const request = requestOf(bytes);
      return request === undefined ? "no request" : await site!.ask(request);
    },
  };
}

/** A request; nothing where HTTP has none of that kind, and no handler is asked. */
function requestOf(bytes: Uint8Array): Request | undefined {
  const text = Array.from(
    bytes.subarray(0, 4000),
    (byte) => String.fromCharCode(byte),
  ).join("");
  const [method = "", url = "", ...lines] = text.split("\n");
  try {
    const headers = lines.flatMap((line): [string, string][] => {
      const at = line.indexOf(":");
      return at < 0
        ? []
        : [[line.slice(0, at).trim(), line.slice(at + 1).trim()]];
    });
    return new Request(url, { method, headers });
  } catch { // a TypeError, on Bun an Error
    return undefined;
  }
}

/** A dashboard of a pipeline in which something has happened. */
class Site {
  readonly #tested = new TestCoordinator();
  readonly #errors: Error[] = [];
  readonly #handler: ReturnType<Maker>;
  readonly #ready = this.#begin();

  constructor(make: Maker) {
    this.#handler = make({
      name: "fuzzed",
      flows: new Map(),
      operations: this.#tested.operations,
      addresses: undefined,
      watch: () => () => {},
    }, { token: TOKEN, onError: (error) => this.#errors.push(error) });
  }

  /** Asks, and judges the answer. */
  async ask(request: Request): Promise<string> {
    await this.#ready;
    const { headers: asked } = request;
    const isKnown = asked.get("authorization")?.includes(TOKEN) ?? false;
    const before = await this.#state();
    const answer = await this.#handler(request);
    const { status, headers } = answer;
    const [error] = this.#errors.splice(0);
    if (error !== undefined) throw error;
    demand(STATUSES.has(status), `the status is ${status}`);
    if (headers.get("content-type") === "text/event-stream") {
      await answer.body?.cancel();
      demand(isKnown, "events for a stranger");
      return "events";
    }
    const { byteLength } = await answer.arrayBuffer();
    demand(byteLength <= ANSWER_BYTES, `an answer has ${byteLength} bytes`);
    if (!isKnown && !isOpen(new URL(request.url), status)) {
      demand(status >= 300, `a stranger gets ${status}`);
      demand(
        await this.#state() === before,
        "a stranger has changed something",
      );
    }
    return String(status);
  }

  async close(): Promise<void> {
    await this.#ready;
    await this.#handler.close();
    await this.#tested.stop();
  }

  async #begin(): Promise<void> {
    const tested = await this.#tested.start();
    tested.join("w1", { jobType: "b", credit: 5 });
    for (const id of ["j1", "j2", "j3"]) {
      await tested.operations.submit({ name: "chain", payload: "1", id });
    }
    await tested.takeSent();
  }

  async #state(): Promise<string> {
    return JSON.stringify(await this.#tested.operations.stats());
  }
}

/** What everybody may see: the health, the files of the page, the form for the token. */
function isOpen({ pathname, searchParams }: URL, status: number): boolean {
  return /^\/(healthz|assets\/.*)$/.test(pathname) ||
    (status === 303 && searchParams.get("token") === TOKEN);
}
