/**
 * Benchmarks. REQ/REP: how long an answer takes.
 *
 * @module
 */
import { type Contender, rawOf } from "../lib/contenders.ts";
import type { Rounds } from "../lib/rounds.ts";
import { ANY_PORT, type Row, start } from "../lib/row.ts";
import { table, tenths } from "../lib/table.ts";

const SIZE = 64;

/** A row. */
export const roundTrip: Row = {
  name: "round_trip",
  async run({ rounds, field }) {
    const { engines, raw, zeromqJs, pyzmq, c } = field;
    const contenders = engines.flatMap((engine, i) => [raw[i]!, engine]);
    const count = roundTripCount(rounds);
    const samples = await rounds.play(
      "REQ/REP over tcp, 64 B",
      [...contenders, zeromqJs, pyzmq, c],
      (contender) =>
        timeRoundTrips(contender, { count, warm: rounds.count(2000, 10) }),
    );
    return {
      title: "REQ/REP round trip",
      text:
        `${SIZE} B there and back over tcp between two processes, one request at a ` +
        "time, in microseconds. `node:net` is an echo of the same bytes without ZeroMQ.",
      chart: {
        title: "REQ/REP round trip over TCP, 64 B: less is better",
        unit: "µs, p50",
        value: "p50",
        samples,
      },
      tables: [{
        title: "Microseconds",
        table: table("", samples, [
          { title: "p50", value: "p50", show: tenths },
          { title: "p99", value: "p99", show: tenths },
          { title: "p99.9", value: "p999", show: tenths },
          {
            title: "p50 against node:net",
            value: "p50",
            against: rawOf(field),
          },
          { title: "against C", value: "p50", against: c.name },
        ]),
      }],
    };
  },
};

/** How many round trips fill the time, about. */
export function roundTripCount(rounds: Rounds): number {
  return rounds.count(Math.ceil(10_000 * rounds.effort.seconds), 50);
}

/** Times requests and their answers, in microseconds. */
export async function timeRoundTrips(
  contender: Contender,
  args: { count: number; warm: number },
): Promise<{ p50: number; p99: number; p999: number }> {
  await using rep = start(contender, "rep", { bind: ANY_PORT, ...args });
  const connect = await rep.endpoint();
  await using req = start(contender, "req", { connect, size: SIZE, ...args });
  const { p50, p99, p999 } = await req.answer();
  await Promise.all([req.end(), rep.end()]);
  return { p50: Number(p50), p99: Number(p99), p999: Number(p999) };
}
