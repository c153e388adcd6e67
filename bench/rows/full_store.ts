/**
 * Benchmarks. Whether finished jobs in the store slow anything down.
 *
 * @module
 */
import { copyFileSync } from "node:fs";
import type { Contender } from "../lib/contenders.ts";
import { type Row, start } from "../lib/row.ts";
import { hundredths, table, whole } from "../lib/table.ts";
import { COLUMNS, FIRST, throughPipeline } from "./jobs.ts";

/** To fill a store takes a while. */
const FILL_MS = 300_000;

/** A row. */
export const fullStore: Row = {
  name: "full_store",
  async run({ rounds, field, workshop }) {
    const count = rounds.count(1_000_000, 2000);
    const [empty, full] = ["empty", `${whole(count)} finished jobs`];
    const contenders = field.jobsInSqlite.flatMap((one) =>
      [empty, full].map((what) => ({ ...one, name: `${one.name}, ${what}` }))
    );
    const filler = contenders.find(({ missing }) => missing === undefined);
    const filled = workshop.path();
    if (filler !== undefined) {
      const args = { path: filled, count };
      await using fill = start(filler, "fill", args, FILL_MS);
      await fill.answer();
      await fill.end();
    }
    // Each goes on with its own file, round after round: it takes long to copy.
    const files = new Map<string, string>();
    const fileOf = ({ name }: Contender) => {
      const known = files.get(name);
      if (known !== undefined) return known;
      const path = workshop.path();
      if (name.endsWith(full)) copyFileSync(filled, path);
      files.set(name, path);
      return path;
    };
    const jobs = await rounds.rates(
      "jobs with a full store",
      contenders,
      FIRST,
      (one, count) => throughPipeline(one, rounds, count, fileOf(one)),
    );
    const calls = await rounds.play(
      "calls of a full store",
      contenders,
      async (one) => {
        await using store = start(one, "store", { path: fileOf(one) });
        const answer = await store.answer();
        await store.end();
        return Object.fromEntries(
          CALLS.map(([name]) => [name, Number(answer[name])]),
        );
      },
    );
    const emptyOf = (name: string) => name.replace(full, empty);
    return {
      title: "A full store",
      text:
        `The same jobs with SQLite NORMAL, with a store that is empty at first and with ` +
        `one that has ${full}; and single operations of the store.`,
      tables: [
        {
          title: "Jobs per second, and milliseconds from submission to handler",
          table: table("", jobs, [
            ...COLUMNS,
            { title: "jobs/s against empty", value: "rate", against: emptyOf },
            { title: "p50 against empty", value: "p50", against: emptyOf },
          ]),
        },
        {
          title: "Milliseconds for a call of the store",
          table: table(
            "",
            calls,
            CALLS.map(([value, title]) => ({ title, value, show: hundredths })),
          ),
        },
      ],
    };
  },
};

const CALLS = [
  ["open", "open, find unfinished flows"],
  ["submit", "store a submission"],
  ["finish", "store a result"],
  ["list", "list the newest 100"],
  ["counts", "count by state and type"],
  ["prune", "delete 1,000"],
] as const;
