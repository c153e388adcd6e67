/**
 * Benchmarks. What a flood of messages leaves to others.
 *
 * @module
 */
import { ANY_PORT, type Row, start } from "../lib/row.ts";
import { table, tenths, whole } from "../lib/table.ts";
import { crowds } from "./crowds.ts";

/** A row. */
export const fairness: Row = {
  name: "fairness",
  async run(stage) {
    const { rounds, field: { engines, zeromqJs } } = stage;
    const ms = rounds.count(1000, 150);
    const samples = await rounds.play(
      "a flooding peer",
      [...engines, zeromqJs],
      async (contender) => {
        await using crowd = start(contender, "crowd", { bind: ANY_PORT, ms });
        const connect = await crowd.endpoint();
        await using pace = start(contender, "pace", { connect });
        await using pour = start(contender, "pour", { connect, size: 64 });
        const { tickMs, pacedMs, paced, poured } = await crowd.answer();
        for (const program of [pour, pace]) program.order("stop");
        const sendTickMs = await pour.number("tickMs");
        await Promise.all([pour.end(), pace.end(), crowd.end()]);
        return {
          sendTickMs,
          tickMs: Number(tickMs),
          pacedMs: Number(pacedMs),
          paced: Number(paced) / ms * 1000,
          poured: Number(poured) / ms * 1000,
        };
      },
    );
    return {
      title: "Fairness",
      text:
        "One peer floods a PULL with 64 B messages over tcp while another sends one " +
        "about every 2 ms, each in a process of its own. Measured are how late a timer of the " +
        "application fires in the receiving and in the flooding process (p99), how many " +
        "messages of the quiet peer arrive, and how long they take (p99).\n\n" +
        "Then one honest peer is timed under load: while a subscriber of many topics " +
        "disconnects, while many peers of the same process send at once, or while a flow " +
        "with many items starts in a pipeline and is cancelled. The p99 of a second or " +
        "more under load is compared with that of a quiet second of the same processes.",
      tables: [{
        title: "Under a flood",
        table: table("", samples, [
          { title: "timer late, receiver (ms)", value: "tickMs", show: tenths },
          {
            title: "timer late, sender (ms)",
            value: "sendTickMs",
            show: tenths,
          },
          { title: "quiet peer, messages/s", value: "paced", show: whole },
          { title: "quiet peer, delay (ms)", value: "pacedMs", show: tenths },
          { title: "flood, messages/s", value: "poured", show: whole },
        ]),
      }, ...await crowds(stage)],
    };
  },
};
