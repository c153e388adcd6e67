import { assert, assertEquals, assertMatch } from "@std/assert";
import { Push } from "@agentzero/agentzero/zmq";
import { eventually, test } from "../../support/harness.ts";
import { pickyStep, start } from "./fixture.ts";

/** The samples of a page, by name and labels, once its form is checked. */
function samplesOf(page: string): Map<string, number> {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  let helped = "";
  assert(page.endsWith("\n"), "the last line ends");
  for (const line of page.trimEnd().split("\n")) {
    const help = /^# HELP (\S+) \S/.exec(line)?.[1];
    if (help !== undefined) {
      assert(!types.has(help), `${help} stands twice`);
      helped = help;
      continue;
    }
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    if (type) {
      assertEquals(type[1], helped, "the type follows the help");
      types.set(type[1]!, type[2]!);
      continue;
    }
    const [, name, labels, value] =
      /^([a-z_]+)((?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})?) (\S+)$/
        .exec(
          line,
        ) ?? [];
    assert(name !== undefined, `no sample: ${line}`);
    const family = types.has(name) ? name : name.replace(/_[a-z]+$/, "");
    assertEquals(family, helped, "samples stand with their metric");
    assertEquals(types.get(family) === "counter", family.endsWith("_total"));
    assert(!samples.has(name + labels), `${line} stands twice`);
    assert(!Number.isNaN(Number(value!.replace("Inf", "Infinity"))), line);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

test("the metrics are well-formed and correct", async (t) => {
  const step = pickyStep();
  const site = await start(t, [step]);
  await site.run(step, 2);
  await eventually(
    async () =>
      (await site.json("/api/overview")).workers[0]?.state === "ready",
    5000,
    "the worker",
  );
  for (const what of ["good", "good", "bad"]) {
    const id = await site.pipeline.submit("picky", what as never);
    await site.reached(id, what === "bad" ? "dead" : "completed");
  }
  await site.pipeline.operations.pause();
  await site.pipeline.submit("picky", "good" as never);

  const response = await site.fetch("/metrics");
  assertEquals(
    response.headers.get("content-type"),
    "text/plain; version=0.0.4; charset=utf-8",
  );
  const page = await response.text();
  const samples = samplesOf(page);
  const of = (name: string, labels = "") =>
    samples.get(`${name}{pipeline="test"${labels && `,${labels}`}}`);
  const picky = 'job_type="picky"';
  assertEquals(of("agentzero_healthy"), 1);
  assertEquals(of("agentzero_jobs", `${picky},state="completed"`), 2);
  assertEquals(of("agentzero_jobs", `${picky},state="dead"`), 1);
  assertEquals(of("agentzero_jobs", `${picky},state="waiting"`), 1);
  assertEquals(of("agentzero_queue_depth", picky), 1);
  assertEquals(of("agentzero_running", picky), 0);
  assertEquals(of("agentzero_paused", picky), 1);
  assertEquals(of("agentzero_workers", `${picky},state="ready"`), 1);
  assertEquals(of("agentzero_worker_concurrency", picky), 2);
  assertEquals(of("agentzero_worker_credit", picky), 2);
  assertEquals(
    of("agentzero_job_events_total", `${picky},event="completed"`),
    2,
  );
  assertEquals(of("agentzero_job_wait_seconds_count", picky), 3);
  assertEquals(
    of("agentzero_job_duration_seconds_count", `${picky},outcome="failed"`),
    1,
  );
  assertEquals(
    of(
      "agentzero_job_duration_seconds_bucket",
      `${picky},outcome="completed",le="+Inf"`,
    ),
    2,
  );
  assertMatch(
    page,
    /^agentzero_build_info\{pipeline="test",version="\d+\.\d+\.\d+",runtime="(deno|bun|node) [^"]+"\} 1$/m,
  );
  assert(
    Math.abs(of("process_start_time_seconds")! - Date.now() / 1000) < 3600,
  );
  const lag = "agentzero_event_loop_lag_seconds_count";
  await eventually(
    async () =>
      samplesOf(await (await site.fetch("/metrics")).text())
        .get(`${lag}{pipeline="test"}`)! > 0,
    3000,
    "the lag to be measured",
  );
});

test("messages of strangers are counted, and create no labels", async (t) => {
  const site = await start(t, [pickyStep()], { onError: () => {} });
  const { results } = site.pipeline.addresses!;
  const push = t.use(new Push());
  push.connect(results!);
  for (let i = 0; i < 200; i++) {
    await push.send(`rubbish ${i}`);
    await push.send(JSON.stringify({
      type: "available",
      v: 1,
      id: `stranger-${i}`,
      address: "tcp://127.0.0.1:1",
      job_type: `type-${i}`,
      step_name: "x",
      host: "h",
      pid: 1,
      runtime: "r",
      concurrency: 1,
      credit: 1,
      running: [],
      draining: false,
    }));
  }
  const errorsOf = async (kind: string) => {
    const page = await (await site.fetch("/metrics")).text();
    assert(!page.includes("type-1"), "a label of a stranger");
    return samplesOf(page).get(
      `agentzero_errors_total{pipeline="test",kind="${kind}"}`,
    );
  };
  await eventually(
    async () =>
      await errorsOf("unreadable") === 200 &&
      (await errorsOf("useless") ?? 0) > 0,
    5000,
    "the errors to be counted",
  );
});

test("of an unavailable pipeline, the remaining metrics are served", async (t) => {
  const site = await start(t, [pickyStep()]);
  await site.pipeline.close();
  const samples = samplesOf(await (await site.fetch("/metrics")).text());
  assertEquals(samples.get('agentzero_healthy{pipeline="test"}'), 0);
  assert(![...samples.keys()].some((key) => key.startsWith("agentzero_jobs")));
});
