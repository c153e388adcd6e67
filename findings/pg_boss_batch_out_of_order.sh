#!/usr/bin/env bash
# With:  pg-boss 12.38.0 (npm) on PostgreSQL 15, Node 22.23.3.
# Guess: jobs that one insert() has put in come out in the order of the array, as
#        they do one by one, in a batch likewise.
# Seen:  fetch() with a batchSize, and so the handler of work() with one, gives
#        them shuffled; one at a time they came in order. Jobs of one insert have
#        the same time of creation, and that is all the batch is sorted by.
# So:    where order matters within a batch, put a number into the data and sort.
source "$(dirname "$0")/lib.sh"
start_postgres
from_npm node@22.23.3 pg-boss@12.38.0
cat >ask.mjs <<'END'
import { PgBoss } from "pg-boss";

const boss = new PgBoss({ host: "127.0.0.1", port: process.env.PGPORT, user: "postgres" });
boss.on("error", console.error);
await boss.start();
const numbers = Array.from({ length: 50 }, (_, number) => number);
const put = async (queue) => {
  await boss.createQueue(queue);
  await boss.insert(queue, numbers.map((number) => ({ data: { number } })));
};
const tell = (name, jobs) => {
  const got = jobs.map((job) => job.data.number);
  const all = [...got].sort((a, b) => a - b).join() === numbers.join();
  console.log(`${name}: all: ${all}, in order: ${got.join() === numbers.join()}`);
};
await put("batch");
tell("in a batch", await boss.fetch("batch", { batchSize: numbers.length }));
await put("single");
const jobs = [];
for (const _ of numbers) jobs.push(...await boss.fetch("single"));
tell("one by one", jobs);
process.exit();
END
same "in a batch: all: true, in order: false
one by one: all: true, in order: true" "$(node_modules/.bin/node ask.mjs)"
