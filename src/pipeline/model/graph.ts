/**
 * Layer: pipeline/model. The graph of a flow: which step gets the result of
 * which. Plain data, kept with each flow, so that a flow goes on as it was
 * submitted when the program has changed.
 *
 * @module
 */

/**
 * One node. It runs once all nodes in `after` are complete:
 *
 * - with one of them, on its result;
 * - with several (a join), on the array of their results, in this order;
 * - with `each`, once for each item of that, at the same time; its own result
 *   is the array of theirs, in the order of the items.
 */
export interface GraphNode {
  /** The type of its jobs. */
  readonly jobType: string;
  /** Earlier nodes; none for the first. */
  readonly after: readonly number[];
  /** Whether it runs once for each item. */
  readonly each?: true;
}

/**
 * The nodes in an order in which each stands behind those it waits for. The
 * flow's result is that of the last one.
 */
export type Graph = readonly GraphNode[];
