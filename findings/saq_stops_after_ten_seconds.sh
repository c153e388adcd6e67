#!/usr/bin/env bash
# With:  saq 0.26.4, redis 7.4.1 (PyPI), a Redis server.
# Guess: a job runs as long as it runs, unless it was given a timeout.
# Seen:  every job has one of 10 seconds. At its end the job is cancelled and has
#        failed, with a TimeoutError that has no text; it is not tried again.
# So:    enqueue with timeout=None, or with what the job needs, and retries above 1.
source "$(dirname "$0")/lib.sh"
start_redis
from_pypi saq==0.26.4 redis==7.4.1
cat >ask.py <<'END'
import asyncio, logging, os
from saq import Queue, Worker

logging.disable(logging.CRITICAL)


async def long(_):
    await asyncio.sleep(12)
    return "done"


async def main():
    queue = Queue.from_url(f"redis://127.0.0.1:{os.environ['REDIS_PORT']}")
    await queue.connect()
    worker = Worker(  # which sweeps up once, at its start
        queue, functions=[("long", long)], concurrency=2, timers={"sweep": 3600})
    working = asyncio.create_task(worker.start())
    await asyncio.sleep(2)  # the sweep may take what has just begun
    jobs = {
        "by default": await queue.enqueue("long"),
        "timeout=None": await queue.enqueue("long", timeout=None),
    }
    for how, job in jobs.items():
        await job.refresh(60)
        error = (job.error or "").strip().splitlines()[-1:]
        print(f"{how}: {job.status.value}", *error, f"after {job.attempts} attempt")
    await worker.stop()
    working.cancel()


asyncio.run(main())
END
same "by default: failed TimeoutError after 1 attempt
timeout=None: complete after 1 attempt" "$(python3 ask.py 2>&1)"
