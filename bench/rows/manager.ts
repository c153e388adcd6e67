/**
 * Benchmarks. `sendSafe` → `recvSafe` of a SocketManager, against the engine
 * beneath it with the same bytes.
 *
 * @module
 */
import type { Contender } from "../lib/contenders.ts";
import { ANY_PORT, byItself, oneWay, type Row, start } from "../lib/row.ts";
import { table } from "../lib/table.ts";

const FORMATS = ["json", "msgpack"] as const;

type Measure = (contender: Contender, count: number) => Promise<{ ms: number }>;

/** A row. */
export const manager: Row = {
  name: "manager",
  async run({ rounds, field: { engines } }) {
    await using sizes = start(engines[0]!, "job_size", { format: "json" });
    const size = await sizes.number("size");
    await sizes.end();
    const how = new Map<string, Measure>();
    const named = (one: Contender, what: string, measure: Measure) => {
      const name = `${one.name}, ${what}`;
      how.set(name, measure);
      return { ...one, name };
    };
    const contenders = engines.flatMap((engine) => [
      named(
        engine,
        "bytes",
        (one, count) =>
          oneWay(one, ["pull", "push"], ANY_PORT, { count, size }),
      ),
      ...FORMATS.flatMap((format) => [
        named(
          engine,
          format,
          (one, count) =>
            oneWay(one, ["manager_pull", "manager_push"], ANY_PORT, {
              count,
              format,
            }),
        ),
        named(
          engine,
          `${format} alone`,
          (one, count) => byItself(one, "format_alone", { count, format }),
        ),
      ]),
    ]);
    const samples = await rounds.rates(
      "sendSafe → recvSafe",
      contenders,
      10_000,
      (contender, count) => how.get(contender.name)!(contender, count),
    );
    const same = (what: string) => (name: string) =>
      `${name.split(", ")[0]}, ${what}`;
    const formatOf = (name: string) => {
      const format = FORMATS.find((format) => name.endsWith(`, ${format}`));
      return format && same(`${format} alone`)(name);
    };
    return {
      title: "SocketManager",
      text:
        `A small object (${size} B as JSON) through \`sendSafe\` and \`recvSafe\`, as ` +
        "PUSH→PULL over tcp between two processes; compared with `send` and `receive` of " +
        "the engine with the same number of bytes. `alone` is the format without ZeroMQ: " +
        "one process that only serializes, or only deserializes, whichever takes longer.",
      tables: [{
        title: "Messages per second",
        table: table("", samples, [
          { title: "messages/s", value: "rate" },
          { title: "against bytes", value: "rate", against: same("bytes") },
          { title: "against the format", value: "rate", against: formatOf },
        ]),
      }],
    };
  },
};
