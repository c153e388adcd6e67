/**
 * Benchmarks. What one who leaves much, or many who speak at once, leave to an
 * honest peer: beside the same without them.
 *
 * @module
 */
import type { Contender } from "../lib/contenders.ts";
import type { Program } from "../lib/program.ts";
import type { Rounds, Sample, Samples } from "../lib/rounds.ts";
import { ANY_PORT, type Stage, start } from "../lib/row.ts";
import { table, tenths, times, whole } from "../lib/table.ts";

const COUNTS = [1000, 10_000, 100_000];
/** What is slow about the largest takes longer than anything else here. */
const DEADLINE_MS = 120_000;

type Measure = (
  contender: Contender,
  count: number,
  ms: number,
) => Promise<Sample>;

/** The tables of crowds. */
export async function crowds(
  { rounds, field: { engines, jobs } }: Stage,
): Promise<{ title: string; table: string }[]> {
  const kinds: [string, string, readonly Contender[], Measure][] = [
    ["A subscriber disconnects", "subscriptions", engines, leaving],
    ["Peers send at once", "peers", engines, ready],
    ["A flow of many items starts and is cancelled", "items", jobs, list],
  ];
  const tables = [];
  for (const [title, unit, contenders, measure] of kinds) {
    const samples = await play(rounds, title, unit, contenders, measure);
    tables.push({ title, table: tableOf(samples) });
  }
  return tables;
}

async function play(
  rounds: Rounds,
  title: string,
  unit: string,
  contenders: readonly Contender[],
  measure: Measure,
): Promise<Samples> {
  const counts = new Map<string, number>();
  const all = contenders.flatMap((contender) =>
    (rounds.effort.isShort ? [200] : COUNTS).map((count) => {
      const name = `${contender.name}, ${whole(count)} ${unit}`;
      counts.set(name, count);
      return { ...contender, name };
    })
  );
  const ms = rounds.count(1000, 150);
  return await rounds.play(title, all, async (contender) => {
    return await measure(contender, counts.get(contender.name)!, ms);
  });
}

const leaving: Measure = async (contender, count, ms) => {
  await using host = start(
    contender,
    "host",
    { bind: ANY_PORT, kind: "leaving", count },
    DEADLINE_MS,
  );
  const { endpoint, pub } = await host.answer() as Record<string, string>;
  await using asker = start(contender, "asker", { connect: endpoint });
  await using leaver = start(
    contender,
    "leaver",
    { connect: pub, count },
    DEADLINE_MS,
  );
  await Promise.all([asker.answer(), leaver.answer()]);
  const sample = await compared(host, asker, ms, async () => {
    leaver.order("leave");
    await leaver.end();
  });
  await end(asker, host);
  return sample;
};

const ready: Measure = async (contender, count, ms) => {
  await using host = start(
    contender,
    "host",
    { bind: ANY_PORT, kind: "ready", count },
    DEADLINE_MS,
  );
  const { endpoint } = await host.answer() as Record<string, string>;
  await using asker = start(contender, "asker", { connect: endpoint });
  await asker.answer();
  const sample = await compared(host, asker, ms, () => Promise.resolve());
  await end(asker, host);
  return sample;
};

const list: Measure = async (contender, count, ms) => {
  await using host = start(contender, "lists", { count }, DEADLINE_MS);
  const connect = await host.endpoint();
  await using asker = start(contender, "listasker", { connect }, DEADLINE_MS);
  await asker.answer();
  const sample = await compared(
    host,
    asker,
    ms,
    async () => void await host.answer(),
  );
  await end(asker, host);
  return sample;
};

/** Measures twice: quiet, and with the crowd. */
async function compared(
  host: Program,
  asker: Program,
  ms: number,
  crowd: () => Promise<void>,
): Promise<Sample> {
  const quiet = await once(host, asker, "quiet", ms, () => Promise.resolve());
  const loud = await once(host, asker, "crowd", ms, crowd);
  return {
    quietMs: quiet.askedMs,
    askedMs: loud.askedMs,
    askedRatio: loud.askedMs / quiet.askedMs,
    quietTickMs: quiet.tickMs,
    tickMs: loud.tickMs,
    tickRatio: loud.tickMs / quiet.tickMs,
    longestMs: loud.longestMs,
  };
}

async function once(
  host: Program,
  asker: Program,
  order: "quiet" | "crowd",
  ms: number,
  crowd: () => Promise<void>,
): Promise<{ tickMs: number; askedMs: number; longestMs: number }> {
  asker.order("begin");
  host.order(order);
  const least = new Promise((resolve) => setTimeout(resolve, ms));
  await Promise.all([crowd(), least]);
  for (const one of [asker, host]) one.order("end");
  const { p99: askedMs } = await asker.answer();
  const { p99, longest } = await host.answer();
  return {
    askedMs: Number(askedMs),
    tickMs: Number(p99),
    longestMs: Number(longest),
  };
}

async function end(...programs: readonly Program[]): Promise<void> {
  for (const program of programs) {
    program.order("stop");
    await program.end();
  }
}

function tableOf(samples: Samples): string {
  return table("", samples, [
    { title: "answers, quiet (ms)", value: "quietMs", show: tenths },
    { title: "with them (ms)", value: "askedMs", show: tenths },
    { title: "ratio", value: "askedRatio", show: times, isSpread: true },
    { title: "timer late, quiet (ms)", value: "quietTickMs", show: tenths },
    { title: "with them (ms)", value: "tickMs", show: tenths },
    { title: "ratio", value: "tickRatio", show: times, isSpread: true },
    { title: "latest (ms)", value: "longestMs", show: tenths },
  ]);
}
