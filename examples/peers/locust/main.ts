/**
 * Example `locust`: Locust's master has three users played, by a worker of ours.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Program } from "../../guide/support/program.ts";
import { freePort } from "../support/free_port.ts";
import { playWith } from "../support/scene.ts";
import { LocustWorker } from "./worker.ts";

await playWith("locust", async (folder) => {
  const port = await freePort();
  const file = fileURLToPath(new URL("./locustfile.py", import.meta.url));
  await using master = new Program("locust", [
    ...["--master", "--master-bind-port", String(port), "--headless"],
    ...["--expect-workers", "1", "--users", "3", "--spawn-rate", "3"],
    ...["--run-time", "5s", "--csv", `${folder}/report`, "-f", file],
  ], { withStderr: true });
  await using worker = new LocustWorker(
    `tcp://127.0.0.1:${port}`,
    "a short wait",
    () => new Promise((resolve) => setTimeout(resolve, 20)),
  );
  const count = await worker.run();
  assert.equal(await master.ended, 0, master.lines.join("\n"));

  const report = await readFile(`${folder}/report_stats.csv`, "utf8");
  const total = report.split("\n").find((line) => line.includes("Aggregated"));
  // Type, name, requests, failures, and how long they took.
  assert.equal(total?.split(",")[2], String(count), report);
  assert.ok(count > 0);
  console.log(`${count} requests`);
  return "every request of our worker is in Locust's report";
});
