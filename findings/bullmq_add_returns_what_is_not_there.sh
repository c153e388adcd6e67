#!/usr/bin/env bash
# With:  bullmq 6.7.0, ioredis 5.11.1 (npm), a Redis server.
# Guess: add() with the id of a job that is there adds nothing, and gives back that
#        job, data and all (or nothing).
# Seen:  it adds nothing and gives back a Job with the id of the old one and name
#        and data of the new, which are nowhere stored. addBulk() and
#        deduplication do the same.
# So:    the answer of add() does not show whether it was taken. Read it back with
#        getJob(id), or listen for the queue's "duplicated" event.
source "$(dirname "$0")/lib.sh"
start_redis
from_npm bullmq@6.7.0 ioredis@5.11.1
cat >ask.mjs <<'END'
import { Queue } from "bullmq";

const connection = { host: "127.0.0.1", port: Number(process.env.REDIS_PORT) };
const queue = new Queue("q", { connection });
const show = async (how, job) => {
  const stored = await queue.getJob(job.id);
  console.log(how, "given", job.name, job.data, "stored", stored.name, stored.data);
};
await queue.add("old", { n: 1 }, { jobId: "a" });
await show("add:", await queue.add("new", { n: 2 }, { jobId: "a" }));
const [bulk] = await queue.addBulk([{ name: "new", data: { n: 3 }, opts: { jobId: "a" } }]);
await show("addBulk:", bulk);
await queue.add("old", { n: 1 }, { deduplication: { id: "b" } });
await show("deduplication:", await queue.add("new", { n: 4 }, { deduplication: { id: "b" } }));
console.log("jobs:", await queue.count());
process.exit();
END
same "add: given new { n: 2 } stored old { n: 1 }
addBulk: given new { n: 3 } stored old { n: 1 }
deduplication: given new { n: 4 } stored old { n: 1 }
jobs: 2" "$(node ask.mjs)"
