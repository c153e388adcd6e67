/**
 * Test support. The hostile peers of the siege: all attacks at once, each again
 * and again, with pauses so that they do not take the machine itself, and at the
 * lowest priority: they stand for peers on other machines, and what honest peers
 * wait for is the product, not a processor. A line on the input ends them.
 */
import { constants, setPriority } from "node:os";
import process from "node:process";
import { pause, type Places } from "./attacks/attack.ts";
import { ENGINE_ATTACKS } from "./attacks/engine.ts";
import { HTTP_ATTACKS } from "./attacks/http.ts";
import { PIPELINE_ATTACKS } from "./attacks/pipeline.ts";
import { report } from "./meter.ts";

const { places, only } = JSON.parse(process.argv[2]!) as {
  readonly places: Places;
  readonly only: readonly string[];
};
/** An attack rests for so many times as long as it took, and for at least so long. */
const REST = 4;
const LEAST_MS = 300;

setPriority(constants.priority.PRIORITY_LOW);

let isOver = false;
process.stdin.once("data", () => isOver = true);
process.stdin.on("close", () => process.exit(1)); // its parent is gone

const attacks = [...ENGINE_ATTACKS, ...PIPELINE_ATTACKS, ...HTTP_ATTACKS]
  .filter(({ name }) =>
    only.length === 0 || only.some((o) => name.includes(o))
  );
const counts = attacks.map(({ name }) => ({ name, times: 0, cut: 0 }));
console.log(process.pid, "ready");
await Promise.all(attacks.map(async ({ once }, i) => {
  await pause(Math.random() * 1000);
  while (!isOver) {
    const start = performance.now();
    if (await once(places) === "cut") counts[i]!.cut++;
    counts[i]!.times++;
    const restMs = Math.max(LEAST_MS, REST * (performance.now() - start));
    for (let left = restMs; left > 0 && !isOver; left -= 100) await pause(100);
  }
}));
await report({ attacks: counts });
process.exit(0);
