#!/usr/bin/env bash
# With:  arq 0.28.0 (PyPI), a Redis server.
# Guess: one worker that does one job at a time starts jobs in the order in which
#        enqueue_job() was awaited.
# Seen:  the queue is sorted by milliseconds, and within one by the job's id, which
#        is drawn by chance. Jobs put in quickly one after another change places.
#        With ids that sort ("0000", "0001", ...) they come in order.
# So:    where order matters give ids that sort, or one job that does all of it.
source "$(dirname "$0")/lib.sh"
start_redis
from_pypi arq==0.28.0
cat >ask.py <<'END'
import asyncio, logging, os
from arq import Worker, create_pool
from arq.connections import RedisSettings

logging.disable(logging.CRITICAL)
settings = RedisSettings(port=int(os.environ["REDIS_PORT"]))
ran = []


async def note(_, number):
    ran.append(number)


async def main():
    pool = await create_pool(settings)
    for how in ("ids by chance", "ids that sort"):
        ran.clear()
        for number in range(300):
            name = f"{number:04}" if how == "ids that sort" else None
            await pool.enqueue_job("note", number, _job_id=name)
        worker = Worker(
            [note], redis_settings=settings, burst=True, poll_delay=0.05,
            max_jobs=1, handle_signals=False)
        await worker.async_run()
        await worker.close()
        whole = sorted(ran) == list(range(300))
        print(f"{how}: all: {whole}, in order: {ran == list(range(300))}")


asyncio.run(main())
END
same "ids by chance: all: True, in order: False
ids that sort: all: True, in order: True" "$(python3 ask.py)"
