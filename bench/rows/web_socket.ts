/**
 * Benchmarks. PUSH→PULL over ws, beside jszmq and the library ws by itself.
 *
 * @module
 */
import { oneWay, type Row } from "../lib/row.ts";
import { table, whole } from "../lib/table.ts";

const SIZES = [64, 1024, 65536];

/** A row. */
export const webSocket: Row = {
  name: "ws",
  async run({ rounds, field }) {
    const { engines, jszmq, rawWs } = field;
    const tables = [];
    for (const size of rounds.cases(SIZES)) {
      const samples = await rounds.rates(
        `ws, ${size} B`,
        [...engines, rawWs, jszmq],
        2000,
        (contender, count) =>
          oneWay(contender, ["pull", "push"], "ws://127.0.0.1:*", {
            count,
            size,
          }),
      );
      tables.push({
        title: size < 1024 ? `${size} B` : `${size / 1024} KiB`,
        table: table("", samples, [
          { title: "messages/s", value: "rate", show: whole },
          { title: "against jszmq", value: "rate", against: jszmq.name },
          { title: "against ws", value: "rate", against: rawWs.name },
        ]),
      });
    }
    return {
      title: "PUSH→PULL over ws",
      text:
        "Messages per second that arrive between two processes, with the default " +
        "high-water marks. `ws` sends binary messages of the same size without " +
        "ZeroMQ; jszmq stands on it.",
      tables,
    };
  },
};
