/**
 * Benchmarks. PUSH→PULL: messages per second over each transport.
 *
 * @module
 */
import { type Contender, rawOf } from "../lib/contenders.ts";
import {
  ANY_PORT,
  byItself,
  oneWay,
  type Row,
  type Section,
  type Stage,
} from "../lib/row.ts";
import type { Samples } from "../lib/rounds.ts";
import { bytes, type Column, table, whole } from "../lib/table.ts";
import type { Workshop } from "../lib/workshop.ts";

/** The sizes of messages, in bytes. */
export const SIZES: readonly number[] = [10, 64, 1024, 65536, 1048576];
const MARKED = SIZES.map((size) => ({ size, hwm: undefined }));
const UNMARKED = SIZES.map((size) => ({ size, hwm: 0 }));

/** How much may be on its way in a measurement without high-water marks. */
const UNBOUNDED_BYTES = 256 * 1024 * 1024;

/** A row for one transport. */
export function throughput(transport: "tcp" | "ipc" | "inproc"): Row {
  return { name: transport, run: (stage) => run(stage, transport) };
}

async function run(stage: Stage, transport: string): Promise<Section> {
  const { rounds, field } = stage;
  const { engines, raw, zeromqJs, pyzmq, c } = field;
  const others = [zeromqJs, pyzmq, c];
  const tables = [];
  let first: Samples | undefined;
  const cases = transport === "tcp" ? [...MARKED, ...UNMARKED] : MARKED;
  for (const { size, hwm } of rounds.cases(cases)) {
    const marks = hwm === undefined
      ? "default high-water marks"
      : "no high-water marks";
    const isBesideRaw = transport === "tcp" && hwm === undefined;
    const samples = await rounds.rates(
      `${transport}, ${size} B, ${marks}`,
      isBesideRaw
        ? [...raw.flatMap((one, i) => [one, engines[i]!]), ...others]
        : [...engines, ...others],
      firstCount(size),
      (contender, most) => {
        const count = hwm === 0
          ? Math.min(most, Math.ceil(UNBOUNDED_BYTES / size))
          : most;
        return transfer(stage.workshop, transport, contender, {
          count,
          size,
          hwm,
        });
      },
    );
    first ??= samples;
    tables.push({
      title: `${bytes(size)}, ${marks}`,
      table: table("", samples, [
        ...columns(stage),
        ...isBesideRaw
          ? [{
            title: "against node:net",
            value: "rate",
            against: rawOf(field),
          }]
          : [],
      ]),
    });
  }
  if (transport === "inproc") tables.push(await withoutPromises(stage));
  const how = transport === "inproc"
    ? "in one process; pyzmq and C have a thread for each side, the others one thread for both"
    : `between two processes over ${transport}`;
  return {
    title: `PUSH→PULL over ${transport}`,
    text: `Messages per second that arrive, ${how}. As many messages are ` +
      "sent first, to warm up; without high-water marks the clock starts with the first message." +
      (transport === "tcp"
        ? " `node:net` transfers the same bytes without ZeroMQ, written 64 KiB at a time."
        : ""),
    tables,
    ...transport === "tcp"
      ? {
        chart: {
          title: "PUSH→PULL over TCP, 10 B",
          unit: "messages/s",
          value: "rate",
          samples: first!,
        },
      }
      : {},
  };
}

/** A table: `trySend` and `tryReceive` of the engines, beside the calls that the others have. */
async function withoutPromises(
  stage: Stage,
): Promise<Section["tables"][number]> {
  const { rounds, field } = stage;
  const samples = await rounds.rates(
    "inproc, trySend and tryReceive",
    [...field.engines, field.zeromqJs, field.pyzmq, field.c],
    20_000,
    (contender, count) => {
      const scene = field.engines.includes(contender) ? "inproc_try" : "inproc";
      return byItself(contender, scene, { count, size: 10 });
    },
  );
  return {
    title: "10 B, agentzero with `trySend` and `tryReceive`",
    table: table("", samples, columns(stage)),
  };
}

/** How many messages of a size are sent at first, to see how many fill the time. */
export function firstCount(size: number): number {
  return Math.min(20_000, Math.ceil(20_000_000 / size));
}

/** Sends messages over a transport. */
export function transfer(
  workshop: Workshop,
  transport: string,
  contender: Contender,
  args: { count: number; size: number; hwm?: number | undefined },
): Promise<{ ms: number; received: number }> {
  if (transport === "inproc") return byItself(contender, "inproc", args);
  const bind = transport === "tcp" ? ANY_PORT : workshop.ipc();
  return oneWay(contender, ["pull", "push"], bind, args);
}

/** Rates, and their ratios to the others. */
export function columns({ field }: Stage): Column[] {
  return [
    { title: "messages/s", value: "rate", show: whole },
    {
      title: "against npm:zeromq",
      value: "rate",
      against: field.zeromqJs.name,
    },
    { title: "against pyzmq", value: "rate", against: field.pyzmq.name },
    { title: "against C", value: "rate", against: field.c.name },
  ];
}
