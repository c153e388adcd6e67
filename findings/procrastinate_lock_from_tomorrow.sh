#!/usr/bin/env bash
# With:  procrastinate 3.10.0 (PyPI) on PostgreSQL 15.
# Guess: a lock lets one job of its name run at a time; one that is scheduled for
#        tomorrow does not run, so it does not hold up one that could run now.
# Seen:  it does: what was deferred with the same lock after it waits until
#        tomorrow, too, whoever is idle. The other way round, with the scheduled
#        one deferred second, the first runs.
# So:    a lock is a place in a line that begins at defer, not at the start. Give
#        reminders and other late jobs a lock of their own.
source "$(dirname "$0")/lib.sh"
start_postgres
from_pypi procrastinate==3.10.0 'psycopg[binary]==3.3.9'
cat >ask.py <<'END'
import asyncio, logging
import procrastinate

logging.disable(logging.CRITICAL)
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo="dbname=postgres"))
ran = []


@app.task(name="note")
async def note(name):
    ran.append(name)


async def defer(name, **options):
    await note.configure(**options).defer_async(name=name)


async def main():
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await defer("A tomorrow", lock="A", schedule_in={"days": 1})
        await defer("A now", lock="A")
        await defer("B now", lock="B")
        await defer("B tomorrow", lock="B", schedule_in={"days": 1})
        await defer("without a lock")
        await app.run_worker_async(wait=False, install_signal_handlers=False)
        print(ran)


asyncio.run(main())
END
same "['B now', 'without a lock']" "$(python3 ask.py)"
