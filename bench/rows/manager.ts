/**
 * Benchmarks. `sendSafe` → `recvSafe` of a SocketManager, against the engine
 * beneath it with the same bytes.
 *
 * @module
 */
import type { Contender } from "../lib/contenders.ts";
import { ANY_PORT, oneWay, type Row, start } from "../lib/row.ts";
import { table } from "../lib/table.ts";

const FORMATS = ["json", "msgpack"] as const;

/** A row. */
export const manager: Row = {
  name: "manager",
  async run({ rounds, field: { engines } }) {
    const bare = engines.map((engine) => named(engine, "bytes"));
    const managed = FORMATS.map((format) =>
      engines.map((engine) => named(engine, format))
    );
    await using sizes = start(engines[0]!, "job_size", { format: "json" });
    const size = await sizes.number("size");
    await sizes.end();
    const samples = await rounds.rates(
      "sendSafe → recvSafe",
      engines.flatMap((_, i) => [bare[i]!, managed[0]![i]!, managed[1]![i]!]),
      10_000,
      (contender, count) => {
        const format = FORMATS.find((f) => contender.name.endsWith(`, ${f}`));
        return format === undefined
          ? oneWay(contender, ["pull", "push"], ANY_PORT, { count, size })
          : oneWay(contender, ["manager_pull", "manager_push"], ANY_PORT, {
            count,
            format,
          });
      },
    );
    const engineOf = (name: string) =>
      bare.find((_, i) => name.startsWith(`${engines[i]!.name},`))?.name;
    return {
      title: "SocketManager",
      text:
        `A small object (${size} B as JSON) through \`sendSafe\` and \`recvSafe\`, as ` +
        "PUSH→PULL over tcp between two processes; against `send` and `receive` of the " +
        "engine with as many bytes.",
      tables: [{
        title: "Messages per second",
        table: table("", samples, [
          { title: "messages/s", value: "rate" },
          { title: "against bytes", value: "rate", against: engineOf },
        ]),
      }],
    };
  },
};

function named(engine: Contender, what: string): Contender {
  return { ...engine, name: `${engine.name}, ${what}` };
}
