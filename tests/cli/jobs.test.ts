/** `agentzero jobs` and `agentzero retry --all`. */
import { assertEquals, assertMatch } from "@std/assert";
import { test } from "../support/harness.ts";
import { LIMIT, TestPipeline } from "./program.ts";

test(
  "jobs lists jobs by state and step, page by page; retry --all retries the dead ones",
  LIMIT,
  async (t) => {
    const pipeline = await TestPipeline.start(t);
    assertEquals((await pipeline.run("jobs")).out, "no jobs\n");
    const steps = await pipeline.steps(["greet", "fail"]);
    const submit = async (flow: string, lines: string, ...args: string[]) => {
      const program = pipeline.start("submit", flow, "--lines", ...args);
      program.feed(lines);
      return await program.ended;
    };
    const names = '"a"\n"b\\u001b[2J"\n"c"\n';
    await submit("fail", names, "--id=f", "--wait");
    await submit("greet", names, "--id=g");
    await pipeline.run(
      "submit",
      "greet",
      '"later"',
      "--id=later",
      "--delay=1h",
    );
    await pipeline.run("pause", "shout"); // whatever happened to g: shout waits or is next

    const dead = await pipeline.run("jobs", "--state=dead");
    assertEquals([dead.code, dead.err], [0, ""]);
    assertMatch(dead.out, /^JOB +STEP +STATE +ATTEMPT +CREATED +NEXT +ERROR\n/);
    assertMatch(
      dead.out,
      /^f-2 +fail +dead +1 +[\d-]+T\S+Z +NonRetryableError: b\\x1b\[2J$/m,
    );
    assertEquals(dead.out.trimEnd().split("\n").length, 4);

    const later = await pipeline.run(
      "jobs",
      "--state",
      "scheduled",
      "--state=dead",
      "--step=greet",
    );
    assertMatch(later.out, /^later +greet +scheduled +0 +\S+Z +\S+Z$/m);
    assertEquals(later.out.trimEnd().split("\n").length, 2);

    const ids = async (...args: string[]) => {
      const { out, err } = await pipeline.run(
        "jobs",
        "--step=fail",
        "--json",
        ...args,
      );
      const lines = out.split("\n").filter((line) => line !== "");
      return { ids: lines.map((line) => JSON.parse(line).id), err };
    };
    const all = (await ids()).ids;
    assertEquals([...all].sort(), ["f-1", "f-2", "f-3"]);
    const first = await ids("--limit=2");
    assertEquals(first.ids, all.slice(0, 2));
    assertEquals(JSON.parse(first.err), { event: "more", before: all[1] });
    const second = await ids("--limit=2", "--before", all[1]);
    assertEquals([second.ids, second.err], [all.slice(2), ""]);

    steps.kill("SIGTERM");
    await steps.ended;
    assertEquals(
      (await pipeline.run("retry", "--all", "greet")).out,
      "0 jobs are retried\n",
    );
    assertEquals(await pipeline.json("retry", "--all", "fail"), {
      jobType: "fail",
      count: 3,
    });
    assertEquals(await pipeline.json("retry", "--all"), {
      jobType: null,
      count: 0,
    });
    assertEquals((await pipeline.run("jobs", "--state=dead")).out, "no jobs\n");
    const unknown = await pipeline.run("retry", "--all", "nonsense");
    assertEquals(unknown.code, 1);
    assertMatch(unknown.err, /^agentzero: ERR_PIPELINE_UNKNOWN: .*nonsense/);
  },
);

test("flows and jobs are searched by key and by text", LIMIT, async (t) => {
  const pipeline = await TestPipeline.start(t);
  assertEquals((await pipeline.run("flows")).out, "no flows\n");
  for (const [id, key] of [["a", "k"], ["b", "other"], ["c", "k\u001b[2J"]]) {
    const args = [`--id=${id}`, `--key=${key}`, "--delay=1h"];
    await pipeline.run("submit", "greet", `"the ${id} of all"`, ...args);
  }
  const ids = async (...args: string[]) => {
    const { out, err } = await pipeline.run(...args, "--json");
    assertEquals(err, "");
    const lines = out.split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line).id);
  };
  assertEquals(await ids("flows"), ["c", "b", "a"]);
  for (const command of ["flows", "jobs"]) {
    assertEquals(await ids(command, "--key=k"), ["a"]);
    assertEquals(await ids(command, "--search=THE B of"), ["b"]);
    assertEquals(await ids(command, "--search=of all"), ["c", "b", "a"]);
    assertEquals(await ids(command, "--key=k", "--search=the b"), []);
  }
  const table = await pipeline.run("flows", "--state=running", "--flow=greet");
  assertMatch(table.out, /^FLOW +NAME +STATE +KEY +CREATED +FINISHED +ERROR\n/);
  assertMatch(table.out, /^c +greet +running +k\\x1b\[2J +\S+Z$/m);
  const first = await pipeline.run("flows", "--search=all", "--limit=1");
  assertMatch(first.err, /there are more: use --limit, or --before c/);
  const second = await ids("flows", "--search=all", "--before=c");
  assertEquals(second, ["b", "a"]);
  const keyed = await pipeline.run("jobs", "--key=k", "--before=a");
  assertEquals(keyed.code, 1);
  assertMatch(keyed.err, /before/);
});
