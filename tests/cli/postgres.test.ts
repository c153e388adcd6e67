/** `agentzero pipeline --store postgres://…`. */
import { assertEquals, assertMatch } from "@std/assert";
import { test } from "../support/harness.ts";
import {
  noPostgres,
  postgresServer,
} from "../pipeline/store/postgres_server.ts";
import { FLOW, run, TestPipeline } from "./program.ts";

test("a pipeline stores its jobs in PostgreSQL, under its name", {
  skip: noPostgres,
  timeoutMs: 60_000,
}, async (t) => {
  const { url, port } = await postgresServer();
  const secret = url.replace("agentzero@", "agentzero:secret@");
  const first = await TestPipeline.start(t, ["--store", secret]);
  await first.program.sees(new RegExp(`postgres://127.0.0.1:${port}/postgres`));
  await first.run("submit", "greet", '"Ada"', "--id=x");
  first.program.kill("SIGTERM");
  const { code, out, err } = await first.program.ended;
  assertEquals(code, 0, err);
  assertEquals((out + err).includes("secret"), false);
  const second = await TestPipeline.start(t, ["--store", url]);
  assertEquals((await second.json("status", "x")).state, "running");

  const gone = url.replace(String(port), "1");
  const args = ["pipeline", FLOW, "--port=0", "--store", gone];
  const third = await run(t, args);
  assertEquals(third.code, 1);
  assertMatch(
    third.err,
    /^agentzero: ERR_STORE_FAILED: Cannot open the store .*\n$/,
  );
});
