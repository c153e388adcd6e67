/**
 * Test support. What is done to a pipeline and its workers, and when: drawn by
 * lot, the same for the same seed.
 *
 * @module
 */
import { Random } from "../../fuzz/random.ts";

/** What can be done, and how often it is in a run of full length. */
const COUNTS = {
  /** SIGKILL of a worker, which is replaced. */
  "kill-worker": 4,
  /** SIGKILL of the pipeline, which is started again at the same ports. */
  "kill-pipeline": 2,
  /** Both at once. */
  "kill-both": 1,
  /** SIGSTOP of a worker: longer than the suspicion, shorter than its lease. */
  "stop-worker": 2,
  /** SIGSTOP of a worker for longer than its lease. */
  "stop-long": 1,
  /** SIGSTOP of the pipeline. */
  "stop-pipeline": 1,
  /** All connections of a worker are destroyed. */
  "cut": 2,
  /** All connections of everybody are. */
  "cut-all": 1,
  /** The same for a worker, and new ones are refused for a while. */
  "refuse": 2,
  /** The connections of a worker stay open, and nothing passes. */
  "stall": 1,
  /** A handler blocks its event loop. */
  "block": 1,
} as const;

/** What can be done. */
export type Kind = keyof typeof COUNTS;

/** All of it. */
export const KINDS: readonly Kind[] = Object.keys(COUNTS) as Kind[];

/** Something to be done. */
export interface PlannedEvent {
  readonly kind: Kind;
  /** Once this share of the jobs is submitted, from 0 to 1. */
  readonly at: number;
  /** Says whom it meets, among those whom it can. */
  readonly lot: number;
}

/** These take long: they begin early, so that there is still work when they end. */
const LONG: readonly Kind[] = ["stop-long", "block"];

/**
 * Draws a plan.
 *
 * @param only These kinds alone, as often as all of them would have been.
 * @param isShort Each kind once.
 */
export function planOf(
  seed: number,
  { only = KINDS, isShort = false }: {
    readonly only?: readonly Kind[];
    readonly isShort?: boolean;
  } = {},
): PlannedEvent[] {
  const random = Random.of(seed);
  const kinds = only.flatMap((kind) =>
    Array.from({ length: isShort ? 1 : COUNTS[kind] }, () => kind)
  );
  const total = Object.values(COUNTS).reduce((sum, n) => sum + n, 0);
  const wanted = isShort ? kinds.length : total;
  while (kinds.length < wanted) kinds.push(only[random.below(only.length)]!);
  const events = kinds.map((kind) => {
    const [from, to] = LONG.includes(kind) ? [0.05, 0.35] : [0.05, 0.95];
    return {
      kind,
      at: from + random.below(1000) / 1000 * (to - from),
      lot: random.below(1_000_000),
    };
  });
  return events.sort((a, b) => a.at - b.at);
}
