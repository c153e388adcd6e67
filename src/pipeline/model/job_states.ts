/**
 * Layer: pipeline/model. What the id and the state of a job say.
 *
 * @module
 */
import type { JobRecord } from "./records.ts";

/** Whether a worker has it. */
export function isAssigned({ state }: JobRecord): boolean {
  return state === "dispatched" || state === "active";
}

/** Whether it waits for a time. */
export function isDelayed({ state }: JobRecord): boolean {
  return state === "scheduled" || state === "retrying";
}

/** Whether it does not leave its state by itself. */
export function isFinal({ state }: Pick<JobRecord, "state">): boolean {
  return state === "completed" || state === "dead" || state === "cancelled";
}

/** The id of a job: that of the flow for the first, `flow.node` or `flow.node.item` for the others. */
export function jobIdOf(flowId: string, node: number, item?: number): string {
  if (node === 0) return flowId;
  return item === undefined ? `${flowId}.${node}` : `${flowId}.${node}.${item}`;
}

/** The flow that a job belongs to. */
export function flowIdOf(jobId: string): string {
  const dot = jobId.indexOf(".");
  return dot < 0 ? jobId : jobId.slice(0, dot);
}

/** What {@link jobIdOf} was given. */
export function placeOf(
  jobId: string,
): { flowId: string; node: number; item?: number } {
  const [flowId = "", node = "0", item] = jobId.split(".");
  return {
    flowId,
    node: Number(node),
    item: item === undefined ? undefined : Number(item),
  };
}
