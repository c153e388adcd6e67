import { assert, assertEquals, assertMatch } from "@std/assert";
import { defineStep, Pipeline } from "@agentzero/agentzero/pipeline";
import { dashboard } from "@agentzero/agentzero/pipeline/http";
import { deferred, eventually, test, within } from "../../support/harness.ts";
import {
  ANNOUNCED,
  ORIGIN,
  pickyStep,
  type Site,
  start,
  TOKEN,
  XSS,
} from "./fixture.ts";

const ask = (site: Site, path: string, init: RequestInit = {}) =>
  site.handler(new Request(ORIGIN + path, init));

test("without the token there is only the health and a form for it", async (t) => {
  const site = await start(t, [pickyStep()]);
  for (const path of ["/metrics", "/events", "/api/overview", "/api/x", "/x"]) {
    const response = await ask(site, path);
    assertEquals(response.status, 401, path);
    assertMatch(response.headers.get("www-authenticate")!, /^Bearer/);
    assertEquals((await response.json()).error.code, "no_token");
  }
  const page = await ask(site, "/");
  assertEquals(page.status, 401);
  assertMatch(await page.text(), /Token required/);
  const health = await ask(site, "/healthz");
  assertEquals([health.status, await health.json()], [200, { status: "ok" }]);
});

test("the address with the token sets a cookie, and redirects to one without", async (t) => {
  const site = await start(t, [pickyStep()]);
  const first = await ask(site, `/?token=${TOKEN}`);
  assertEquals([first.status, first.headers.get("location")], [303, "/"]);
  const cookie = first.headers.get("set-cookie")!.split(";")[0]!;
  const page = await ask(site, "/", { headers: { cookie } });
  assertEquals(page.status, 200);
  assertMatch(await page.text(), /<title>agentzero<\/title>/);
  const wrong = await ask(site, "/?token=wrong");
  assertEquals([wrong.status, wrong.headers.get("set-cookie")], [401, null]);
  const sly = await ask(site, `/api/overview?token=${TOKEN}`);
  assertEquals(sly.status, 401, "only the page takes it so");
});

test("an unknown host is refused, with or without token", async (t) => {
  const site = await start(t, [pickyStep()]);
  for (const path of ["/", "/assets/main.js", "/api/overview", "/metrics"]) {
    const headers = { host: "evil.example" };
    const response = await site.fetch(path, { headers });
    assertEquals(response.status, 403, path);
    assertEquals((await response.json()).error.code, "unknown_host");
  }
  const probe = await ask(site, "/healthz", { headers: { host: "10.1.2.3" } });
  assertEquals(probe.status, 200, "a probe knows no names");
});

test("every response has the security headers", async (t) => {
  const site = await start(t, [pickyStep()]);
  for (
    const path of ["/", "/healthz", "/metrics", "/api/overview", "/assets/x"]
  ) {
    const { headers } = await site.fetch(path);
    const policy = headers.get("content-security-policy")!;
    assertMatch(policy, /default-src 'none'/);
    assertMatch(policy, /require-trusted-types-for 'script'/);
    assert(!policy.includes("unsafe"), policy);
    assertEquals(headers.get("x-content-type-options"), "nosniff");
    assertEquals(headers.get("x-frame-options"), "DENY");
    assertEquals(headers.get("referrer-policy"), "no-referrer");
    assertEquals(headers.get("cache-control"), "no-store", path);
  }
});

test("the page loads only its own files, and they exist", async (t) => {
  const site = await start(t, [pickyStep()]);
  const seen = new Set<string>();
  const look = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const response = await ask(site, path); // no token: no secrets
    assertEquals(response.status, path === "/" ? 401 : 200, path);
    const text = path === "/"
      ? await (await site.fetch("/")).text()
      : await response.text();
    if (path === "/") {
      assert(!/\son\w+=|javascript:|<style|style=|https?:/i.test(text));
    }
    for (const [, target] of text.matchAll(/(?:src|href)="([^"#]+)"/g)) {
      await look(`/${target}`);
    }
    for (const [, name] of text.matchAll(/from "\.\/([^"]+)"/g)) {
      await look(`/assets/${name}`);
    }
  };
  await look("/").catch((error) => {
    throw new Error(`after ${[...seen].join(" ")}`, { cause: error });
  });
  assert(seen.size > 10, [...seen].join(" "));
});

test("a file of the page is not sent twice", async (t) => {
  const site = await start(t, [pickyStep()]);
  const first = await ask(site, "/assets/style.css");
  assertMatch(first.headers.get("content-type")!, /^text\/css/);
  assert((await first.text()).length > 1000);
  const etag = first.headers.get("etag")!;
  const again = await ask(site, "/assets/style.css", {
    headers: { "if-none-match": etag },
  });
  assertEquals([again.status, await again.text()], [304, ""]);
  assertEquals((await ask(site, "/assets/../mod.ts")).status, 401);
  assertEquals((await ask(site, "/assets/constructor")).status, 404);
});

test("mounted below a path, everything works, and the cookie is limited to it", async (t) => {
  const site = await start(t, [pickyStep()], { path: "/jobs" });
  const bare = await ask(site, "/jobs");
  assertEquals([bare.status, bare.headers.get("location")], [303, "/jobs/"]);
  assertEquals(
    site.handler.link(ORIGIN),
    `${ORIGIN}/jobs/?token=${TOKEN}`,
  );
  const entered = await ask(site, `/jobs/?token=${TOKEN}`);
  assertMatch(entered.headers.get("set-cookie")!, /Path=\/jobs\/$/);
  assertEquals((await site.fetch("/jobs/api/overview")).status, 200);
  assertEquals((await site.fetch("/api/overview")).status, 404);
});

test("token: false turns authentication off, but refuses other origins", async (t) => {
  const site = await start(t, [pickyStep()], { token: false });
  assertEquals((await ask(site, "/api/overview")).status, 200);
  assertEquals(site.handler.link(ORIGIN), `${ORIGIN}/`);
  const post = (headers: Record<string, string>) =>
    ask(site, "/api/pause", { method: "POST", headers });
  assertEquals((await post({ origin: "http://evil.example" })).status, 403);
  assertEquals((await post({ origin: ORIGIN })).status, 200);
});

test("changes need a POST from the page itself", async (t) => {
  const site = await start(t, [pickyStep()]);
  const entered = await ask(site, `/?token=${TOKEN}`);
  const cookie = entered.headers.get("set-cookie")!.split(";")[0]!;
  const post = (headers: Record<string, string>) =>
    ask(site, "/api/pause", {
      method: "POST",
      headers: { cookie, ...headers },
    });
  for (
    const headers of [
      {},
      { origin: "http://evil.example" },
      { origin: "http://127.0.0.1:1" },
      { origin: ORIGIN, "sec-fetch-site": "cross-site" },
    ] as Record<string, string>[]
  ) {
    assertEquals((await post(headers)).status, 403, JSON.stringify(headers));
  }
  assertEquals((await site.json("/api/overview")).steps[0].paused, false);
  const good = { origin: ORIGIN, "sec-fetch-site": "same-origin" };
  assertEquals((await post(good)).status, 200);
  assertEquals((await site.json("/api/overview")).steps[0].paused, true);
  const get = await site.fetch("/api/resume");
  assertEquals([get.status, get.headers.get("allow")], [405, "POST"]);
  assertEquals((await site.fetch("/", { method: "POST" })).status, 405);
});

test("HEAD is GET without the body", async (t) => {
  const site = await start(t, [pickyStep()]);
  for (const path of ["/", "/metrics", "/events", "/api/jobs", "/healthz"]) {
    const response = await site.fetch(path, { method: "HEAD" });
    assertEquals([response.status, response.body], [200, null], path);
  }
});

test("the page of a job has its state, timeline and payloads, and can retry it", async (t) => {
  const step = pickyStep();
  const site = await start(t, [step]);
  await site.run(step);
  const id = await site.pipeline.submit("picky", XSS as never, { key: XSS });
  await site.reached(id, "dead");
  const response = await site.fetch(`/api/jobs/${id}?minor=1`);
  assertEquals(response.headers.get("content-type"), "application/json");
  const job = await response.json();
  assertEquals([job.payload, job.flow.key], [XSS, XSS]);
  const former = await site.json(`/api/jobs/${id}`);
  assertEquals([former.instructions, former.payload], [XSS, undefined]);
  assertEquals(job.error.message, `No: ${XSS}`);
  assertEquals(job.retry.attempts, 1);
  assertEquals(job.timeline.map(({ type }: { type: string }) => type), [
    "dispatched",
    "dead",
  ]);
  assertEquals(job.flow_jobs[0].id, id);
  assert(!("payload" in job.flow_jobs[0]), "rows have no payloads");

  const retry = () => site.fetch(`/api/jobs/${id}/retry`, { method: "POST" });
  assertEquals(await (await retry()).json(), { count: 1 });
  await eventually(
    async () => (await site.json(`/api/jobs/${id}`)).attempt === 2,
    5000,
    "the second attempt",
  );
  await site.reached(id, "dead");
});

test("a job is cancelled; a finished one cannot be", async (t) => {
  const began = deferred();
  const step = defineStep("slow", (_: null, { signal }) => {
    began.resolve();
    return new Promise<void>((resolve) =>
      signal.addEventListener("abort", () => resolve())
    );
  });
  const site = await start(t, [step]);
  await site.run(step);
  const id = await site.pipeline.submit(step, null);
  await within(began.promise, 3000, "the handler");
  const cancel = () => site.fetch(`/api/jobs/${id}/cancel`, { method: "POST" });
  assertEquals((await cancel()).status, 200);
  await site.reached(id, "cancelled");
  const again = await cancel();
  assertEquals(again.status, 409);
  assertEquals((await again.json()).error.code, "ERR_PIPELINE_STATE");
});

test("jobs are listed by state, step and page", async (t) => {
  const step = pickyStep();
  const site = await start(t, [step]);
  await site.run(step, 4);
  const ids: string[] = [];
  for (let n = 0; n < 7; n++) {
    ids.push(
      await site.pipeline.submit("picky", (n < 2 ? "bad" : "good") as never),
    );
  }
  for (const [n, id] of ids.entries()) {
    await site.reached(id, n < 2 ? "dead" : "completed");
  }
  const list = async (query: string) =>
    (await site.json(`/api/jobs?${query}`)).jobs
      .map(({ id }: { id: string }) => ids.indexOf(id));
  assertEquals(await list(""), [6, 5, 4, 3, 2, 1, 0]);
  assertEquals(await list("state=dead"), [1, 0]);
  assertEquals(await list("state=dead&state=completed&limit=3"), [6, 5, 4]);
  assertEquals(await list(`limit=3&before=${ids[4]}`), [3, 2, 1]);
  assertEquals(await list("name=picky&limit=1"), [6]);
  assertEquals(await list("name=other"), []);
  const { flows } = await site.json("/api/flows?state=failed");
  assertEquals(flows.length, 2);
  const one = await site.json(`/api/flows/${ids[6]}`);
  assertEquals([one.state, one.jobs[0].state], ["completed", "completed"]);
  for (const query of ["state=lost", "limit=0", "limit=x", "limit=-1"]) {
    const response = await site.fetch(`/api/jobs?${query}`);
    assertEquals(response.status, 400, query);
  }
});

test("jobs and flows are searched, part by part", async (t) => {
  const site = await start(t, [pickyStep()]);
  for (const id of ["a", "b", "c"]) {
    await site.pipeline.submit("picky", `file ${id}` as never, {
      id,
      key: `k${id}`,
    });
  }
  const ids = async (path: string) => {
    const { jobs, flows, cursor } = await site.json(`/api/${path}`);
    return [
      (jobs ?? flows).map(({ id }: { id: string }) => id).join(""),
      cursor,
    ];
  };
  assertEquals(await ids("jobs?search=FILE%20b"), ["b", undefined]);
  assertEquals(await ids("flows?key=kc"), ["c", undefined]);
  assertEquals(await ids("jobs?key=ka&state=waiting"), ["a", undefined]);
  const [first, cursor] = await ids("jobs?search=file&limit=2");
  assertEquals(first, "cb");
  assertEquals(await ids(`jobs?search=file&cursor=${cursor}`), [
    "a",
    undefined,
  ]);
  for (const query of ["cursor=x", "search=", `search=${"x".repeat(201)}`]) {
    const response = await site.fetch(`/api/jobs?${query}`);
    assertEquals(response.status, 400, query);
    await response.body?.cancel();
  }
});

test("a flow is submitted, and its result waited for", async (t) => {
  const site = await start(t, [pickyStep()]);
  const post = (body: string, init: RequestInit = {}) =>
    site.fetch("/api/flows", { method: "POST", body, ...init });
  const text = JSON.stringify({ flow: "picky", payload: "good", id: "mine" });
  const response = await post(text);
  assertEquals([response.status, await response.json()], [
    200,
    { id: "mine", new: true },
  ]);
  assertEquals(await (await post(text)).json(), { id: "mine", new: false });
  const early = await site.json("/api/flows/mine/result?wait_ms=1");
  assertEquals(early.state, "running");
  const ended = site.json("/api/flows/mine/result?wait_ms=9000");
  await site.run(pickyStep());
  const { state, result } = await ended;
  assertEquals([state, result], ["completed", { ok: true }]);

  const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  const traced = JSON.stringify({
    flow: "picky",
    payload: "good",
    id: "traced",
  });
  await (await post(traced, { headers: { traceparent } })).json();
  const { flow } = await site.pipeline.operations.status("traced");
  assertEquals(flow.traceparent, traceparent);
  const untraced = await post(traced.replace("traced", "other"), {
    headers: { traceparent: "nonsense" },
  });
  assertEquals(untraced.status, 200);
  await untraced.body?.cancel();

  for (
    const [body, status] of [
      ["", 400],
      ["[1]", 400],
      ["{", 400],
      ['{"flow":"unknown"}', 404],
      ['{"flow":"picky","priority":"high"}', 400],
      [`{"flow":"picky","payload":${"[".repeat(600)}${"]".repeat(600)}}`, 413],
      [" ".repeat(20_000_000), 413],
    ] as const
  ) {
    const refused = await post(body);
    assertEquals(refused.status, status, body.slice(0, 60));
    await refused.body?.cancel();
  }
  assertEquals((await site.fetch("/api/flows/none/result")).status, 404);
});

test("many flows are submitted as lines: all of them, or none", async (t) => {
  const site = await start(t, [pickyStep()]);
  const post = async (body: string) => {
    const path = "/api/flows/many?flow=picky";
    const response = await site.fetch(path, { method: "POST", body });
    return [response.status, await response.json()];
  };
  const lines = '{"payload":1,"id":"a"}\r\n\n  \n{"flow":"picky","id":"b"}';
  assertEquals(await post(lines), [200, {
    ids: ["a", "b"],
    new: [true, true],
  }]);
  assertEquals(await post(""), [200, { ids: [], new: [] }]);
  const [status, { error }] = await post('{"id":"c"}\n{"id":"d"');
  assertEquals([status, error.code], [400, "ERR_PIPELINE_INVALID"]);
  assertMatch(error.message, /^Submission 1: /);
  assertEquals((await post('{"id":"e"}\n{"flow":"no"}'))[0], 404);
  assertEquals((await post("{}\n".repeat(1001)))[0], 400);
  assertEquals((await site.json("/api/jobs")).jobs.length, 2);
  const thousand = await post("{}\n".repeat(1000));
  assertEquals([thousand[0], thousand[1].ids.length], [200, 1000]);
});

test("bodies have a bound together", async (t) => {
  const site = await start(t, [pickyStep()]);
  const controllers: ReadableStreamDefaultController<Uint8Array>[] = [];
  const slow = () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controllers.push(controller);
        controller.enqueue(new Uint8Array(18_000_000).fill(0x20));
      },
    });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    return site.fetch("/api/flows", init);
  };
  const waiting = Array.from({ length: 5 }, slow);
  const refused = await Promise.any(waiting);
  assertEquals(refused.status, 429);
  for (const controller of controllers) {
    try {
      controller.close();
    } catch {
      // That of one that was refused is cancelled.
    }
  }
  const statuses = (await Promise.all(waiting)).map(({ status }) => status);
  assertEquals(statuses.filter((status) => status === 429).length, 1);
  const after = await site.fetch("/api/flows", { method: "POST", body: "{}" });
  assertEquals(after.status, 400);
});

test("submissions need the token, and come from the page itself if from a browser", async (t) => {
  const site = await start(t, [pickyStep()]);
  const status = async (headers: Record<string, string>) => {
    const body = '{"flow":"picky"}';
    const init = { method: "POST", body, headers };
    const url = new URL("/api/flows", ORIGIN);
    const response = await site.handler(new Request(url, init));
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await status({}), 401);
  const bearer = { authorization: `Bearer ${TOKEN}` };
  assertEquals(
    await status({ ...bearer, origin: "https://evil.example" }),
    403,
  );
  assertEquals(
    await status({ ...bearer, "sec-fetch-site": "cross-site" }),
    403,
  );
  assertEquals(await status({ ...bearer, host: "evil.example" }), 403);
  assertEquals((await site.json("/api/jobs")).jobs, []);
  assertEquals(await status(bearer), 200);
});

test("the overview has the steps, the workers and the throughput", async (t) => {
  const step = pickyStep();
  const site = await start(t, [step]);
  const { id: worker } = await site.run(step, 3);
  await eventually(
    async () =>
      (await site.json("/api/overview")).workers[0]?.state === "ready",
    5000,
    "the worker",
  );
  const id = await site.pipeline.submit("picky", "good" as never);
  await site.reached(id, "completed");
  const overview = await site.json("/api/overview");
  assertEquals(overview.name, "test");
  assertEquals(overview.health.status, "ok");
  assertEquals(overview.flows[0].steps[0].job_type, "picky");
  const [one] = overview.steps;
  assertEquals(one.counts, { completed: 1 });
  assertEquals([one.waiting, one.running, one.concurrency], [0, 0, 3]);
  assert(one.median_ms >= 0);
  assertEquals(overview.workers[0].id, worker);
  assertEquals(overview.throughput.completed.length, 300);
});

test("a worker is asked to leave", async (t) => {
  const step = pickyStep();
  const site = await start(t, [step]);
  const run = await site.run(step);
  const drain = (id: string) =>
    site.fetch(`/api/workers/${encodeURIComponent(id)}/drain`, {
      method: "POST",
    });
  assertEquals((await drain("an/other")).status, 404);
  assertEquals((await drain("%")).status, 404);
  await eventually(
    async () =>
      (await site.json("/api/overview")).workers[0]?.state === "ready",
    5000,
    "the worker",
  );
  assertEquals(await (await drain(run.id)).json(), { count: 1 });
  await within(run.closed, 5000, "the worker to leave");
});

test("schedules are listed, the next one first, and removed", async (t) => {
  const step = pickyStep();
  const flow = "picky";
  const site = await start(t, [step], {
    schedules: [
      { id: "yearly", flow, cron: "0 0 1 1 *", timezone: "Europe/Berlin" },
      { id: "each-second", flow, cron: "* * * * * *", payload: "good" },
    ],
  });
  await site.run(step);
  await site.pipeline.operations.schedule({
    ...{ id: "daily", flow, cron: "0 0 * * *", payload: "1" },
  });
  const list = async () => {
    const { schedules, schedule_count } = await site.json("/api/overview");
    assertEquals(schedule_count, schedules.length);
    return schedules;
  };
  const now = Date.now();
  const [first, second, third] = await list();
  assertEquals([first.id, first.declared], ["each-second", true]);
  assert(!("payload" in first), "rows have no payloads");
  assertEquals([second.id, second.declared], ["daily", false]);
  assertEquals(third.timezone, "Europe/Berlin");
  assert(first.next_at > now - 2000 && third.next_at > second.next_at);
  await eventually(
    async () => (await list())[0].last_at !== undefined,
    5000,
    "a time to be submitted",
  );
  const { last_id: id } = (await list())[0];
  await site.reached(id, "completed");

  const remove = (id: string, method = "POST") =>
    site.fetch(`/api/schedules/${id}/remove`, { method });
  assertEquals((await remove("yearly", "GET")).status, 405);
  assertEquals((await remove("yearly")).status, 200);
  const again = await remove("yearly");
  assertEquals(again.status, 404);
  assertEquals((await again.json()).error.code, "ERR_PIPELINE_UNKNOWN");
  assertEquals((await list()).length, 2);
});

test("unknown paths and ids are errors", async (t) => {
  const site = await start(t, [pickyStep()]);
  const code = async (path: string, init?: RequestInit) => {
    const response = await site.fetch(path, init);
    return [response.status, (await response.json()).error.code];
  };
  const post = { method: "POST" };
  assertEquals(await code("/api/jobs/x"), [404, "ERR_PIPELINE_UNKNOWN"]);
  assertEquals(await code("/api/jobs/x/retry", post), [
    404,
    "ERR_PIPELINE_UNKNOWN",
  ]);
  assertEquals(await code("/api/pause?job_type=x", post), [
    404,
    "ERR_PIPELINE_UNKNOWN",
  ]);
  assertEquals(await code("/api/jobs/%E0%A4%A"), [400, "ERR_PIPELINE_INVALID"]);
  assertEquals(await code("/api/constructor"), [404, "unknown_path"]);
  assertEquals(await code("/constructor"), [404, "unknown_path"]);
  assertEquals(await code("/events?last=x"), [400, "invalid"]);
});

test("the health has reasons, for authenticated requests", async (t) => {
  const step = pickyStep();
  const pipeline = t.use(
    new Pipeline({ name: "test", steps: [step] as never }),
  );
  const handler = t.use(dashboard(pipeline, { token: TOKEN }));
  const health = async (path = "/healthz") => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const response = await handler(new Request(ORIGIN + path, { headers }));
    return { status: response.status, body: await response.json() };
  };
  const before = await health();
  assertEquals([before.status, before.body.status], [503, "failing"]);
  assertEquals(before.body.reasons[0].code, "ERR_PIPELINE_CLOSED");
  assertEquals((await health("/api/overview")).status, 503);

  await pipeline.listen(ANNOUNCED);
  assertEquals(await health(), {
    status: 200,
    body: { status: "ok", reasons: [], warnings: [] },
  });
  await pipeline.submit("picky", "good" as never);
  await pipeline.operations.pause();
  const { status, body } = await health();
  assertEquals(status, 200, "a restart would not help");
  assertEquals(
    body.warnings.map(({ code }: { code: string }) => code),
    ["paused", "no_workers"],
  );
  assertMatch(
    body.warnings[1].message,
    /"picky" has no workers; 1 jobs are waiting/,
  );

  await pipeline.close();
  assertEquals((await health()).status, 503);
});

test("the events of the pipeline come as a stream", async (t) => {
  const step = pickyStep();
  const site = await start(t, [step]);
  await site.run(step);
  const response = await site.fetch("/events?topic=job:completed&topic=logs:");
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .getReader();
  t.cleanup(() => reader.cancel());
  const id = await site.pipeline.submit("picky", "good" as never);
  let text = "";
  while (!text.includes("logs:picky:20") || !text.includes("job:completed")) {
    text += (await within(reader.read(), 5000, "the events")).value;
  }
  assertMatch(text, new RegExp(`"job:completed:picky:${id}"`));
  assert(!text.includes("job:dispatched"));
});

test("a closed dashboard answers with an error, and ends its streams", async (t) => {
  const site = await start(t, [pickyStep()]);
  const reader = (await site.fetch("/events")).body!.getReader();
  await reader.read();
  await site.handler.close();
  await site.handler.close();
  assertEquals((await within(reader.read(), 1000, "the end")).done, true);
  assertEquals((await site.fetch("/healthz")).status, 503);
});

test("an internal error goes to onError, not to the client", async (t) => {
  const errors: Error[] = [];
  const pipeline = t.use(
    new Pipeline({ name: "test", steps: [pickyStep()] as never }),
  );
  await pipeline.listen(ANNOUNCED);
  const broken = new Proxy(pipeline, {
    get(target, key) {
      if (key === "addresses") throw new Error("a secret");
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const handler = t.use(dashboard(broken, {
    token: false,
    onError: (error) => errors.push(error),
  }));
  const response = await handler(new Request(`${ORIGIN}/api/overview`));
  assertEquals(response.status, 500);
  assert(!(await response.text()).includes("secret"));
  assertEquals(errors.map(({ message }) => message), ["a secret"]);
});
