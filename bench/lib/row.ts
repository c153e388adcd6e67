/**
 * Benchmarks. What a row of the suite is: it measures, and returns the figures.
 *
 * @module
 */
import type { Contender, Field } from "./contenders.ts";
import type { Rounds, Samples } from "./rounds.ts";
import { Program, type SceneArguments } from "./program.ts";
import type { Workshop } from "./workshop.ts";

/** What a row measures with. */
export interface Stage {
  readonly rounds: Rounds;
  readonly field: Field;
  readonly workshop: Workshop;
}

/** What a row found. */
export interface Section {
  readonly title: string;
  /** What was measured, and how; Markdown. */
  readonly text: string;
  /** Markdown tables, with a line above each. */
  readonly tables: readonly {
    readonly title: string;
    readonly table: string;
  }[];
  /** For the picture. */
  readonly chart?: Chart;
}

/** Bars for the picture. */
export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly value: string;
  readonly samples: Samples;
}

/** One row. */
export interface Row {
  readonly name: string;
  run(stage: Stage): Promise<Section>;
}

/** One measurement may take so long, in milliseconds. */
const DEADLINE_MS = 60_000;

/** Starts a scene of a contender. */
export function start(
  contender: Contender,
  scene: string,
  args: SceneArguments = {},
  deadlineMs: number = DEADLINE_MS,
): Program {
  return new Program(contender.command, scene, args, deadlineMs);
}

/**
 * One process binds and one connects: the one that binds reports how long `count`
 * messages took, once as many have come to warm up with.
 */
export async function oneWay(
  contender: Contender,
  scenes: readonly [bind: string, connect: string],
  bind: string,
  args: SceneArguments & { count: number },
  [binder, connector]: readonly [SceneArguments, SceneArguments] = [{}, {}],
): Promise<{ ms: number; received: number }> {
  const both = warmed(args);
  await using receiver = start(contender, scenes[0], {
    bind,
    ...both,
    ...binder,
  });
  const connect = await receiver.endpoint();
  await using sender = start(contender, scenes[1], {
    connect,
    ...both,
    ...connector,
  });
  const ms = await receiver.number("ms");
  await Promise.all([sender.end(), receiver.end()]);
  return { ms, received: args.count };
}

/** One process that does it all: it reports how long `count` took, after as many to warm up with. */
export async function byItself(
  contender: Contender,
  scene: string,
  args: SceneArguments & { count: number },
): Promise<{ ms: number; received: number }> {
  await using program = start(contender, scene, warmed(args));
  const ms = await program.number("ms");
  await program.end();
  return { ms, received: args.count };
}

/**
 * Twice as many messages, half of them before the clock starts: a runtime
 * compiles what it does often. Without high-water marks the second half may be
 * there, in a queue, before the first has been received: so all of it counts
 * then, from the first message on.
 */
function warmed<T extends SceneArguments & { count: number }>(
  args: T,
): T & { warm: number } {
  return args.hwm === 0
    ? { ...args, warm: 1, count: args.count + 1 }
    : { ...args, warm: args.count, count: 2 * args.count };
}

/** Any free port of this machine, in the way that all contenders understand. */
export const ANY_PORT = "tcp://127.0.0.1:*";
