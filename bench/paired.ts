/**
 * The benchmarks of two checkouts of this project, such as a branch and the
 * commit before it, on Node, Deno and Bun. Both take turns, and each figure is
 * the ratio within a turn.
 *
 *     npm run bench:paired -- --with=DIR [--rows=tcp,jobs] [--rounds=9] [--seconds=0.5]
 *
 * The other checkout needs its `node_modules`. It takes part with its own
 * programs of `bench/peers/`, built in its own way.
 *
 * @module
 */
import { join, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { type Contender, type Field, fieldOf } from "./lib/contenders.ts";
import { quartilesOfRatio, Rounds, type Samples, Tally } from "./lib/rounds.ts";
import { bytes, lines, times } from "./lib/table.ts";
import { Workshop } from "./lib/workshop.ts";
import { FIRST, throughPipeline } from "./rows/jobs.ts";
import { roundTripCount, timeRoundTrips } from "./rows/round_trip.ts";
import { firstCount, SIZES, transfer } from "./rows/throughput.ts";

/** What both do. */
interface Case {
  readonly row: string;
  readonly title: string;
  /** Who of a field takes part; default, its engines. */
  readonly of?: "jobs" | "jobsInSqlite";
  /** What the samples are compared by. */
  readonly value: "rate" | "p50";
  play(title: string, pair: readonly Contender[]): Promise<Samples>;
}

const words = process.argv.slice(2);
const option = (name: string) =>
  words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
const folder = option("with");
if (folder === undefined) throw new Error("--with= names the other checkout");

using workshop = new Workshop();
const effort = {
  isShort: false,
  rounds: Number(option("rounds") ?? 9),
  seconds: Number(option("seconds") ?? 0.5),
};
const tally = new Tally();
const rounds = new Rounds(effort, tally, (line) => console.error(line));
const rows = option("rows")?.split(",");
const cases = [...transfers("tcp"), ...transfers("inproc"), ...others()]
  .filter(({ row }) => rows?.includes(row) ?? true);
const field = await fieldOf(workshop);
const before = await fieldOfFolder(resolve(folder));

const found: string[][] = [];
for (const { title, of = "engines", value, play } of cases) {
  for (const [i, { name, missing }] of field[of].entries()) {
    if (missing !== undefined) continue;
    const pair = [field[of][i]!, { ...before[of][i]!, name: "before" }];
    const samples = await play(`${title}, ${name}`, pair);
    const [own = [], other = []] = [samples.get(name), samples.get("before")];
    const [now, then] = value === "p50" ? [other, own] : [own, other];
    const ratios = quartilesOfRatio(now, then, value);
    found.push([`${title}, ${name}`, ...ratios.map(times)]);
  }
}
console.log(lines(["", "first quarter", "median", "last quarter"], found));
process.exitCode = tally.failed > 0 ? 1 : 0;

function transfers(transport: "tcp" | "inproc"): Case[] {
  return SIZES.map((size) => ({
    row: transport,
    title: `${transport}, ${bytes(size)}`,
    value: "rate",
    play: (title, pair) =>
      rounds.rates(
        title,
        pair,
        firstCount(size),
        (one, count) => transfer(workshop, transport, one, { count, size }),
      ),
  }));
}

function others(): Case[] {
  const jobs = (of: "jobs" | "jobsInSqlite", isInFile: boolean): Case => ({
    row: "jobs",
    title: isInFile ? "jobs, SQLite NORMAL" : "jobs, in memory",
    of,
    value: "rate",
    play: (title, pair) =>
      rounds.rates(title, pair, FIRST, (one, count) =>
        throughPipeline(
          one,
          rounds,
          count,
          isInFile ? workshop.path() : undefined,
        )),
  });
  return [
    {
      row: "round_trip",
      title: "round trip, p50",
      value: "p50",
      play: (title, pair) =>
        rounds.play(
          title,
          pair,
          (one) =>
            timeRoundTrips(one, { count: roundTripCount(rounds), warm: 2000 }),
        ),
    },
    jobs("jobs", false),
    jobs("jobsInSqlite", true),
  ];
}

/** Who takes part for the other checkout. */
async function fieldOfFolder(folder: string): Promise<Field> {
  const load = (file: string) =>
    import(pathToFileURL(join(folder, "bench/lib", file)).href);
  const { Workshop: Theirs } = await load("workshop.ts");
  const { fieldOf: theirFieldOf } = await load("contenders.ts");
  const theirs = new Theirs();
  process.on("exit", () => theirs[Symbol.dispose]());
  return await theirFieldOf(theirs);
}
