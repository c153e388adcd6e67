/**
 * Test support. Attacks on a pipeline, its worker and its watchers. Jobs of
 * the type "double" are those of honest clients; "idle" has no worker.
 *
 * @module
 */
import { bytes, frame, MORE } from "../../support/peers/zmtp_bytes.ts";
import { many, Raider } from "../raider.ts";
import { after, type Attack, type Outcome, type Places } from "./attack.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const decoder = new TextDecoder();

/** The attacks. */
export const PIPELINE_ATTACKS: readonly Attack[] = [
  attack("a topic of 1 MB at the feed", async ({ feed }) => {
    using raider = await Raider.join(feed, "SUB");
    await raider.put(frame(bytes(1, new Uint8Array(MIB).fill(97))));
    return await after(raider);
  }),
  attack("topics at the feed", async ({ feed }) => {
    using raider = await Raider.join(feed, "SUB");
    const topics = Array.from(
      { length: 5000 },
      (_, i) => frame(`\x01job:${i}`),
    );
    await raider.put(...topics);
    return await after(raider);
  }),
  attack("a submission of a million objects", async ({ requests }) => {
    using raider = await Raider.join(requests, "DEALER");
    const id = crypto.randomUUID();
    const list = `[${"{},".repeat(300_000)}{}]`;
    await raider.put(
      request(`{"type":"submit","flow":"idle","id":"${id}","payload":${list}}`),
    );
    // It is accepted, and would wait for ever: `maxQueuedBytes` bounds that.
    await ask(raider, { type: "cancel", id });
    return await after(raider);
  }),
  attack("a submission of millions of numbers", async ({ requests }) => {
    using raider = await Raider.join(requests, "DEALER");
    const id = crypto.randomUUID();
    const list = `[${"1,".repeat(2 * MIB)}1]`;
    await raider.put(
      request(`{"type":"submit","flow":"idle","id":"${id}","payload":${list}}`),
    );
    await ask(raider, { type: "cancel", id });
    return await after(raider, 1500); // until both are answered
  }),
  attack("a submission that is deep", async ({ requests }) => {
    using raider = await Raider.join(requests, "DEALER");
    const list = "[".repeat(100_000) + "]".repeat(100_000);
    await raider.put(
      request(`{"type":"submit","flow":"idle","payload":${list}}`),
    );
    return await after(raider);
  }),
  attack("a submission of 20 MB", async ({ requests }) => {
    using raider = await Raider.join(requests, "DEALER");
    await raider.put(request("x".repeat(20 * MIB)));
    return await after(raider);
  }),
  attack("a result that is deep", async ({ results }) => {
    using raider = await Raider.join(results, "PUSH");
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    await raider.put(
      frame(
        `{"type":"success","worker":"eve","id":"a","attempt":1,"result":${deep}}`,
      ),
    );
    return await after(raider);
  }),
  attack(
    "results of other workers",
    (places) => forgeResults(places, [places.results, "PUSH"]),
  ),
  attack(
    "results of other workers, over the port of requests",
    (places) => forgeResults(places, [places.requests, "DEALER"]),
  ),
  attack("other workers leave", async (places) => {
    using raider = await Raider.join(places.results, "PUSH");
    for (const worker of await workersOf(places)) {
      await raider.say({ type: "leave", worker });
    }
    return await after(raider);
  }),
  attack("orders to a worker", async ({ worker }) => {
    using raider = await Raider.join(worker, "PUSH");
    await raider.say(
      { type: "drain" },
      { type: "cancel", id: "a", attempt: 1 },
      {
        type: "job",
        id: "eve",
        attempt: 1,
        flow_id: "eve",
        job_type: "double",
        payload: 1,
      },
      {
        type: "job",
        id: "eve2",
        attempt: 1,
        flow_id: "eve2",
        job_type: "other",
        payload: 1,
      },
      { type: "hello", v: 1, epoch: "eve" },
      { type: "settled", jobs: [{ id: "a", attempt: 1 }] },
    );
    return await after(raider);
  }),
  attack("workers that are not there", async ({ results }) => {
    using raider = await Raider.join(results, "PUSH");
    for (let i = 0; i < 200; i++) await raider.say(ghost(i, `type-${i}`));
    return await after(raider);
  }),
  attack("unreachable workers of the honest type", async ({ results }) => {
    using raider = await Raider.join(results, "PUSH");
    for (let i = 0; i < 20; i++) await raider.say(ghost(i, "double"));
    return await after(raider);
  }),
  attack("workers at odd addresses", async ({ results }) => {
    using raider = await Raider.join(results, "PUSH");
    const odd = [
      "inproc://x",
      "ipc:///tmp/x",
      "tcp://0.0.0.0:1",
      "",
      "tcp://",
    ];
    for (const [i, address] of odd.entries()) {
      await raider.say({ ...ghost(i, "double"), id: `odd-${i}`, address });
    }
    return await after(raider);
  }),
  attack("messages to results that cannot be read", async ({ results }) => {
    using raider = await Raider.join(results, "PUSH");
    await raider.put(many(frame("rubbish!!"), 20 * KIB));
    return await after(raider);
  }),
  attack("late results", async ({ results }) => {
    using raider = await Raider.join(results, "PUSH");
    const late = {
      type: "success",
      worker: "e",
      id: "x",
      attempt: 99,
      result: 0,
    };
    await raider.put(many(frame(JSON.stringify(late)), 64 * KIB));
    return await after(raider);
  }),
  attack("log records that are none", async ({ events }) => {
    using raider = await Raider.join(events, "PUB");
    const odd = [
      "null",
      "{",
      '{"level":20,"msg":"a","args":5}',
      '{"msg":{},"level":[]}',
      '{"level":20,"msg":"a","job_id":"\\ud800"}',
    ];
    await raider.put(
      ...odd.map((text) => bytes(frame("logs:double:20", MORE), frame(text))),
    );
    await raider.put(
      bytes(frame("logs:double:20", MORE), frame("x".repeat(3 * MIB))),
    );
    return await after(raider);
  }),
  attack("schedules", async ({ requests }) => {
    using raider = await Raider.join(requests, "DEALER");
    for (let i = 0; i < 50; i++) {
      const id = `eve-${i}`;
      await ask(raider, {
        type: "schedule",
        id,
        flow: "idle",
        cron: "0 0 1 1 *",
      });
      await ask(raider, { type: "unschedule", id });
      await ask(raider, {
        type: "schedule",
        id,
        flow: "idle",
        cron: "x".repeat(10_000),
      });
      await ask(raider, {
        ...{ type: "schedule", id, flow: "idle", cron: "0 0 31 2 *" },
      });
    }
    return await after(raider);
  }),
  attack("a list of 2,000, its status, its end", async ({ requests }) => {
    using raider = await Raider.join(requests, "DEALER");
    const id = crypto.randomUUID();
    const payload = Array.from({ length: 2000 }, (_, i) => i);
    await ask(raider, { type: "submit", flow: "lists", id, payload });
    for (let i = 0; i < 20; i++) {
      await ask(raider, { type: "status", id });
      await ask(raider, { type: "timeline", id });
    }
    await raider.linger(300);
    await ask(raider, { type: "cancel", id });
    return await after(raider);
  }),
  attack("calls that wait", async ({ requests }) => {
    using raider = await Raider.join(requests, "DEALER");
    const id = crypto.randomUUID();
    await ask(raider, { type: "submit", flow: "idle", id, payload: 1 });
    const wait = request(
      JSON.stringify({ type: "result", id, wait_ms: 60_000 }),
    );
    await raider.put(many(wait, 128 * KIB));
    await raider.linger(500);
    await ask(raider, { type: "cancel", id });
    return await after(raider);
  }),
  attack("requests that are none", async ({ requests }) => {
    using raider = await Raider.join(requests, "DEALER");
    const odd = [
      "null",
      "[]",
      "{",
      "1",
      '{"type":"no"}',
      '{"type":5}',
      '{"type":"list","limit":-1}',
    ];
    await raider.put(
      ...odd.map(request),
      frame(""),
      frame("x", MORE),
      frame(""),
    );
    return await after(raider);
  }),
  attack("requests of a peer that does not read", async ({ requests }) => {
    using raider = await Raider.join(requests, "DEALER", { isReading: false });
    await raider.put(many(request('{"type":"stats"}'), 128 * KIB));
    return await after(raider);
  }),
];

function attack(name: string, once: Attack["once"]): Attack {
  return { name, once };
}

/** A request as a DEALER sends it: behind an empty frame, as a REQ does. */
function request(json: string): Uint8Array {
  return bytes(frame("", MORE), frame(json));
}

/** Sends a request; answers are not waited for. */
async function ask(raider: Raider, value: object): Promise<void> {
  await raider.put(request(JSON.stringify(value)));
}

/** A worker at a port where nothing listens. */
function ghost(n: number, jobType: string): object {
  return {
    ...{ type: "available", v: 1, id: `ghost-${n}`, job_type: jobType },
    ...{ address: "tcp://127.0.0.1:1", step_name: "s", host: "h", pid: 1 },
    ...{ runtime: "r", concurrency: 1, credit: Number.MAX_SAFE_INTEGER },
    ...{ running: [], draining: false },
  };
}

/** Answers each job that the feed announces, in the name of its worker, before that does. */
async function forgeResults(
  places: Places,
  to: readonly [endpoint: string, socketType: string],
): Promise<Outcome> {
  using raider = await Raider.join(...to);
  const workers = await workersOf(places);
  using watcher = await Raider.join(places.feed, "SUB");
  watcher.onData = (chunk) => {
    const announced = decoder.decode(chunk).matchAll(
      /job:\w+:double:([\w-]+)/g,
    );
    for (const [, id] of announced) {
      for (const name of ["eve", ...workers]) {
        const claim = { worker: name, id, attempt: 1 };
        const error = { name: "E", message: "forged", retryable: false };
        void raider.say(
          { type: "success", ...claim, result: "forged" },
          { type: "failed", ...claim, error },
          { type: "release", ...claim },
        );
      }
    }
  };
  await watcher.put(frame("\x01job:"));
  await watcher.linger(1000);
  return raider.isCut ? "cut" : "passed";
}

/** The ids of the workers, as the pipeline sends them to everyone. */
async function workersOf({ requests }: Places): Promise<string[]> {
  using raider = await Raider.join(requests, "DEALER");
  let text = "";
  raider.onData = (chunk) => text += decoder.decode(chunk);
  await ask(raider, { type: "stats" });
  await raider.linger(200);
  return [...text.matchAll(/"id":"([\w-]+)","job_type":"double"/g)]
    .map(([, id]) => id!).filter((id) => !id.startsWith("ghost"));
}
