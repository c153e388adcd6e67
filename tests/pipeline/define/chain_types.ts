/**
 * Checked by TypeScript alone: steps that do not fit together are refused. Each
 * `@ts-expect-error` fails the gate `types` if there is no error.
 */
import {
  defineStep,
  flow,
  Pipeline,
  type PipelineClient,
} from "../../../src/pipeline/mod.ts";

const double = defineStep("double", (n: number) => 2 * n);
const show = defineStep("show", (n: number) => `it is ${n}`);
const shout = defineStep(
  "shout",
  async (text: string) => await text.toUpperCase(),
);
const sum = defineStep("sum", (list: number[]) => list.length);
const pair = defineStep(
  "pair",
  ([n, s]: readonly [number, string]) => `${n}${s}`,
);

/** What may be written. */
export function fits(client: PipelineClient): unknown[] {
  const plain: Pipeline = new Pipeline({
    name: "n",
    steps: [double, show, shout],
  });
  return [
    plain,
    new Pipeline({ name: "n", steps: [double] }),
    new Pipeline({ name: "n", steps: [double, double, show] }),
    new Pipeline({ name: "n", flows: [flow(double).to(show).to(shout)] }),
    flow(double).fork([double, show], pair),
    flow(defineStep("list", () => [1, 2])).each(double).to(sum),
    client.submit(double, 1),
    client.submit("double", { anything: 1 }),
  ];
}

/** What may not. */
export function doesNotFit(client: PipelineClient): unknown[] {
  return [
    // @ts-expect-error: shout takes text, double gives a number
    new Pipeline({ name: "n", steps: [double, shout] }),
    // @ts-expect-error: and so it is further back
    new Pipeline({ name: "n", steps: [double, double, show, double] }),
    // @ts-expect-error: shout takes text
    flow(double).to(shout),
    // @ts-expect-error: a number is no list
    flow(double).each(double),
    // @ts-expect-error: the branches give text and a number, not the other way
    flow(double).fork([show, double], pair),
    // @ts-expect-error: double takes a number
    client.submit(double, "1"),
    // @ts-expect-error: and so does the flow that begins with it
    client.submit(flow(double).to(show), "1"),
    // @ts-expect-error: the first step of the flow takes a number
    flow(double).to(show) satisfies ReturnType<typeof flow<string, string>>,
  ];
}
