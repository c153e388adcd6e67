#!/usr/bin/env bash
# With:  bee-queue 2.0.0 (npm), a Redis server.
# Guess: a job with delayUntil() runs when its time has come, wherever a process
#        works on that queue.
# Seen:  it stays "delayed" for ever, unless one of the queue objects was made with
#        { activateDelayedJobs: true }, which is off by default. Nobody is told.
#        The same holds for the delay between two attempts with backoff().
# So:    switch it on in every worker; several at once do no harm.
source "$(dirname "$0")/lib.sh"
start_redis
from_npm bee-queue@2.0.0
command -v node >/dev/null || cannot_try "node"
cat >ask.mjs <<'END'
import { setTimeout as sleep } from "node:timers/promises";
import Queue from "bee-queue";

for (const settings of [{}, { activateDelayedJobs: true }]) {
  const name = JSON.stringify(settings);
  const redis = { port: Number(process.env.REDIS_PORT) };
  const queue = new Queue(name, { redis, ...settings });
  const ran = new Promise((resolve) => queue.process(async () => resolve("ran")));
  await queue.ready();
  await queue.createJob({}).delayUntil(Date.now() + 200).save();
  const what = await Promise.race([ran, sleep(8000, "waits")]);
  console.log(name, what);
  await queue.close(0);
}
END
same '{} waits
{"activateDelayedJobs":true} ran' "$(node ask.mjs 2>&1)"
