/**
 * The siege: sockets and a pipeline, each a process, are attacked in every way
 * that we know of at once, over loopback, while honest peers beside them count
 * what is lost and how long they wait; see `tests/siege`.
 *
 *     npm run siege -- [--seconds 600] [--runtime node] [--only PART,PART] [--unlimited]
 *     deno task siege ...      the same on Deno
 *     bun scripts/siege.ts ... the same on Bun
 *
 * `--runtime` is that of what is attacked: node, deno or bun. `--only` does the
 * attacks with these words in their names. What is attacked has the memory limit
 * of docs/pipeline/production.md, unless `--unlimited` is given. Three tables, and
 * whether all held.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import type { RuntimeName } from "../tests/pipeline/support/programs.ts";
import { faultsOf, tablesOf } from "../tests/siege/judge.ts";
import { besiege, MEMORY_LIMITS } from "../tests/siege/siege.ts";

const RUNTIMES: readonly RuntimeName[] = ["node", "deno", "bun"];
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "600" },
    runtime: { type: "string", default: "node" },
    only: { type: "string", default: "" },
    unlimited: { type: "boolean", default: false },
  },
});
const runtime = RUNTIMES.find((name) => name === values.runtime);
if (runtime === undefined) {
  throw new RangeError(`--runtime is ${RUNTIMES.join(", ")}`);
}
if (!/^[1-9]\d{0,5}$/.test(values.seconds)) {
  throw new RangeError(
    `--seconds needs a whole number, not "${values.seconds}"`,
  );
}
const seconds = Number(values.seconds);
const only = values.only.split(",").filter((part) => part !== "");
const isLimited = !values.unlimited;
const limit = isLimited ? MEMORY_LIMITS[runtime] : "no memory limit";
console.log(`A siege of ${seconds} s; ${runtime} is attacked, with ${limit}`);
const report = await besiege({ runtime, seconds, only, isLimited });
const faults = faultsOf(report);
console.log(`\n${tablesOf(report)}\n`);
for (const fault of faults) console.log(`FAULT ${fault}`);
console.log(faults.length === 0 ? "All held." : `${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
