/** What a step says while its pipeline is gone. */
import { assertEquals, assertMatch } from "@std/assert";
import { test } from "../support/harness.ts";
import { steadyPort } from "../support/steady_port.ts";
import { FLOW, LIMIT, Program } from "./program.ts";

test(
  "a step reports that its pipeline is gone, and that it is back",
  LIMIT,
  async (t) => {
    const start = async (...places: string[]) => {
      const pipeline = new Program(t, [
        ...["pipeline", FLOW, "--store=memory", "--json", ...places],
      ]);
      const [line] = await pipeline.sees(/.*\n/);
      return { pipeline, addresses: JSON.parse(line) };
    };
    const { pipeline: first, addresses } = await start(
      "--port",
      `${await steadyPort()}`,
    );
    const at = addresses.requests;
    const names = ["--step=greet", "--step=shout"];
    const step = new Program(t, ["step", FLOW, ...names, "--pipeline", at]);
    await step.sees(/"shout" works/);
    first.kill("SIGKILL");
    await step.sees(
      /^the pipeline at tcp:\S+ is unreachable; waiting for it$/m,
      "err",
    );
    const { pipeline: second } = await start("--port", at);
    await step.sees(/^the pipeline at tcp:\S+ is back, after \d\S*$/m, "err");
    const submitted = new Program(t, [
      ...["submit", "greet", '"Ada"', "--wait", "--pipeline", at],
    ]);
    assertEquals((await submitted.ended).out, '"HELLO, ADA"\n');
    second.kill("SIGTERM");
    await second.ended;
    await step.sees(/unreachable[^]*unreachable/, "err");
    step.kill("SIGTERM");
    const { code, err } = await step.ended;
    assertEquals(code, 0);
    assertMatch(err, /^looking for .*\n(the pipeline at .*\n){3}$/);
  },
);

test(
  "a step that does not find its pipeline says why, and keeps retrying",
  LIMIT,
  async (t) => {
    const gone = new Program(t, ["step", FLOW, "--pipeline=tcp://127.0.0.1:1"]);
    await gone.sees(
      /^no pipeline answers at tcp:\/\/127\.0\.0\.1:1 yet: connection refused; waiting for it$/m,
      "err",
    );
    gone.kill("SIGTERM");
    assertEquals((await gone.ended).code, 0);
  },
);
