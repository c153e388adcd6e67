/**
 * Test support. The honest peers of the siege: they ask, count what is lost,
 * and report how long answers took. A line on the input ends them.
 */
import process from "node:process";
import { PipelineClient } from "@agentzero/agentzero/pipeline";
import * as zmq from "@agentzero/agentzero/zmq";
import type { Places } from "./attacks/attack.ts";
import { report } from "./meter.ts";

const { places, token } = JSON.parse(process.argv[2]!) as {
  readonly places: Places;
  readonly token: string;
};
/** Without an answer for so long it is lost. */
const PATIENCE_MS = 30_000;

/** How the work of one peer ended. */
class Tally {
  done = 0;
  readonly tookMs: number[] = [];
  readonly lost: string[] = [];

  /** Does something; what fails is lost. */
  async try(action: () => Promise<void>): Promise<void> {
    const start = performance.now();
    try {
      await action();
      this.tookMs.push(Math.round((performance.now() - start) * 10) / 10);
      this.done++;
    } catch (error) {
      this.lost.push(error instanceof Error ? error.message : String(error));
    }
  }
}

let isOver = false;
const over = new Promise<void>((resolve) =>
  process.stdin.once("data", () => {
    isOver = true;
    resolve();
  })
);
process.stdin.on("close", () => process.exit(1)); // its parent is gone

const dealer = new zmq.Dealer({
  routingId: "honest",
  receiveTimeout: PATIENCE_MS,
  linger: 0,
});
const push = new zmq.Push({ linger: PATIENCE_MS });
const sub = new zmq.Subscriber();
const client = new PipelineClient({ pipeline: places.requests });
dealer.connect(places.router);
push.connect(places.pull);
sub.connect(places.xpub);
sub.subscribe("tick");

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function echo(tally: Tally): Promise<void> {
  for (let n = 0; !isOver; n++) {
    await tally.try(async () => {
      await dealer.send(`${n}`);
      const [answer] = await dealer.receive();
      if (`${answer}` !== `${n}`) throw new Error(`${answer} is not ${n}`);
    });
    await pause(10);
  }
}

async function ticks(tally: Tally): Promise<void> {
  let last: number | undefined;
  for await (const [, frame] of sub) {
    const number = Number(`${frame}`);
    if (last !== undefined && number !== last + 1) {
      tally.lost.push(`${last} was followed by ${number}`);
    }
    last = number;
    tally.done++;
  }
}

async function pushes(tally: Tally): Promise<void> {
  for (; !isOver; tally.done++) {
    await push.send("honest");
    await pause(10);
  }
}

async function jobs(tally: Tally): Promise<void> {
  for (let honest = 0; !isOver; honest++) {
    await tally.try(async () => {
      const wait = { timeoutMs: PATIENCE_MS };
      const id = await client.submit("double", { honest }, wait);
      const result = await client.result(id, wait);
      if (result !== 2 * honest) {
        throw new Error(`${JSON.stringify(result)} is not ${2 * honest}`);
      }
    });
    await pause(20);
  }
}

async function pages(tally: Tally): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  for (let n = 0; !isOver; n++) {
    await tally.try(async () => {
      const path = n % 2 ? "healthz" : "api/overview";
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const answer = await fetch(`${places.url}/${path}`, { headers, signal });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${answer.status}: ${text}`);
    });
    await pause(200);
  }
}

const tallies = {
  "ROUTER, there and back": new Tally(),
  "XPUB to SUB": new Tally(),
  "PUSH to PULL": new Tally(),
  "job and its result": new Tally(),
  "page of the dashboard": new Tally(),
};
const [echoed, ticked, pushed, done, paged] = Object.values(tallies);
// What is slow because it is new is no siege's fault.
await echo1();
console.log(process.pid, "ready");
void ticks(ticked!);
await Promise.all([
  echo(echoed!),
  pushes(pushed!),
  jobs(done!),
  pages(paged!),
  over,
]);
await sub.close();
await push.close();
await dealer.close();
await client.close();
await report({
  tallies: Object.entries(tallies).map(([name, { done, tookMs, lost }]) => ({
    name,
    done,
    tookMs,
    lost: lost.length,
    reasons: lost.slice(0, 5),
  })),
});
process.exit(0);

/** One of each, before anybody counts. */
async function echo1(): Promise<void> {
  await dealer.send("first");
  await dealer.receive();
  const id = await client.submit("double", { honest: 1 });
  await client.result(id);
}
