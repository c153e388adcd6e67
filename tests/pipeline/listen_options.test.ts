import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  defineStep,
  type ListenOptions,
  Pipeline,
  PipelineError,
} from "@agentzero/agentzero/pipeline";
import { addressesOf } from "../../src/pipeline/listen_options.ts";
import { test } from "../support/harness.ts";
import { clientOf, open } from "./support/pipelines.ts";

const step = defineStep("place", (x: number) => x);

test("a pipeline listens at four consecutive ports, from 7450 by default", () => {
  const at = (options: ListenOptions) =>
    Object.entries(addressesOf(options, {}));
  assertEquals(at({}), [
    ["requests", "tcp://127.0.0.1:7450"],
    ["results", "tcp://127.0.0.1:7451"],
    ["events", "tcp://127.0.0.1:7452"],
    ["feed", "tcp://127.0.0.1:7453"],
  ]);
  assertEquals(at({ port: 9000, events: 8000, feed: "ipc:///tmp/feed" }), [
    ["requests", "tcp://127.0.0.1:9000"],
    ["results", "tcp://127.0.0.1:9001"],
    ["events", "tcp://127.0.0.1:8000"],
    ["feed", "ipc:///tmp/feed"],
  ]);
  assertEquals(
    at({ port: 0, results: 9000, host: "::1" }).map(([, address]) => address),
    ["tcp://::1:*", "tcp://::1:9000", "tcp://::1:*", "tcp://::1:*"].map(
      (address) => address.replace("::1", "[::1]"),
    ),
  );
});

test("an invalid port is refused, by its name", () => {
  const wrong: [ListenOptions, RegExp][] = [
    [{ port: 65_533 }, /^port must be a port from 0 to 65532, not 65533$/],
    [{ port: NaN }, /^port must be a port .* not NaN$/],
    [{ port: -1 }, /^port must/],
    [{ port: 1.5 }, /^port must/],
    [{ port: "7450" }, /^port must/],
    [{ feed: 65_536 }, /^feed must be a port from 0 to 65535, not 65536$/],
    [{ requests: null as never, results: {} as never }, /^results must/],
  ];
  for (const [options, message] of wrong) {
    const { code, message: said } = assertThrows(
      () => addressesOf(options, {}),
      PipelineError,
    );
    assertEquals(code, "ERR_PIPELINE_INVALID");
    assertMatch(said, message);
  }
});

test("port 0 is a free port for each socket", async (t) => {
  const { pipeline } = await open(t, { steps: [step] }, { port: 0 });
  const ports = Object.values(pipeline.addresses!).map((address) =>
    Number(/:(\d+)$/.exec(address)![1])
  );
  assertEquals(new Set(ports).size, 4);
  assert(ports.every((port) => port > 0));
});

test("with an address for requests the other sockets take free ports, and are announced", async (t) => {
  const dir = await t.tempDir();
  const port = `ipc://${dir}/requests`;
  assertEquals(addressesOf({ port, feed: 9000 }, {}), {
    requests: port,
    results: "tcp://127.0.0.1:*",
    events: "tcp://127.0.0.1:*",
    feed: "tcp://127.0.0.1:9000",
  });
  const { pipeline } = await open(t, { steps: [step] }, { port });
  const client = clientOf(t, port);
  const about = await client.request({ type: "describe" });
  assertEquals(
    [about.requests, about.results],
    [port, pipeline.addresses!.results],
  );
  assertMatch(String(about.results), /:[1-9]\d*$/);
});

test("two sockets at one address are refused, by their names", () => {
  const wrong: [ListenOptions, RegExp][] = [
    [
      { port: 7100, events: 7101 },
      /^results and events cannot both listen at "tcp:\/\/127.0.0.1:7101"/,
    ],
    [{ feed: 7450 }, /^requests and feed cannot/],
    [
      { requests: "ipc:///tmp/a", feed: "ipc:///tmp/a" },
      /^requests and feed cannot both listen at "ipc:\/\/\/tmp\/a"/,
    ],
  ];
  for (const [options, message] of wrong) {
    const { code, message: said } = assertThrows(
      () => addressesOf(options, {}),
      PipelineError,
    );
    assertEquals(code, "ERR_PIPELINE_INVALID");
    assertMatch(said, message);
  }
  addressesOf(
    { requests: "ipc://*", feed: "ipc://*", results: 0, events: 0 },
    {},
  );
});

test("where the address is in use, the error says what to do", async (t) => {
  const first = await open(t, { steps: [step] });
  const port = Number(/:(\d+)$/.exec(first.requests)![1]);
  const second = t.use(new Pipeline({ name: "second", steps: [step] }));
  const error = await second.listen({ port: 0, requests: port }).catch(
    (error) => error,
  );
  assert(error instanceof PipelineError);
  assertEquals(error.code, "ERR_PIPELINE_ADDRESS");
  assertMatch(
    error.message,
    /requests .*already in use.*pipeline may be running there.*--port/,
  );
});

test("a refused call of listen closes nothing: the next one listens", async (t) => {
  const pipeline = t.use(new Pipeline({ name: "again", steps: [step] }));
  const wrong: [object, string][] = [
    [{ request: 0 }, "ERR_PIPELINE_INVALID"],
    [{ port: -1 }, "ERR_PIPELINE_INVALID"],
    [{ port: 0, host: "0.0.0.0" }, "ERR_PIPELINE_INSECURE"],
  ];
  for (const [options, code] of wrong) {
    const error = await pipeline.listen(options).catch((error) => error);
    assertEquals(error.code, code);
  }
  const { requests } = await pipeline.listen({ port: 0 });
  assertMatch(requests, /^tcp:/);
});
