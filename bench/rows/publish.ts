/**
 * Benchmarks. PUB to many subscribers, and to many subscriptions.
 *
 * @module
 */
import type { Contender } from "../lib/contenders.ts";
import {
  ANY_PORT,
  type Row,
  type Section,
  type Stage,
  start,
} from "../lib/row.ts";
import { type Sample, type Samples, spreadOf } from "../lib/rounds.ts";
import {
  type Column,
  lines,
  table,
  tenths,
  times,
  whole,
} from "../lib/table.ts";
import { columns } from "./throughput.ts";

const CASES = [0, 1000].flatMap((hwm) =>
  [1, 10, 100].map((sockets) => ({ sockets, hwm }))
);
/** All is sent twice, and the second time is measured. */
const PASSES = 2;
const SUBSCRIPTIONS = [1, 1000, 100_000];

/** A row: how many messages reach subscribers in a second. */
export const fanOut: Row = {
  name: "fan_out",
  async run(stage) {
    const { rounds } = stage;
    const tables = [];
    let most: Samples | undefined;
    for (const { sockets, hwm } of rounds.cases(CASES)) {
      const marks = hwm === 0
        ? "no high-water marks"
        : "default high-water marks";
      const samples = await rounds.rates(
        `PUB to ${sockets}, ${marks}`,
        contendersOf(stage),
        Math.ceil(200_000 / sockets),
        (contender, most) => {
          const count = Math.ceil(Math.min(most, 2_000_000) / sockets);
          return publish(contender, { count, sockets, topics: 1, hwm });
        },
      );
      if (hwm === 0) most = samples;
      const share: Column = {
        title: "arrived",
        value: "share",
        show: (n) => `${tenths(n)} %`,
      };
      tables.push({
        title: `${sockets} subscribers, ${marks}`,
        table: table(
          "",
          samples,
          hwm === 0 ? columns(stage) : [...columns(stage), share],
        ),
      });
    }
    return {
      title: "PUB to many subscribers",
      text:
        "64 B to 1, 10 and 100 SUB sockets in one other process over tcp: messages " +
        "that arrive per second, all subscribers together. With the default marks a PUB " +
        "that sends continuously drops what its subscribers cannot receive; the last " +
        "column shows the share that arrived.",
      tables,
      chart: {
        title: "PUB to 100 subscribers over TCP, 64 B",
        unit: "messages/s that arrive, all together",
        value: "rate",
        samples: most!,
      },
    };
  },
};

/** A row: what matching costs when there are many subscriptions. */
export const subscriptions: Row = {
  name: "subscriptions",
  async run(stage): Promise<Section> {
    const { rounds } = stage;
    const found: Samples[] = [];
    const counts = rounds.cases(SUBSCRIPTIONS)
      .map((n) => rounds.count(n, Math.min(n, 2000)));
    for (const topics of counts) {
      found.push(
        await rounds.rates(
          `PUB with ${topics} subscriptions`,
          contendersOf(stage),
          20_000,
          (contender, most) =>
            publish(contender, {
              count: Math.min(most, 1_000_000),
              sockets: 1,
              topics,
              hwm: 0,
            }),
        ),
      );
    }
    const names = [...found[0]!.keys()];
    return {
      title: "Many subscriptions",
      text:
        "One SUB over tcp subscribes to a number of topics of 8 bytes; a PUB sends 64 B " +
        "to each in turn, without high-water marks. Messages per second that arrive, " +
        "and the rate with the most subscriptions as a share of that with one.",
      tables: [{
        title: "Messages per second",
        table: lines(
          ["", ...counts.map(whole), "kept"],
          names.map((name) => {
            const rates = found.map((s) =>
              spreadOf(s.get(name) ?? [], "rate").median
            );
            return [
              name,
              ...rates.map(whole),
              times(rates.at(-1)! / rates[0]!),
            ];
          }),
        ),
      }],
    };
  },
};

function contendersOf({ field }: Stage): Contender[] {
  return [...field.engines, field.zeromqJs, field.pyzmq, field.c];
}

async function publish(
  contender: Contender,
  args: { count: number; sockets: number; topics: number; hwm: number },
): Promise<Sample & { ms: number }> {
  const { count, sockets } = args;
  const both = { ...args, passes: PASSES };
  await using pub = start(contender, "pub", {
    bind: ANY_PORT,
    size: 64,
    ...both,
  });
  const connect = await pub.endpoint();
  await using sub = start(contender, "sub", { connect, ...both });
  let [ms, received] = [0, 0];
  for (let pass = 0; pass < PASSES; pass++) {
    await sub.answer();
    pub.order("go");
    const result = await sub.answer();
    [ms, received] = [Number(result.ms), Number(result.received)];
    pub.order("stop");
  }
  await Promise.all([pub.end(), sub.end()]);
  return { ms, received, share: 100 * received / (count * sockets) };
}
