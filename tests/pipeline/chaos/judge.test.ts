/** Unit: the judge of the chaos test sees what went wrong, in evidence that was tampered with. */
import { assert, assertEquals } from "@std/assert";
import type { JobEvent, JobRecord } from "@agentzero/agentzero/pipeline";
import { test } from "../../support/harness.ts";
import type { Evidence, Execution, Happening } from "./evidence.ts";
import { needlessOf } from "./explained.ts";
import { figuresOf, takeoversOf } from "./figures.ts";
import { markOf } from "./flows.ts";
import { judge } from "./judge.ts";
import { readActivity } from "./activity_log.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = { -readonly [K in keyof Evidence]: Evidence[K] };

/** A chain whose first job was begun by a worker that was killed, and done by another one. */
function evidence(): Draft {
  const first = job("f", 0, { n: 6, by: markOf("f", 2, "b") }, '{"n":5}', 2);
  const second = job(
    "f.1",
    1,
    { n: 60, by: markOf("f.1", 1, "b") },
    first.result!,
    1,
  );
  return {
    submitted: [{ id: "f", flow: "chain", n: 5 }],
    readings: [{ id: "f", value: JSON.parse(second.result!) }],
    executions: [
      { job: "f", attempt: 1, step: "first", process: "a", begin: 1010 },
      ran("f", 2, "b", 1400),
      ran("f.1", 1, "b", 1500),
    ],
    happenings: [
      { deed: 0, kind: "kill-worker", process: "a", from: 1050, to: 1060 },
    ],
    workers: new Map([["wa", "a"], ["wb", "b"]]),
    stored: [{
      flow: {
        id: "f",
        name: "chain",
        graph: [],
        state: "completed",
        priority: 0,
        result: second.result!,
        createdAt: 1000,
      },
      jobs: [first, second],
      events: [
        event("f", "dispatched", 1, 1005, "wa"),
        event("f", "requeued", 1, 1350, "wa", "killed"),
        event("f", "dispatched", 2, 1360, "wb"),
        event("f", "completed", 2, 1410, "wb"),
        event("f.1", "dispatched", 1, 1450, "wb"),
        event("f.1", "completed", 1, 1510, "wb"),
      ],
    }],
  };
}

function job(
  id: string,
  node: number,
  result: object,
  payload: string,
  attempt: number,
): JobRecord {
  return {
    id,
    flowId: "f",
    node,
    jobType: node === 0 ? "first" : "second",
    state: "completed",
    payload,
    priority: 0,
    attempt,
    failures: 0,
    kills: 0,
    retry: { attempts: 5, delayMs: 1, maxDelayMs: 1 },
    result: JSON.stringify(result),
    createdAt: 1000,
  };
}

function event(
  jobId: string,
  type: JobEvent["type"],
  attempt: number,
  at: number,
  worker: string,
  detail?: string,
): JobEvent {
  return { jobId, type, attempt, at, worker, detail };
}

function ran(
  job: string,
  attempt: number,
  process: string,
  begin: number,
): Execution {
  const step = job === "f" ? "first" : "second";
  return {
    job,
    attempt,
    step,
    process,
    begin,
    end: begin + 10,
    hasFailed: false,
  };
}

/** The first fault, once something was tampered with. */
function faultOf(tamper: (draft: Draft) => void): string {
  const draft = evidence();
  tamper(draft);
  return judge(draft)[0] ?? "";
}

function firstJob({ stored }: Draft): Mutable<JobRecord> {
  return stored[0]!.jobs[0]!;
}

function eventsOf({ stored }: Draft): JobEvent[] {
  return stored[0]!.events as JobEvent[];
}

test("the judge finds no fault in a correct run", () => {
  assertEquals(judge(evidence()), []);
});

test("the judge sees a job that was lost", () => {
  assert(faultOf((it) => it.readings = []).startsWith("lost: f has no result"));
  assert(
    faultOf((it) => it.readings = [{ id: "f", error: "no" }]).startsWith(
      "lost:",
    ),
  );
  assert(
    faultOf((it) => it.stored = []).startsWith("lost: the store has no f"),
  );
  assert(
    faultOf((it) => it.executions = it.executions.slice(0, 2)).includes(
      "never came to its end",
    ),
  );
  assert(
    faultOf((it) => {
      (it.stored[0] as Mutable<Evidence["stored"][0]>).jobs = [firstJob(it)];
    }).startsWith("wrong: f has the jobs f"),
  );
});

test("the judge sees a flow that is left unfinished", () => {
  assert(
    faultOf((it) => it.stored[0]!.flow.state = "running").startsWith(
      "unfinished: f is running",
    ),
  );
  assert(
    faultOf((it) => firstJob(it).state = "active").startsWith("unfinished: f"),
  );
});

test("the judge sees a result that is wrong", () => {
  assert(
    faultOf((it) => it.readings = [{ id: "f", value: { n: 61, by: "" } }])
      .startsWith("wrong: f gave"),
  );
  assert(
    faultOf((it) => it.stored[0]!.flow.result = "null").startsWith(
      "wrong: f is",
    ),
  );
});

test("the judge sees that a job was accepted twice", () => {
  assert(
    faultOf((it) => eventsOf(it).push(event("f", "completed", 1, 1600, "wa")))
      .startsWith("doubled: f was accepted twice"),
  );
  assert(
    faultOf((it) => it.readings = [...it.readings, ...it.readings]).startsWith(
      "doubled: f has two results",
    ),
  );
  assert(
    faultOf((it) => it.stored = [...it.stored, ...it.stored]).startsWith(
      "doubled: the store has f twice",
    ),
  );
});

test("the judge sees that a late result changed something", () => {
  const late = JSON.stringify({ n: 6, by: markOf("f", 1, "a") });
  assert(
    faultOf((it) => firstJob(it).result = late).startsWith(
      "wrong: f has the result of f#1@a",
    ),
  );
});

test("the judge sees that a job got another payload than was submitted", () => {
  assert(
    faultOf((it) => {
      (it.stored[0]!.jobs[1] as Mutable<JobRecord>).payload = '{"n":7}';
    }).startsWith("wrong: f.1 got"),
  );
});

test("the judge sees a duplicate that nothing explains", () => {
  // Nothing was done to the worker: a false alarm.
  assert(
    faultOf((it) => it.happenings = []).startsWith(
      "unexplained: f was taken from a in attempt 1 (killed)",
    ),
  );
  // Another one was killed, or it was too long ago.
  for (
    const other of [{ process: "b" }, { from: -9000, to: -8990 }, {
      kind: "stop-worker" as const,
    }]
  ) {
    assert(
      faultOf((it) => {
        it.happenings = it.happenings.map((one) => ({ ...one, ...other }));
      }).startsWith("unexplained: f was taken"),
    );
  }
  // What was done does not explain this.
  for (const detail of ["lease", "unclaimed", "released"]) {
    assert(
      faultOf((it) =>
        eventsOf(it)[1] = event("f", "requeued", 1, 1350, "wb", detail)
      ).startsWith("unexplained: f was taken from b"),
    );
  }
  // It was not taken from its worker.
  assert(
    faultOf((it) => eventsOf(it).splice(1, 1)).startsWith(
      "unexplained: attempt 1 of f ended 0 times",
    ),
  );
});

test("a worker may release a job, which then runs elsewhere", () => {
  assertEquals(
    faultOf((it) =>
      eventsOf(it)[1] = event("f", "released", 1, 1350, "wa", "released")
    ),
    "",
  );
});

test("the judge sees runs that no flow asked for", () => {
  const add = (one: Execution) => (it: Draft) => {
    it.executions = [...it.executions, one];
  };
  assert(
    faultOf(add(ran("f", 2, "b", 1450))).startsWith(
      "doubled: attempt 2 of f ran twice",
    ),
  );
  assert(
    faultOf(add(ran("f.1", 2, "b", 1600))).startsWith(
      "wrong: attempt 2 of f.1",
    ),
  );
  assert(faultOf(add(ran("g", 1, "b", 1600))).startsWith("wrong: g ran"));
});

test("a job that was lost on the way may be missed late, but not before it was given out", () => {
  const unclaimed = (...happenings: Omit<Happening, "deed">[]) =>
    faultOf((it) => {
      it.executions = it.executions.slice(1); // it never began
      it.happenings = happenings.map((one, deed) => ({ ...one, deed }));
      eventsOf(it)[1] = event("f", "requeued", 1, 9000, "wa", "unclaimed");
    });
  const cut = { kind: "cut", process: "a", from: 1006, to: 1007 } as const;
  const killed = {
    ...cut,
    kind: "kill-pipeline",
    process: "pipeline",
  } as const;
  const stall = { ...cut, kind: "stall" } as const;
  assertEquals(unclaimed(cut), "");
  assertEquals(unclaimed(killed), "");
  assert(unclaimed(stall).startsWith("unexplained: f was taken"));
  const before = { ...cut, from: -800, to: -790 };
  assert(unclaimed(before).startsWith("unexplained: f was taken"));
  // A pipeline that was stopped gave it out before it noticed.
  const stop = { kind: "stop-pipeline", process: "pipeline" } as const;
  assertEquals(unclaimed(before, { ...stop, from: -700, to: 900 }), "");
});

test("taking a job from an undisturbed worker is needless", () => {
  const it = evidence();
  assertEquals(needlessOf(it), []); // it was killed
  it.happenings = [{ ...it.happenings[0]!, process: "b" }];
  assertEquals(needlessOf(it).map(({ jobId }) => jobId), ["f"]);
  it.executions = it.executions.slice(1); // lost on the way
  assertEquals(needlessOf(it), []);
});

test("figures: duplicates, and how soon a job ran elsewhere", () => {
  const it = evidence();
  assertEquals(takeoversOf(it), [350]);
  const { duplicates, lost, late, requeued, done } = figuresOf(it, 1);
  assertEquals({ duplicates, lost, late, requeued, done }, {
    duplicates: 1,
    lost: 0,
    late: 0,
    requeued: { killed: 1 },
    done: { "kill-worker": 1 },
  });
});

test("an activity log is read to its last whole line", () => {
  const begin = { what: "begin", job: "f", attempt: 1, step: "first", at: 1 };
  const end = { ...begin, what: "end", at: 2, hasFailed: false };
  const lines = [begin, end, { ...begin, job: "g" }].map((line) =>
    `${JSON.stringify(line)}\n`
  );
  const text = `${lines.join("")}{"what":"end","jo`;
  const head = { attempt: 1, step: "first", process: "a", begin: 1 };
  assertEquals(readActivity(text, "a"), [
    { job: "f", ...head, end: 2, hasFailed: false },
    { job: "g", ...head },
  ]);
});
