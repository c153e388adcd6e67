/**
 * The dashboard in a real browser, with a real pipeline behind it.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { readFile } from "node:fs/promises";
import {
  type AnyStep,
  defineStep,
  type PipelineSchedule,
  type StepRun,
} from "@agentzero/agentzero/pipeline";
import { type HttpServer, serveHttp } from "@agentzero/agentzero/pipeline/http";
import { noBrowser, openBrowser, type Page } from "../../support/browser.ts";
import { zmq } from "@agentzero/agentzero";
import { test, type TestContext, within } from "../../support/harness.ts";
import { pickyStep, type Site, start, XSS } from "./fixture.ts";

const options = { skip: noBrowser, timeoutMs: 40_000 };

/** The page, open, of a pipeline with these steps at work. */
async function open(
  t: TestContext,
  steps: readonly AnyStep[],
  size?: { width: number; height: number },
  schedules?: readonly PipelineSchedule[],
): Promise<
  {
    site: Site;
    page: Page;
    errors: string[];
    server: HttpServer;
    runs: StepRun[];
  }
> {
  const site = await start(t, steps, { schedules });
  const runs: StepRun[] = [];
  for (const step of steps) runs.push(await site.run(step));
  const server = t.use(await serveHttp(site.handler, { port: 0 }));
  const { page, errors } = await openBrowser(t, size);
  await page.goto(site.handler.link(server.url));
  await page.getByText("Live", { exact: true }).waitFor();
  return { site, page, errors, server, runs };
}

/** What runs in the page is sent as text: the loader of TypeScript would change it. */
async function faultsOf(page: Page): Promise<string[]> {
  const file = new URL("./page_faults.js", import.meta.url);
  return await page.evaluate(`${await readFile(file, "utf8")}; faults()`);
}

/** A step that works until its signal is aborted. */
const endless = (): AnyStep =>
  defineStep("endless", (_: unknown, { signal, progress }) => {
    progress(0.42);
    return new Promise<void>((resolve) =>
      signal.addEventListener("abort", () => resolve())
    );
  });

test(
  "a job appears, with its logs, and its payloads are a click away",
  options,
  async (t) => {
    const { site, page, errors, server } = await open(t, [pickyStep()]);
    assertEquals(
      page.url(),
      `${server.url}/`,
      "the token is not in the address",
    );
    assertEquals(await page.title(), "test – agentzero");
    await page.getByText("No matching jobs.").waitFor();

    const id = await site.pipeline.submit("picky", "good" as never);
    const row = page.locator("#jobs tr", { hasText: id });
    await row.getByText("completed").waitFor();
    const line = page.locator("#logs li", { hasText: "It is good" });
    await line.waitFor();
    assertMatch(await line.innerText(), /info/);
    await page.locator(".figure", { hasText: "Workers" }).getByText("all ready")
      .waitFor();

    await row.getByRole("link", { name: id }).click();
    const dialog = page.getByRole("dialog", { name: id });
    await dialog.getByRole("region", { name: "Result" }).getByText('"ok": true')
      .waitFor();
    const timeline = await dialog.locator(".timeline strong").allInnerTexts();
    assertEquals(timeline, ["created", "dispatched", "completed"]);
    await dialog.getByText("It is good").waitFor();
    await dialog.getByRole("button", { name: "Close" }).click();
    await dialog.waitFor({ state: "hidden" });
    await page.waitForURL(({ hash }) => hash === "");
    assertEquals(errors, []);
  },
);

test("a dead job is tried again", options, async (t) => {
  let isBroken = true;
  const step = defineStep("fragile", () => {
    if (isBroken) throw new Error("It is broken");
    return "mended";
  }, { retry: { attempts: 1 } });
  const { site, page, errors } = await open(t, [step]);
  const id = await site.pipeline.submit("fragile", null as never);
  await page.getByRole("button", { name: "1 dead of fragile" }).click();
  await page.locator("#jobs").getByText("Error: It is broken").waitFor();
  await page.getByRole("link", { name: id }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("heading", { name: "Error" }).waitFor();
  isBroken = false;
  await dialog.getByRole("button", { name: "Retry", exact: true }).click();
  await dialog.getByText("The job is retried").waitFor();
  await dialog.locator(".facts").getByText("completed").waitFor();
  await dialog.getByText('"mended"').waitFor();
  assertEquals(
    await dialog.getByRole("button", { name: "Retry", exact: true }).count(),
    0,
  );
  assertEquals(errors, []);
});

test("a running job is cancelled after a confirmation", options, async (t) => {
  const { site, page, errors } = await open(t, [endless()]);
  const id = await site.pipeline.submit("endless", null as never);
  await page.locator("#jobs").getByText("42 %").waitFor();
  await page.getByRole("link", { name: id }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Cancel", exact: true }).click();
  assertEquals((await site.json(`/api/jobs/${id}`)).state, "active");
  await dialog.getByRole("button", { name: "Really cancel?" }).click();
  await dialog.locator(".facts").getByText("cancelled").waitFor();
  assertEquals((await site.json(`/api/jobs/${id}`)).state, "cancelled");
  assertEquals(await dialog.getByRole("button", { name: /Cancel/ }).count(), 0);
  assertEquals(errors, []);
});

test(
  "a delayed job starts now, and is removed once it is over",
  options,
  async (t) => {
    const { site, page } = await open(t, [pickyStep()]);
    const { operations } = site.pipeline;
    await operations.submit({
      ...{ name: "picky", payload: '"good"', id: "later", delayMs: 3_600_000 },
    });
    await page.goto(`${page.url()}#job=later`);
    const dialog = page.getByRole("dialog", { name: "later" });
    await dialog.getByRole("button", { name: "Start now" }).click();
    await dialog.locator(".facts").getByText("completed").waitFor();
    await dialog.getByRole("button", { name: "Remove", exact: true }).click();
    await dialog.getByRole("button", { name: "Really remove?" }).click();
    await dialog.waitFor({ state: "hidden" });
    assertEquals((await site.json("/api/jobs")).jobs, []);
  },
);

test(
  "jobs are searched by key and text, and given a priority",
  options,
  async (t) => {
    const { site, page, errors } = await open(t, [endless()]);
    const { operations } = site.pipeline;
    const submit = (id: string, key: string, payload: string) =>
      operations.submit({
        ...{ name: "endless", delayMs: 3_600_000, id, key, payload },
      });
    for (let i = 0; i < 40; i++) await submit(`j${i}`, `k${i}`, `"no. ${i}."`);
    const rows = page.locator("#jobs tr");
    const shows = (count: number) =>
      page.locator(`#jobs tr:nth-child(${count}):last-child`).waitFor();
    await page.getByLabel("Text", { exact: true }).first().fill("No. 7.");
    await shows(1);
    assertEquals(await rows.locator("a").innerText(), "j7");
    await page.getByLabel("Text", { exact: true }).first().fill("no.");
    await shows(25);
    await page.getByRole("button", { name: "Older" }).click();
    await shows(15);
    assertEquals(await rows.first().locator("a").innerText(), "j14");
    await page.getByRole("button", { name: "Newer" }).click();
    await shows(25);
    await page.getByLabel("Key").fill("k3");
    await shows(1);
    await page.getByRole("link", { name: "j3" }).click();
    const dialog = page.getByRole("dialog", { name: "j3" });
    const priority = dialog.getByLabel("Priority");
    await priority.fill("12");
    await dialog.getByRole("button", { name: "Change" }).click();
    await dialog.getByText("The priority is changed").waitFor();
    await dialog.locator(".facts").getByText("12").waitFor();
    assertEquals((await operations.job("j3")).priority, 12);
    assertEquals(errors, []);
  },
);

test("steps are paused and resumed, workers drained", options, async (t) => {
  const { site, page, runs } = await open(t, [pickyStep(), endless()]);
  await page.getByRole("button", { name: "Pause picky" }).click();
  await page.getByText("The step picky is paused").waitFor();
  await page.getByRole("button", { name: "Resume picky" }).waitFor();
  await page.getByText('The step "picky" is paused').waitFor();
  await page.getByRole("button", { name: "Pause all" }).click();
  await page.getByRole("button", { name: "Resume all" }).click();
  await page.getByRole("button", { name: "Pause endless" }).waitFor();
  assertEquals((await site.json("/healthz")).warnings, []);
  await page.getByRole("button", { name: /^Drain picky/ }).click();
  await page.getByRole("button", { name: "Really drain?" }).click();
  await runs[0]!.closed;
  await page.locator("#steps tr", { hasText: "picky" }).getByText("no worker")
    .waitFor();
});

test(
  "schedules show their next and last time, and can be removed",
  options,
  async (t) => {
    const flow = "picky";
    const { site, page, errors } = await open(t, [pickyStep()], undefined, [
      { id: "each-second", flow, cron: "* * * * * *", payload: "good" },
      { id: "nightly", flow, cron: "30 2 * * *", timezone: "Europe/Berlin" },
    ]);
    const rows = page.locator("#schedules tr");
    const nightly = rows.filter({ hasText: "nightly" });
    assertMatch(
      await nightly.innerText(),
      /picky\s+30 2 \* \* \*\s+Europe\/Berlin\s+in \d+ (s|min|h)\s+never/,
    );
    const often = rows.filter({ hasText: "each-second" });
    assertMatch(await often.innerText(), /time of the pipeline/);
    await often.getByRole("link", { name: /^(now|\d+ s ago)$/ }).click();
    const dialog = page.getByRole("dialog", {
      name: /^each-second-\d{8}T\d{6}Z$/,
    });
    await dialog.locator(".facts").getByText("completed").waitFor();
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: "Pause nightly" }).click();
    await page.getByText("The schedule nightly is paused").waitFor();
    await nightly.getByText("paused").waitFor();
    await page.getByRole("button", { name: "Resume nightly" }).click();
    await nightly.getByText(/^in \d+ (s|min|h)$/).waitFor();

    const remove = page.getByRole("button", { name: "Remove nightly" });
    await remove.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Really remove?" }).waitFor();
    assertEquals((await site.json("/api/overview")).schedule_count, 2);
    await page.keyboard.press("Enter");
    await page.getByText(/^The schedule nightly is removed until/).waitFor();
    await nightly.waitFor({ state: "detached" });
    assertEquals(
      await page.evaluate("document.activeElement.id"),
      "schedules-title",
    );
    assertEquals(await page.locator("#schedule-count").innerText(), "1");
    await page.getByRole("button", { name: "Remove each-second" }).click();
    await page.getByRole("button", { name: "Really remove?" }).click();
    await page.getByText("No schedules.").waitFor();
    assertEquals(errors, []);
  },
);

test("all of it can be done with the keyboard", options, async (t) => {
  const { site, page } = await open(t, [pickyStep()]);
  const id = await site.pipeline.submit("picky", "bad" as never);
  await page.locator("#jobs").getByText("dead").waitFor();
  const focused = () =>
    page.evaluate<string>(
      "document.activeElement.id || document.activeElement.textContent.trim()",
    );
  await page.keyboard.press("Tab");
  assertEquals(await focused(), "Skip to the jobs");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assertEquals(await focused(), "find-id");
  await page.keyboard.press("Tab");
  const dead = page.waitForResponse((answer) => answer.url().includes("dead"));
  for (const _ of ["waiting", "running", "retrying", "completed", "dead"]) {
    await page.keyboard.press("ArrowRight");
  }
  await dead; // the lists of the states before it were empty
  await page.locator("#jobs").getByText(id).waitFor();
  assertEquals(
    await page.locator("input[name=state]:checked").inputValue(),
    "dead",
  );
  await page.keyboard.press("Tab");
  for (const field of ["job-type", "job-key", "job-text"]) {
    assertEquals(await focused(), field);
    await page.keyboard.press("Tab");
  }
  assertEquals(await focused(), id);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Retry", exact: true }).waitFor();
  assertEquals(await focused(), "job-title");
  await page.keyboard.press("Tab");
  assertEquals(await focused(), "Retry");
  await page.keyboard.press("Enter");
  await page.getByText("The job is retried").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  assertEquals(await focused(), id, "the focus comes back");

  await page.locator("#chart").focus();
  const before = await page.locator("#chart").getAttribute("aria-valuetext");
  await page.keyboard.press("Home");
  // Both at one time: the page moves on each second.
  const [after, tip] = await page.evaluate<[string, string]>(
    `[document.querySelector("#chart").getAttribute("aria-valuetext"),
      document.querySelector(".tip").innerText]`,
  );
  assertMatch(after, /^\d\d:\d\d:\d\d: \S+ completed, \S+ failed a second$/);
  assert(before !== after);
  assertEquals(tip, after);

  await page.locator("#find-id").fill(id);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: id }).waitFor();
});

test(
  "the theme follows the system until one is chosen",
  options,
  async (t) => {
    const { page } = await open(t, [pickyStep()]);
    const ground = () =>
      page.evaluate<string>(
        "getComputedStyle(document.documentElement).backgroundColor",
      );
    const [light, dark] = ["rgb(244, 246, 245)", "rgb(13, 18, 17)"];
    await page.emulateMedia({ colorScheme: "light" });
    assertEquals(await ground(), light);
    await page.emulateMedia({ colorScheme: "dark" });
    assertEquals(await ground(), dark);
    const button = (pressed: boolean) =>
      page.getByRole("button", { name: "Dark theme", pressed });
    await button(true).click();
    assertEquals(await ground(), light);
    await button(false).waitFor();
    await page.reload();
    assertEquals(await ground(), light, "it is remembered");
  },
);

test(
  "data of jobs is shown as text, whatever it contains",
  options,
  async (t) => {
    const jobType = "<img/src=x/onerror=window.hacked=1>";
    const step = defineStep(jobType, (_: string, { log, metric }) => {
      log.error(XSS);
      log.info("%s", XSS);
      metric("a", 1);
      throw Object.assign(new Error(XSS), { name: XSS, stack: XSS });
    }, { retry: { attempts: 1 } });
    const site = await start(t, [step]);
    t.use(await step.run({ pipeline: site.requests, name: XSS }));
    const server = t.use(await serveHttp(site.handler, { port: 0 }));
    const { page, errors } = await openBrowser(t);
    await page.goto(site.handler.link(server.url));
    const id = await site.pipeline.submit(
      jobType,
      { [XSS]: XSS, "</script><script>window.hacked=1</script>": 1 } as never,
      { key: XSS },
    );
    await page.locator("#jobs").getByText(XSS).waitFor();
    await page.locator("#workers").getByText(XSS).waitFor();
    await page.locator("#logs li", { hasText: XSS }).nth(1).waitFor();
    await page.getByRole("link", { name: id }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("region", { name: "Payload" }).waitFor();
    await dialog.locator("summary").click();
    assertMatch(
      await dialog.innerText(),
      /<img\/src=x\/onerror=window\.hacked=1>/,
    );
    await page.goto(`${server.url}/#job=${encodeURIComponent(XSS)}`);
    await page.getByText("Unknown job").waitFor();

    const found = await page.evaluate(`({
    hacked: "hacked" in globalThis,
    foreign: [...document.querySelectorAll("script, img, iframe, [onerror]")]
      .map((element) => element.getAttribute("src"))
      .filter((source) => !source?.startsWith("assets/")),
  })`);
    assertEquals(found, { hacked: false, foreign: [] });
    // The request for the unknown job is the only one that may fail.
    assertEquals(errors.filter((error) => !error.includes("404")), []);
  },
);

test(
  "log records of any form are shown, and none ends the log",
  options,
  async (t) => {
    const { site, page, errors } = await open(t, [pickyStep()]);
    const publisher = t.use(new zmq.XPublisher());
    publisher.connect(site.pipeline.addresses!.events!);
    await within(publisher.receive(), 5000, "the subscription");
    const log = (json: string) => publisher.send(["logs:any:20", json]);
    await log(`{"msg":"half","level":20,"job_id":"\\ud800"}`);
    await log("null");
    await log("[]");
    await log(
      `{"msg":{"a":1},"args":{},"level":"x","time":5,"exception":null}`,
    );
    await log(`{"msg":null,"exception":5,"job_id":5}`);
    await log(`{"msg":"%s after","args":["well"],"level":20}`);
    await page.locator("#logs li", { hasText: "half" }).waitFor();
    await page.locator("#logs li", { hasText: "well after" }).waitFor();
    assertEquals(await page.locator("#logs li").count(), 6);
    await page.reload();
    await page.locator("#logs li", { hasText: "well after" }).waitFor();
    assertEquals(errors, []);
  },
);

test(
  "a job due beyond the range of dates can be shown",
  options,
  async (t) => {
    const { site, page, errors, server } = await open(t, [pickyStep()]);
    const delayMs = Number.MAX_SAFE_INTEGER;
    const id = await site.pipeline.submit("picky", "good" as never, {
      delayMs,
    });
    await page.goto(`${server.url}/#job=${id}`);
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("region", { name: "Payload" }).waitFor();
    assertEquals(errors, []);
  },
);

test(
  "no foreign script runs, and text never becomes HTML",
  options,
  async (t) => {
    const { page } = await open(t, [pickyStep()]);
    const outcome = await page.evaluate<string[]>(`(() => {
    const made = [];
    const attempt = (what, fn) => {
      try {
        fn();
        made.push(what);
      } catch {
        // as it shall be
      }
    };
    const script = () => document.createElement("script");
    attempt("HTML", () =>
      document.body.insertAdjacentHTML("beforeend", ${JSON.stringify(XSS)}));
    attempt("script from elsewhere", () => {
      script().src = "data:text/javascript,window.hacked=1";
    });
    const inline = script();
    inline.append("window.hacked = 1");
    document.body.append(inline); // it would run at once
    if ("hacked" in globalThis) made.push("inline script");
    return made;
  })()`);
    assertEquals(outcome, []);
  },
);

test(
  "the page shows that its pipeline is gone, and that it is back",
  options,
  async (t) => {
    const { site, page, server } = await open(t, [pickyStep()]);
    const { port } = server;
    await server.close();
    await page.getByText(/The pipeline does not respond, since/).waitFor();
    await page.getByText("Disconnected", { exact: true }).waitFor();
    t.use(await serveHttp(site.handler, { port }));
    await page.getByText("Live", { exact: true }).waitFor();
    await page.locator("#notice").waitFor({ state: "hidden" });
    await site.pipeline.submit("picky", "good" as never);
    await page.locator("#logs li", { hasText: "It is good" }).waitFor();
    assertEquals(
      await page.locator("#logs li", { hasText: "It is good" }).count(),
      1,
    );
  },
);

test("without the token one may type it in", options, async (t) => {
  const { site, page, server } = await open(t, [pickyStep()]);
  await page.context().clearCookies();
  await page.goto(server.url);
  await page.getByLabel("Token").fill(String(site.handler.token));
  await page.keyboard.press("Enter");
  await page.getByText("Live", { exact: true }).waitFor();
  await page.context().clearCookies();
  await page.getByText("Unauthorized").waitFor();
});

test("tens of thousands of jobs do not make a long page", {
  ...options,
  timeoutMs: 60_000,
}, async (t) => {
  const count = 20_000;
  const { site, page } = await open(t, [endless()]);
  const ids = await Promise.all(
    Array.from(
      { length: count },
      () => site.pipeline.submit("endless", null as never),
    ),
  );
  await page.locator("#steps").getByText("19,999").waitFor();
  const rows = page.locator("#jobs tr");
  await rows.getByText(ids.at(-1)!).waitFor();
  assertEquals(await rows.count(), 25);
  await page.getByRole("button", { name: "Older" }).click();
  await page.getByText("Page 2").waitFor();
  await rows.getByText(ids.at(-26)!).waitFor();
  assertEquals(await rows.count(), 25);
  await page.getByRole("button", { name: "Newer" }).click();
  await rows.getByText(ids.at(-1)!).waitFor();
});

for (const theme of ["light", "dark"] as const) {
  test(
    `it is accessible: names, order, contrast (${theme})`,
    options,
    async (t) => {
      const { site, page } = await open(
        t,
        [pickyStep(), endless()],
        undefined,
        [{ id: "nightly", flow: "picky", cron: "30 2 * * *" }],
      );
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      for (const what of ["good", "bad"]) {
        await site.pipeline.submit("picky", what as never);
      }
      await site.pipeline.submit("endless", null as never);
      await page.locator("#jobs").getByText("active").waitFor();
      await page.locator("#jobs").getByText("dead").waitFor();
      await page.locator("#logs li").nth(1).waitFor();
      assertEquals(await faultsOf(page), []);
      await page.locator("#jobs tr", { hasText: "dead" }).getByRole("link")
        .click();
      await page.getByRole("dialog").getByText("Timeline").waitFor();
      assertEquals(await faultsOf(page), []);
    },
  );
}

test("it fits a phone", options, async (t) => {
  const { site, page } = await open(
    t,
    [pickyStep()],
    { width: 360, height: 780 },
    [{ id: "long".repeat(16), flow: "picky", cron: "30,59 2 * * *" }],
  );
  const id = await site.pipeline.submit(
    "picky",
    `${"long".repeat(100)}` as never,
  );
  await page.locator("#jobs").getByText("dead").waitFor();
  const overflow = () =>
    page.evaluate<string[]>(
      `document.documentElement.scrollWidth <= innerWidth ? [] : [
        "too wide: " + document.documentElement.scrollWidth,
        ...[...document.body.querySelectorAll("*")].filter((element) =>
          element.getBoundingClientRect().right > innerWidth
        ).map((element) => element.tagName + "." + element.className),
      ]`,
    );
  assertEquals(await overflow(), []);
  await page.setViewportSize({ width: 320, height: 600 });
  assertEquals(await overflow(), []);
  await page.getByRole("link", { name: id }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Timeline").waitFor();
  assertEquals(await overflow(), []);
  const box = (await dialog.boundingBox())!;
  assertEquals([box.x, box.width], [0, 320]);
});
