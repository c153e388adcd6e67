/** Integration: the OpenTelemetry that Deno has built in needs no SDK. */
import { execFile } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { assertEquals } from "@std/assert";
import { test } from "../../support/harness.ts";
import { commandOf } from "../support/programs.ts";

test("Deno exports traces and metrics by itself", {
  timeoutMs: 60_000,
}, async () => {
  const { cmd, args } = commandOf("deno");
  const file = fileURLToPath(new URL("untraced_program.mjs", import.meta.url));
  const { FORCE_COLOR: _1, NODE_OPTIONS: _2, ...env } = process.env;
  const { stdout, stderr } = await promisify(execFile)(cmd, [...args, file], {
    env: {
      ...env,
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "console",
    },
  });
  const output = `${stdout}${stderr}`;
  for (
    const part of [
      "SPAN submit double [0af7651916cd43dd8448eb211c80319c/",
      "SPAN process double [0af7651916cd43dd8448eb211c80319c/",
      "SPAN process show [0af7651916cd43dd8448eb211c80319c/",
      "METRIC agentzero.jobs.completed",
    ]
  ) assertEquals([part, output.includes(part)], [part, true]);
});
