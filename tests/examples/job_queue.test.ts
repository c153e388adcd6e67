/**
 * The rules by which the example `file_pipeline` loses no job.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  JobQueue,
  LEASE_MS,
  MAX_TRIES,
} from "../../examples/file_pipeline/job_queue.ts";
import { test } from "../support/harness.ts";

test("a job goes from step to step with what the last one gave", () => {
  const queue = new JobQueue();
  const { id } = queue.submit("path")!;
  for (
    const [step, given, result] of [[0, "path", "content"], [
      1,
      "content",
      "hash",
    ], [2, "hash", "done"]] as const
  ) {
    const job = queue.take(step, "worker", 0)!;
    assertEquals(job.instructions, given);
    assertEquals(queue.succeed(id, job.attempt, result), {
      worker: "worker",
      step,
    });
  }
  assertEquals(queue.jobs.get(id)!.state, "completed");
  assertEquals(queue.done, [1, 1, 1]);
});

test("what a lost worker had goes to another, and its late result does not count", () => {
  const queue = new JobQueue();
  const { id } = queue.submit("path")!;
  const first = queue.take(0, "lost", 0)!.attempt;
  assertEquals(queue.take(0, "other", 0), undefined);
  assertEquals(queue.takeBackFrom("lost"), 1);

  const second = queue.take(0, "other", 0)!.attempt;
  assertEquals(queue.succeed(id, first, "late"), undefined);
  assertEquals(queue.fail(id, first, "late"), undefined);
  assertEquals(queue.succeed(id, second, "right"), {
    worker: "other",
    step: 0,
  });
  assertEquals(queue.succeed(id, second, "twice"), undefined);
  assertEquals(queue.jobs.get(id)!.instructions, "right");
});

test("a lease that is not renewed ends", () => {
  const queue = new JobQueue();
  for (const path of ["a", "b"]) queue.submit(path);
  const a = queue.take(0, "worker", 0)!;
  const b = queue.take(0, "worker", 0)!;
  queue.renew("worker", [a.id], LEASE_MS / 2);
  assertEquals(queue.takeBackExpired(LEASE_MS), 1);
  assertEquals([a.state, b.state], ["dispatched", "waiting"]);
  assertEquals(queue.takeBackExpired(LEASE_MS * 2), 1);
});

test("a job that always fails is given up, and told", () => {
  const queue = new JobQueue();
  const { id } = queue.submit("path")!;
  for (let i = 1; i <= MAX_TRIES; i++) {
    const job = queue.take(0, "worker", 0)!;
    const again = queue.fail(id, job.attempt, `failure ${i}`);
    assertEquals(again, i < MAX_TRIES ? job : undefined);
    if (again) queue.wait(again);
  }
  assertEquals(queue.dead.map(({ error }) => error), [`failure ${MAX_TRIES}`]);
  assertEquals(queue.take(0, "worker", 0), undefined);
  assertEquals(queue.jobs.get(id)!.state, "dead");
});

test("a job that kills its workers is given up too", () => {
  const queue = new JobQueue();
  queue.submit("path");
  for (let i = 0; i < MAX_TRIES; i++) {
    queue.take(0, `worker-${i}`, 0);
    assertEquals(queue.takeBackFrom(`worker-${i}`), 1);
  }
  assertEquals(queue.dead.length, 1);
});

test("a queue that is full takes no more, and few files are under way at a time", () => {
  const queue = new JobQueue();
  let waiting = 0;
  while (queue.submit("path")) waiting++;
  assertEquals(waiting, 1000);

  let underWay = 0;
  while (queue.take(0, "worker", 0)) underWay++;
  assertEquals(underWay, 64);
  for (const [step, result] of ["content", "hash", "done"].entries()) {
    const job = step === 0 ? queue.jobs.get("1")! : queue.take(step, "w", 0)!;
    queue.succeed(job.id, job.attempt, result);
  }
  assertEquals(queue.take(0, "worker", 0)?.id, "65");
  assertEquals(queue.take(0, "worker", 0), undefined);
});
