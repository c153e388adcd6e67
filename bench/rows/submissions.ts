/**
 * Benchmarks. How many jobs a second are taken from a client: one by one, and in
 * lists; beside BullMQ.
 *
 * @module
 */
import type { Contender } from "../lib/contenders.ts";
import { Redis } from "../lib/redis.ts";
import { type Row, start } from "../lib/row.ts";
import { type Column, table } from "../lib/table.ts";

/** How many single submissions are under way at a time. */
const WINDOW = 500;
/** How many are submitted at first, to see how many fill the time. */
const FIRST = 5000;
/** How many come before those that are measured, at least. */
const WARM = 20_000;

/** How one is measured. */
interface Way {
  readonly inLists: boolean;
  /** Whether the pipeline has an SQLite file. */
  readonly inFile: boolean;
}

/** A row. */
export const submissions: Row = {
  name: "submissions",
  async run({ rounds, field, workshop }) {
    const ways = new Map<string, Way>();
    const withWays = (
      all: readonly Contender[],
      store: string,
    ): Contender[] =>
      all.flatMap((contender) =>
        [false, true].map((inLists) => {
          const name = `${contender.name}, ${store}, ${
            inLists ? "lists" : "one by one"
          }`;
          ways.set(name, { inLists, inFile: store === SQLITE });
          return { ...contender, name };
        })
      );
    const contenders = [
      ...withWays(field.jobs, "in memory"),
      ...withWays(field.jobsInSqlite, SQLITE),
      ...withWays([field.bullmq], REDIS),
    ];
    const samples = await rounds.rates(
      "submissions",
      contenders,
      FIRST,
      async (contender, count) => {
        const { inLists, inFile } = ways.get(contender.name)!;
        const warm = Math.max(count, rounds.count(WARM, 200));
        const args = {
          ...{ warm, count, window: WINDOW },
          ...inLists && { list: 1 },
        };
        const submit = async (connect: string) => {
          await using client = start(contender, "submitter", {
            ...args,
            connect,
          });
          const { ms } = await client.answer();
          await client.end();
          return { ms: Number(ms) };
        };
        if (contender.name.includes(REDIS)) {
          await using redis = await Redis.start(workshop.path(), "everysec");
          return await submit(redis.socket);
        }
        const path = inFile ? workshop.path() : undefined;
        await using pipeline = start(contender, "pipeline", { path });
        const sample = await submit(await pipeline.endpoint());
        await pipeline.end();
        return sample;
      },
    );
    return {
      title: "Submissions",
      text:
        `Jobs that are submitted, stored and not run: ${WINDOW} single submissions in ` +
        "progress at a time, or two lists of 1,000, by `submitMany` and BullMQ's " +
        "`addBulk`. The client and the pipeline (or Redis) are separate processes. A " +
        "list that `submitMany` has sent is in one commit; one of `addBulk` in one " +
        "pipeline of commands.",
      tables: [{
        title: "Submissions per second",
        table: table("", samples, [
          ...COLUMNS,
          {
            title: "against BullMQ",
            value: "rate",
            against: (name) =>
              `${field.bullmq.name}, ${REDIS}, ${name.split(", ").at(-1)}`,
          },
        ]),
      }],
    };
  },
};

const SQLITE = "SQLite NORMAL";
const REDIS = "Redis, appendfsync everysec";

const COLUMNS: readonly Column[] = [
  { title: "a second", value: "rate", isSpread: true },
];
