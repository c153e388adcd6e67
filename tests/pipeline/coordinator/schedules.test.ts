/** Unit: flows that are submitted by the clock. */
import { assertEquals, assertThrows } from "@std/assert";
import { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import { Schedules } from "../../../src/pipeline/coordinator/schedules.ts";
import type { Schedule } from "../../../src/pipeline/coordinator/schedule_entry.ts";
import { memoryStore } from "../../../src/pipeline/store/memory_store.ts";
import { test } from "../../support/harness.ts";
import { ONE, TestScheduler, testScheduler } from "../scheduler/fixture.ts";

const NOON = Date.UTC(2030, 0, 31, 12);
const HOURLY: Schedule = {
  id: "hourly",
  flow: "a",
  cron: "0 * * * *",
  timezone: "UTC",
  payload: '"go"',
};
const HOUR = 3_600_000;

interface Setup {
  readonly schedules?: readonly Schedule[];
  readonly warnings?: Error[];
  readonly maxSchedules?: number;
  readonly minScheduleMs?: number;
  readonly maxPayloadBytes?: number;
}

async function schedulesOn(
  t: TestScheduler,
  { schedules, warnings, ...limits }: Setup = {},
) {
  const one = new Schedules(t.scheduler, {
    ...limits,
    now: () => t.now,
    flows: new Map([["a", ONE]]),
    findFlow: (id) => t.store.flow(id),
    schedules,
    onWarning: (error) => void warnings?.push(error),
  });
  await one.restore(t.store.settings());
  return one;
}

function submitted(t: TestScheduler): string[] {
  const ids = [];
  for (let job = t.take("a"); job !== undefined; job = t.take("a")) {
    t.scheduler.succeed(job.id, job.attempt, "1");
    ids.push(job.id);
  }
  return ids;
}

test("each time is submitted once, with an id of its own", async () => {
  const t = await testScheduler({ now: NOON + 1 });
  const s = await schedulesOn(t);
  assertEquals(s.nextAt, undefined);
  assertEquals(s.put(HOURLY), NOON + HOUR);
  assertEquals(s.put(HOURLY), NOON + HOUR);
  s.tick();
  assertEquals(submitted(t), []);
  for (const hour of ["13", "14"]) {
    t.now = s.nextAt!;
    s.tick();
    s.tick();
    const job = t.scheduler.job(`hourly-20300131T${hour}0000Z`)!;
    assertEquals(job.payload, '"go"');
    assertEquals(submitted(t), [job.id]);
  }
  assertEquals(s.list(), [{
    ...HOURLY,
    isDeclared: false,
    nextAt: NOON + 3 * HOUR,
    lastAt: NOON + 2 * HOUR,
    lastId: "hourly-20300131T140000Z",
  }]);
});

test("a schedule that is paused submits nothing, and goes on with the next time", async () => {
  const t = await testScheduler({ now: NOON + 1 });
  const s = await schedulesOn(t, { schedules: [HOURLY] });
  assertEquals(s.pause("hourly", true), true);
  assertEquals(s.pause("hourly", true), true);
  assertEquals(s.pause("other", true), false);
  assertEquals(s.nextAt, undefined);
  assertEquals(s.list().map((one) => one.isPaused), [true]);
  await t.keep();
  // Also after a restart, in which the program declares it otherwise.
  const later = t.restart({ now: NOON + 5 * HOUR + 60_000 });
  const changed = { ...HOURLY, payload: "2" };
  const again = await schedulesOn(later, { schedules: [changed] });
  again.tick();
  assertEquals([submitted(later), again.nextAt], [[], undefined]);
  assertEquals(again.list().map((one) => [one.isPaused, one.payload]), [
    [true, "2"],
  ]);
  assertEquals(again.pause("hourly", false), true);
  assertEquals(again.nextAt, NOON + 6 * HOUR);
  assertEquals(again.list()[0]!.isPaused, undefined);
  later.now = NOON + 6 * HOUR;
  again.tick();
  assertEquals(submitted(later), ["hourly-20300131T180000Z"]);
});

test("a schedule whose only time passed while it was paused cannot be resumed", async () => {
  const t = await testScheduler({ now: NOON });
  const s = await schedulesOn(t);
  s.put({ ...HOURLY, cron: "2030-01-31T13:00:00Z" });
  s.pause("hourly", true);
  t.now = NOON + 2 * HOUR;
  const error = assertThrows(() => s.pause("hourly", false), PipelineError);
  assertEquals(error.code, "ERR_PIPELINE_STATE");
  s.tick();
  assertEquals([submitted(t), s.list().length], [[], 1]);
  assertEquals(s.remove("hourly"), true);
});

test("the last submission is known after a restart, and after a change", async () => {
  const t = await testScheduler({ now: NOON + 1 });
  const last = (s: Schedules) =>
    s.list().map((one) => [one.lastAt, one.lastId]);
  const s = await schedulesOn(t);
  s.put({ ...HOURLY, missed: "skip" });
  assertEquals(last(s), [[undefined, undefined]]);
  t.now = NOON + HOUR;
  s.tick();
  await t.keep();
  // A time that is skipped is none that was submitted.
  const later = t.restart({ now: NOON + 5 * HOUR + 60_000 });
  const again = await schedulesOn(later);
  again.tick();
  const expected = [[NOON + HOUR, "hourly-20300131T130000Z"]];
  assertEquals(last(again), expected);
  again.put({ ...HOURLY, cron: "30 * * * *" });
  assertEquals(last(again), expected);
});

test("a time is not submitted again after a restart, whatever was committed of it", async () => {
  const t = await testScheduler({ now: NOON + 1 });
  (await schedulesOn(t)).put(HOURLY);
  await t.keep();
  // It was submitted, and the pipeline ended before that was kept ...
  const lost = t.restart({ now: NOON + HOUR });
  (await schedulesOn(lost)).tick();
  assertEquals(submitted(lost), ["hourly-20300131T130000Z"]);
  // ... so the next one submits it, and keeps both together.
  const kept = t.restart({ now: NOON + HOUR });
  const s = await schedulesOn(kept);
  s.tick();
  assertEquals(submitted(kept), ["hourly-20300131T130000Z"]);
  await kept.keep();
  const next = kept.restart({ now: NOON + HOUR });
  (await schedulesOn(next)).tick();
  assertEquals(submitted(next), []);
  // A clock that was set back does not submit what the store knows.
  const back = kept.restart({ now: NOON + HOUR - 1 });
  const again = await schedulesOn(back);
  again.remove("hourly");
  again.put(HOURLY);
  back.now = again.nextAt!;
  again.tick();
  assertEquals(submitted(back), []);
});

test("of missed times the last is made up for, or none", async () => {
  for (const missed of ["once", "skip"] as const) {
    const t = await testScheduler({ now: NOON + 1 });
    (await schedulesOn(t)).put({ ...HOURLY, missed });
    await t.keep();
    const later = t.restart({ now: NOON + 5 * HOUR + 60_000 });
    const s = await schedulesOn(later);
    s.tick();
    assertEquals(
      submitted(later),
      missed === "once" ? ["hourly-20300131T170000Z"] : [],
    );
    assertEquals(s.nextAt, NOON + 6 * HOUR);
  }
});

test("a slightly late tick misses nothing", async () => {
  const t = await testScheduler({ now: NOON + 1 });
  const s = await schedulesOn(t);
  s.put({ ...HOURLY, missed: "skip" });
  t.now = NOON + HOUR + 5000;
  s.tick();
  assertEquals(submitted(t), ["hourly-20300131T130000Z"]);
});

test("submission to a full queue is retried until there is room", async () => {
  const t = await testScheduler({ now: NOON + 1, maxQueued: 1 });
  const warnings: Error[] = [];
  const s = await schedulesOn(t, { warnings });
  s.put(HOURLY);
  t.submit(ONE);
  t.now = s.nextAt!;
  s.tick();
  assertEquals((warnings[0] as PipelineError).code, "ERR_PIPELINE_FULL");
  assertEquals(submitted(t), ["f1"]);
  t.now = s.nextAt!;
  s.tick();
  assertEquals(submitted(t), ["hourly-20300131T130000Z"]);
  assertEquals(s.nextAt, NOON + 2 * HOUR);
});

test("a schedule of one time is deleted afterwards", async () => {
  const t = await testScheduler({ now: NOON });
  const s = await schedulesOn(t);
  s.put({ ...HOURLY, id: "once", cron: "2030-01-31T12:00:05Z" });
  t.now = NOON + 5000;
  s.tick();
  assertEquals(submitted(t), ["once-20300131T120005Z"]);
  assertEquals([s.list(), s.nextAt], [[], undefined]);
  assertEquals(t.scheduler.takeChanges().settings.get("schedule:once"), null);
});

test("daylight saving time neither loses nor doubles a day", async () => {
  const t = await testScheduler({ now: Date.UTC(2030, 2, 29, 12) });
  const s = await schedulesOn(t);
  s.put({
    ...HOURLY,
    id: "nightly",
    cron: "30 2 * * *",
    timezone: "Europe/Berlin",
  });
  const ids = [];
  for (let day = 0; day < 4; day++) {
    t.now = s.nextAt!;
    s.tick();
    ids.push(...submitted(t));
  }
  assertEquals(ids, [
    "nightly-20300330T013000Z",
    "nightly-20300331T010000Z", // 2:30 there is none
    "nightly-20300401T003000Z",
    "nightly-20300402T003000Z",
  ]);
});

test("declared schedules are stored, replaced and removed with the program; others stay", async () => {
  const store = memoryStore();
  await store.open();
  const runWith = async (schedules: readonly Schedule[]) => {
    const scheduler = new TestScheduler({ store, now: NOON + 1 });
    return {
      scheduler,
      schedules: await schedulesOn(scheduler, { schedules }),
    };
  };
  const one = await runWith([HOURLY]);
  one.schedules.put({ ...HOURLY, id: "asked" });
  await one.scheduler.keep();
  const two = await runWith([{ ...HOURLY, id: "other", cron: "30 * * * *" }]);
  assertEquals(two.schedules.list().map(({ id }) => id), ["other", "asked"]);
  await two.scheduler.keep();
  assertEquals([...store.settings().keys()].sort(), [
    "schedule:asked",
    "schedule:other",
  ]);
});

test("a schedule that cannot be stored is refused with a reason", async () => {
  const t = await testScheduler({ now: NOON });
  const s = await schedulesOn(t);
  const refuse = (more: Partial<Schedule>) => {
    return assertThrows(() => s.put({ ...HOURLY, ...more }), PipelineError)
      .code;
  };
  assertEquals(refuse({ cron: "every day" }), "ERR_PIPELINE_INVALID");
  assertEquals(refuse({ cron: "61 * * * *" }), "ERR_PIPELINE_INVALID");
  assertEquals(
    refuse({ cron: "2001-01-01T00:00:00Z" }),
    "ERR_PIPELINE_INVALID",
  );
  assertEquals(refuse({ timezone: "Mars/Utopia" }), "ERR_PIPELINE_INVALID");
  assertEquals(refuse({ id: "a b" }), "ERR_PIPELINE_INVALID");
  assertEquals(refuse({ flow: "nothing" }), "ERR_PIPELINE_UNKNOWN");
  assertEquals(s.list(), []);
});

test("a declared schedule of one time is submitted once, and does not prevent a later start", async () => {
  const once: Schedule = { ...HOURLY, id: "day", cron: "2030-01-31T13:00:00" };
  const schedules = [once];
  const warnings: Error[] = [];
  const first = await testScheduler({ now: NOON });
  const s = await schedulesOn(first, { schedules, warnings });
  assertEquals(s.nextAt, NOON + HOUR);
  first.now += HOUR;
  s.tick();
  assertEquals(submitted(first), ["day-20300131T130000Z"]);
  assertEquals([s.nextAt, s.list()], [undefined, []]);
  await first.keep();

  // Also when the flow is forgotten, and for a year.
  for (const later of [1, 24 * 365]) {
    const next = first.restart({ now: NOON + HOUR + later * HOUR });
    const restored = await schedulesOn(next, { schedules, warnings });
    restored.tick();
    assertEquals([restored.nextAt, submitted(next)], [undefined, []]);
    await next.keep();
  }
  assertEquals(warnings, []);

  // Another time counts; one that the program has no more is forgotten.
  const moved = { ...once, cron: "2030-02-01T13:00:00" };
  const third = first.restart();
  assertEquals(
    (await schedulesOn(third, { schedules: [moved] })).nextAt,
    NOON + 25 * HOUR,
  );
  const fourth = first.restart();
  await schedulesOn(fourth);
  await fourth.keep();
  assertEquals(fourth.store.settings().has("schedule:day"), false);
});

test("a declared schedule whose only time is past causes one warning", async () => {
  const past: Schedule = { ...HOURLY, id: "day", cron: "2029-01-31T13:00:00" };
  const warnings: Error[] = [];
  const first = await testScheduler({ now: NOON });
  const s = await schedulesOn(first, { schedules: [past], warnings });
  s.tick();
  assertEquals([s.nextAt, submitted(first)], [undefined, []]);
  assertEquals(warnings.length, 1);
  await first.keep();
  const next = first.restart();
  await schedulesOn(next, { schedules: [past], warnings });
  assertEquals(warnings.length, 1);
  // By hand it is still refused.
  assertThrows(() => s.put({ ...past, id: "other" }), PipelineError, "no time");
});

test("a single missed time is made up for, whatever else changes", async () => {
  const once: Schedule = { ...HOURLY, id: "day", cron: "2030-01-31T13:00:00" };
  const first = await testScheduler({ now: NOON });
  await schedulesOn(first, { schedules: [once] });
  await first.keep();
  const next = first.restart({ now: NOON + 5 * HOUR });
  const changed = { ...once, payload: '"other"' };
  const s = await schedulesOn(next, { schedules: [changed] });
  s.tick();
  assertEquals(submitted(next), ["day-20300131T130000Z"]);
});

test("schedules above the limit are refused, and not stored", async () => {
  const t = await testScheduler({ now: NOON });
  const declared = [HOURLY, { ...HOURLY, id: "b" }, { ...HOURLY, id: "c" }];
  const s = await schedulesOn(t, { schedules: declared, maxSchedules: 4 });
  s.put({ ...HOURLY, id: "d" });
  const { code, id } = assertThrows(
    () => s.put({ ...HOURLY, id: "e" }),
    PipelineError,
    "there are 4 already (maxSchedules)",
  );
  assertEquals([code, id], ["ERR_PIPELINE_FULL", "e"]);
  assertEquals(s.list().map(({ id }) => id), ["hourly", "b", "c", "d"]);
  // One that is there may change, and one that goes makes room.
  s.put({ ...HOURLY, id: "d", cron: "30 * * * *" });
  s.remove("d");
  s.put({ ...HOURLY, id: "e" });
  await t.keep();
  assertEquals(t.store.settings().has("schedule:d"), false);
  // Those that are kept are taken up, however many there may be.
  const again = await schedulesOn(t, { schedules: declared, maxSchedules: 1 });
  assertEquals(again.list().length, 4);
});

test("a schedule that is due too often is refused, unless it is declared", async () => {
  const t = await testScheduler({ now: NOON });
  const often = { ...HOURLY, id: "often", cron: "* * * * * *" };
  const s = await schedulesOn(t, { schedules: [often], minScheduleMs: 10_000 });
  for (
    const cron of [
      "* * * * * *",
      "*/9 * * * * *",
      "* 0 13 * * *",
      "0-5,30-35 * * * * *",
    ]
  ) {
    assertThrows(
      () => s.put({ ...HOURLY, cron }),
      PipelineError,
      "minScheduleMs",
    );
  }
  assertEquals(s.list().map(({ id }) => id), ["often"]);
  for (
    const cron of [
      "*/10 * * * * *",
      "0,30 * * * * *",
      "* * * * *",
      "0,1 0 3 1 1 *",
      "2031-01-01T00:00:00Z",
    ]
  ) s.put({ ...HOURLY, cron });
  assertEquals(s.list().length, 2);
});

test("a schedule that is never due is refused, one that is rarely due is not", async () => {
  const t = await testScheduler({ now: NOON });
  const s = await schedulesOn(t);
  const never = [
    "0 0 31 2 *",
    "0 0 30 2 *",
    "0 0 31 4,6,9,11 *",
    "* * * 31 2 *",
  ];
  for (const timezone of [undefined, "UTC", "Europe/Berlin"]) {
    for (const cron of never) {
      assertThrows(
        () => s.put({ ...HOURLY, cron, timezone }),
        PipelineError,
        "has no time to come",
      );
    }
  }
  assertThrows(
    () => s.put({ ...HOURLY, cron: "0 0 0 31 2 * 1-9999" }),
    PipelineError,
    "has 7 parts, not 5 or 6",
  );
  // Rare ones are found: the next leap day, a leap day that is a Sunday.
  assertEquals(
    new Date(s.put({ ...HOURLY, cron: "0 0 29 2 *" })).getUTCDate(),
    29,
  );
  const sunday = new Date(s.put({ ...HOURLY, cron: "0 0 29 2 +SUN" }));
  assertEquals([sunday.getUTCDate(), sunday.getUTCDay()], [29, 0]);
});

test("many schedules are submitted in slices, each once, in the order of their times", async () => {
  const t = await testScheduler({ now: NOON + 1 });
  const s = await schedulesOn(t);
  for (let i = 0; i < 250; i++) s.put({ ...HOURLY, id: `s${i}` });
  // Changed and removed again and again, they leave nothing behind.
  for (let i = 0; i < 3000; i++) {
    const cron = i % 2 === 0 ? "1 * * * *" : "0 * * * *";
    s.put({ ...HOURLY, id: "s0", cron });
  }
  for (let i = 200; i < 250; i++) s.remove(`s${i}`);
  t.now = NOON + HOUR;
  const counts = [];
  while (s.nextAt! <= t.now) {
    s.tick();
    counts.push(submitted(t).length);
  }
  assertEquals(counts, [100, 100]);
  assertEquals(s.nextAt, NOON + 2 * HOUR);
});

test("a full queue is reported once a second, with the number of refusals", async () => {
  const t = await testScheduler({ now: NOON + 1, maxQueued: 1 });
  const warnings: Error[] = [];
  const s = await schedulesOn(t, { warnings });
  for (let i = 0; i < 50; i++) s.put({ ...HOURLY, id: `s${i}` });
  t.now = NOON + HOUR;
  s.tick();
  for (let i = 0; i < 9; i++) {
    t.now += 100;
    s.tick();
  }
  assertEquals(warnings.length, 1);
  assertEquals(
    warnings[0]!.message,
    "The queue is full: 49 submissions of schedules were refused; they are retried every second",
  );
  t.now += 100;
  s.tick();
  assertEquals(warnings.length, 2);
});

test("the payloads of all schedules together are limited to the size of one payload", async () => {
  const t = await testScheduler({ now: NOON });
  const s = await schedulesOn(t, { maxPayloadBytes: 100 });
  const payload = JSON.stringify("x".repeat(58));
  s.put({ ...HOURLY, id: "a", payload });
  s.put({ ...HOURLY, id: "a", payload, cron: "1 * * * *" });
  const { code } = assertThrows(
    () => s.put({ ...HOURLY, id: "b", payload }),
    PipelineError,
  );
  assertEquals(code, "ERR_PIPELINE_FULL");
  s.put({ ...HOURLY, id: "b", payload: payload.slice(0, 40) });
});

test("of many declared schedules the first are ready at once, the others in slices", async () => {
  const t = await testScheduler();
  const schedules = Array.from(
    { length: 1250 },
    (_, n) => ({ ...HOURLY, id: `s${n}` }),
  );
  const s = await schedulesOn(t, { schedules, maxSchedules: 1250 });
  assertEquals(s.list().length, 1000);
  assertEquals(s.nextAt, t.now); // there is more to do
  assertThrows(() => s.put({ ...HOURLY, id: "more" }), PipelineError, "1250");
  assertEquals(s.remove("s1249"), true); // as if it had been there
  const counts = [];
  while (s.nextAt === t.now) {
    s.tick();
    counts.push(s.list().length);
  }
  assertEquals(counts, [1100, 1200, 1249]);
  await t.keep();
  // Those that are stored need no search.
  const again = await schedulesOn(t, { schedules });
  assertEquals(again.list().length, 1250);
});

test("a store that answers with a promise is asked before a time is submitted", async () => {
  const t = await testScheduler();
  const asked: string[] = [];
  let isKnown = false;
  let changes = 0;
  const s = new Schedules(t.scheduler, {
    now: () => t.now,
    flows: new Map([["a", ONE]]),
    findFlow: (id) => {
      asked.push(id);
      return Promise.resolve(
        isKnown ? t.store.flow(id) ?? {} as never : undefined,
      );
    },
    changed: () => void changes++,
  });
  await s.restore(new Map());
  t.now = NOON - 1;
  s.put(HOURLY);
  t.now = NOON;
  s.tick();
  assertEquals(submitted(t), []); // not before the answer
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(changes, 1);
  s.tick();
  s.tick();
  assertEquals(submitted(t), ["hourly-20300131T120000Z"]);
  isKnown = true;
  t.now += HOUR;
  s.tick();
  for (let n = 0; n < 3; n++) await Promise.resolve();
  s.tick();
  assertEquals(submitted(t), []); // the store has it
  assertEquals(s.list()[0]!.lastId, "hourly-20300131T130000Z");
  assertEquals(asked.length, 2);
});
