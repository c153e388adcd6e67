/**
 * Plays the scenes of `examples/peers`, one after another, and says which
 * software is missing.
 *
 *     node --import tsx scripts/peers.ts [name ...]
 *
 * The exit code is 1 if a scene failed. One that is skipped has not failed.
 *
 * @module
 */
import process from "node:process";
import { Child } from "../examples/guide/support/child.ts";
import { missing, PEERS } from "../examples/peers/support/missing.ts";

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PEERS.includes(name));
if (unknown.length > 0) {
  console.error(`No such peer: ${unknown.join(", ")}; there are ${PEERS}`);
  process.exit(1);
}
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const name of wanted.length > 0 ? wanted : PEERS) {
  const outcome = await play(name);
  counts[outcome]++;
}
console.log(
  Object.entries(counts).map((it) => it.reverse().join(" ")).join(", "),
);
process.exitCode = counts.failed > 0 ? 1 : 0;

async function play(name: string): Promise<keyof typeof counts> {
  const reason = missing(name);
  if (reason) {
    console.log(`${name}: skipped: ${reason}`);
    return "skipped";
  }
  const main = new URL(`../examples/peers/${name}/main.ts`, import.meta.url);
  await using scene = new Child(main);
  const isOk = await scene.ended === 0;
  console.log(`${name}: ${isOk ? scene.lines.at(-1) : "FAILED"}`);
  return isOk ? "passed" : "failed";
}
