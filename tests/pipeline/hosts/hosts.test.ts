/**
 * Integration: hosts in network namespaces; `npm run hosts` has more scenes.
 */
import { assert, assertEquals } from "@std/assert";
import { test } from "../../support/harness.ts";
import { onlyOnNode } from "../../support/only_on_node.ts";
import { noHosts } from "./network.ts";
import { runScene, type SceneSettings } from "./scene_run.ts";
import { SCENES } from "./scenes.ts";

const options = {
  timeoutMs: 120_000, // on a busy machine; else about 15 s
  skip: noHosts || onlyOnNode,
};
const settings: SceneSettings = {
  runtimes: ["bun", "deno"],
  flowsPerSecond: 10,
  workMs: 500,
  aroundMs: 1000,
  limits: {},
};

test(
  "the jobs of a host that vanishes run elsewhere long before the lease ends, and none is lost",
  options,
  async (t) => {
    const scene = SCENES.find(({ name }) => name === "worker-gone")!;
    const report = await runScene(scene, settings, await t.tempDir());
    assertEquals(report.faults, []);
    const { elsewhereMs = Infinity } = report;
    assert(elsewhereMs < 45_000, `${elsewhereMs} ms`); // the lease has 60 s
  },
);

test(
  "a worker that nothing can connect to works, without a port of its own",
  options,
  async (t) => {
    const nat = SCENES.find(({ name }) => name === "nat")!;
    // It works as soon as it has joined.
    const scene = { ...nat, perform: () => Promise.resolve() };
    const report = await runScene(scene, settings, await t.tempDir());
    assertEquals(report.faults, []);
    assert(report.backMs !== undefined);
  },
);
