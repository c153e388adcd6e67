/**
 * Test support. A step that counts how often it ran, and a client that uses it
 * until something has happened.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  defineStep,
  type PipelineClient,
  type Step,
} from "@agentzero/agentzero/pipeline";
import { within } from "../../support/harness.ts";

/** How often the step ran, by number. */
export const ran: Map<number, number> = new Map();

/** Squares a number. */
export const square: Step<number, number> = defineStep(
  "square",
  (n: number) => {
    ran.set(n, (ran.get(n) ?? 0) + 1);
    return n * n;
  },
);

/** Submits numbers until `isOver`, and has the result of each. Returns how many. */
export async function squareOn(
  client: PipelineClient,
  isOver: () => boolean,
): Promise<number> {
  let n = 0;
  const results: Promise<unknown>[] = [];
  while (!isOver()) {
    const mine = n++;
    const id = await client.submit(square, mine);
    results.push(
      client.result(id).then((got) => assertEquals(got, mine * mine)),
    );
  }
  await within(Promise.all(results), 30_000, "all results");
  return n;
}
