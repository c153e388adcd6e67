/**
 * Example `elastic`: a burst of tasks, for which nodes come and go; one of them
 * is killed while it works.
 *
 * @module
 */
import assert from "node:assert/strict";
import { play } from "../guide/support/scene.ts";
import { Front } from "./front.ts";
import { Scaler } from "./scaler.ts";

const TASKS = 300;
const MOST_NODES = 3;

await play(async () => {
  const joined: string[] = [];
  let most = 0;
  let nodes = 0;
  let change = () => {};
  await using front = await Front.open({
    onNode(node, what, size) {
      console.log(`  ${node} ${what}: ${size} nodes`);
      if (what === "joins") joined.push(node);
      nodes = size;
      most = Math.max(most, size);
      change();
    },
  });
  const until = (isSo: () => boolean) =>
    new Promise<void>((resolve) => {
      change = () => isSo() && resolve();
      change();
    });
  await using scaler = new Scaler({
    front: front.address,
    least: 1,
    most: MOST_NODES,
    backlog: () => front.backlog,
  });

  const results = Promise.all(
    Array.from({ length: TASKS }, (_, n) => front.run(n)),
  );
  await until(() => nodes >= 2);
  console.log("one node is killed");
  await scaler.kill(joined[0]!);

  assert.deepEqual(
    await results,
    Array.from({ length: TASKS }, (_, n) => n * n),
  );
  await until(() => nodes === 1);
  return `${TASKS} tasks, ${TASKS} results; up to ${most} nodes, ${nodes} in the end`;
});
