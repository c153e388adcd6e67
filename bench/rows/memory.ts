/**
 * Benchmarks. Whether memory is bounded, whatever the other side does.
 *
 * @module
 */
import type { Contender } from "../lib/contenders.ts";
import { ANY_PORT, type Row, start } from "../lib/row.ts";
import type { Samples } from "../lib/rounds.ts";
import { spreadOf } from "../lib/rounds.ts";
import { lines, tenths, whole } from "../lib/table.ts";

const MIB = 1024 * 1024;

/** A row. */
export const memory: Row = {
  name: "memory",
  async run({ rounds, field: { engines, zeromqJs } }) {
    const many = rounds.count(500_000, 2000);
    const found = new Map<string, Samples>();
    const play = async (
      what: string,
      contenders: readonly Contender[],
      measure: (contender: Contender) => Promise<number>,
    ) => {
      const samples = await rounds.play(
        what,
        contenders,
        async (contender) => ({
          rise: await measure(contender) / MIB,
        }),
      );
      found.set(what, samples);
    };
    const all = [...engines, zeromqJs];
    for (
      const [what, type, scene] of [
        ["slow consumer", "sub", "pub"],
        ["stuck peer", "pull", "push"],
      ] as const
    ) {
      await play(what, all, async (contender) => {
        await using deaf = start(contender, "deaf", { bind: ANY_PORT, type });
        const connect = await deaf.endpoint();
        const args = { connect, type: scene, count: many, size: 1024 };
        await using flood = start(contender, "flood", args);
        const rise = await flood.number("rise");
        await Promise.all([flood.end(), deaf.end()]);
        return rise;
      });
    }
    await play("tight loop", engines, async (contender) => {
      await using deaf = start(contender, "deaf", {
        bind: ANY_PORT,
        type: "pull",
      });
      const connect = await deaf.endpoint();
      await using tight = start(contender, "tight", {
        connect,
        count: many,
        size: 1024,
      });
      const rise = await tight.number("rise");
      await Promise.all([tight.end(), deaf.end()]);
      return rise;
    });
    await play("kept frames", all, async (contender) => {
      const args = { count: many, every: 100 };
      await using keep = start(contender, "keep", { bind: ANY_PORT, ...args });
      const connect = await keep.endpoint();
      await using push = start(contender, "push", {
        connect,
        ...args,
        size: 10,
      });
      const rise = await keep.number("rise");
      await Promise.all([push.end(), keep.end()]);
      return rise;
    });
    return {
      title: "Bounded memory",
      text:
        `By how many MiB the resident memory of a process rose, with default high-water ` +
        `marks. **slow consumer**: a PUB sends ${
          whole(many)
        } messages of 1 KiB to a SUB that ` +
        "never receives (the peak). **stuck peer**: a PUSH sends to a PULL that never " +
        "receives, until it is rejected (the peak). **tight loop**: a PUSH calls `send` " +
        `${
          whole(many)
        } times and awaits none of the calls (the peak; npm:zeromq allows one call at ` +
        `a time). **kept frames**: of ${
          whole(many)
        } messages of 10 B, the program holds on ` +
        "to one in a hundred (afterwards).",
      tables: [{
        title: "MiB",
        table: lines(
          ["", ...found.keys()],
          all.map(({ name }) => [
            name,
            ...[...found.values()].map((samples) => {
              const own = samples.get(name);
              return own === undefined
                ? "–"
                : tenths(spreadOf(own, "rise").median);
            }),
          ]),
        ),
      }],
    };
  },
};
