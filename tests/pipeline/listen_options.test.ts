import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  defineStep,
  type ListenOptions,
  Pipeline,
  PipelineError,
} from "@agentzero/agentzero/pipeline";
import { addressesOf } from "../../src/pipeline/listen_options.ts";
import { test } from "../support/harness.ts";
import { ANNOUNCED, clientOf, open } from "./support/pipelines.ts";

const step = defineStep("place", (x: number) => x);

test("a pipeline has four consecutive ports, from 7450 by default", () => {
  const at = (options: ListenOptions) => {
    const { isAnnounced: _, ...addresses } = addressesOf(options, {});
    return Object.entries(addresses);
  };
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

test("port 0 is a free port for each socket, and those for version 1 are opened at once if they are named", async (t) => {
  const portsOf = async (options: ListenOptions) => {
    const { pipeline } = await open(t, { steps: [step] }, options);
    return Object.values(pipeline.addresses!).map((address) =>
      Number(/:(\d+)$/.exec(address)![1])
    );
  };
  for (const [options, count] of [[{ port: 0 }, 2], [ANNOUNCED, 4]] as const) {
    const ports = await portsOf(options);
    assertEquals(new Set(ports).size, count);
    assert(ports.every((port) => port > 0));
  }
});

test("the sockets for version 1 are opened when a peer of that version asks", async (t) => {
  const { pipeline, requests } = await open(t, { steps: [step] });
  const client = clientOf(t, requests);
  const describe = (v?: number) => client.request({ type: "describe", v });
  assertEquals((await describe(2)).v, 2);
  assertEquals(Object.keys(pipeline.addresses!), ["requests", "feed"]);
  const [first, again] = await Promise.all([describe(), describe()]);
  assertEquals([first.v, first.results, first.events], [
    1,
    pipeline.addresses!.results,
    pipeline.addresses!.events,
  ]);
  assertEquals(again, first);
  const { v, results } = await describe(3);
  assertEquals([v, results], [2, undefined]);
});

test("an address for version 1 that is in use is refused at once, if it was given", async (t) => {
  const first = await open(t, { steps: [step] });
  const results = Number(/:(\d+)$/.exec(first.requests)![1]);
  const second = t.use(new Pipeline({ name: "second", steps: [step] }));
  const error = await second.listen({ port: 0, results }).catch(
    (error) => error,
  );
  assertEquals(error.code, "ERR_PIPELINE_ADDRESS");
  assertMatch(error.message, /^Cannot listen for results at/);
});

test("with an address for requests the other sockets take free ports, and are announced", async (t) => {
  const dir = await t.tempDir();
  const port = `ipc://${dir}/requests`;
  assertEquals(addressesOf({ port, feed: 9000 }, {}), {
    requests: port,
    results: "tcp://127.0.0.1:*",
    events: "tcp://127.0.0.1:*",
    feed: "tcp://127.0.0.1:9000",
    isAnnounced: false,
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
