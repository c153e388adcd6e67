/** What a step says while its pipeline is gone. */
import { assertEquals, assertMatch } from "@std/assert";
import { eventually, test } from "../support/harness.ts";
import { steadyPort } from "../support/steady_port.ts";
import { Relay } from "../pipeline/store/postgres_relay.ts";
import { FLOW, LIMIT, Program, TestPipeline } from "./program.ts";

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

test(
  "--heartbeat-thread has a connection of its own, --no-heartbeat-thread has none",
  LIMIT,
  async (t) => {
    const { address } = await TestPipeline.start(t);
    const relay = t.use(await Relay.create(Number(address.split(":").at(-1))));
    const at = `--pipeline=tcp://127.0.0.1:${relay.port}`;
    const works = async (flag: string) => {
      const step = new Program(t, ["step", FLOW, "--step=greet", flag, at]);
      await step.sees(/"greet" works/);
      return step;
    };
    const has = (count: number, what: string) =>
      eventually(() => relay.connections === count, 30_000, what);
    const one = await works("--no-heartbeat-thread");
    await has(1, "one connection");
    await works("--heartbeat-thread");
    await has(3, "two more");
    one.kill("SIGKILL");
    await has(2, "one less");
  },
);
