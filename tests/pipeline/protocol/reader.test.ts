/** Unit: what others send is read, and none of it trusted. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { PipelineError } from "../../../src/pipeline/model/pipeline_error.ts";
import {
  failureOf,
  type FromWorker,
  type ToWorker,
} from "../../../src/pipeline/protocol/messages.ts";
import { reachable } from "../../../src/pipeline/protocol/reachable_endpoint.ts";
import { encodeJson, spliceJson } from "../../../src/pipeline/protocol/json.ts";
import { JsonText } from "../../../src/pipeline/protocol/payload_text.ts";
import {
  AVAILABLE as SHAPE,
  toWire,
} from "../../../src/pipeline/protocol/names.ts";
import {
  type Parsed,
  parseMessage,
  readObject,
  readToWorker,
  workerMessageOf,
} from "../../../src/pipeline/protocol/reader.ts";
import { test } from "../../support/harness.ts";
import { bytes, check, fc } from "../../support/property.ts";

const AVAILABLE: FromWorker = {
  type: "available",
  v: 1,
  minor: 1,
  id: "w",
  address: "tcp://127.0.0.1:1",
  jobType: "a",
  stepName: "a",
  host: "h",
  pid: 1,
  runtime: "r",
  concurrency: 1,
  credit: 1,
  running: [{ id: "j", attempt: 1 }],
  draining: false,
  publicKey: undefined,
};
/** The same as it travels. */
const SAID = { type: "available", ...toWire(AVAILABLE, SHAPE) };
const CLAIM = { id: "j", attempt: 1 };
const SENDER = { worker: "w", ...CLAIM };
const UPS: readonly FromWorker[] = [
  AVAILABLE,
  { type: "leave", worker: "w" },
  { type: "heartbeat", worker: "w", silence_ms: 9000 },
  {
    type: "success",
    ...SENDER,
    result: new JsonText('{"any":["thing"]}'),
    traceparent: `00-${"1".repeat(32)}-${"3".repeat(16)}-01`,
  },
  { type: "release", ...SENDER },
  { type: "progress", ...SENDER, progress: 0.5 },
  {
    type: "failed",
    ...SENDER,
    error: {
      module: "m",
      name: "E",
      message: "no",
      code: "ENOENT",
      traceback: "t",
      retryable: false,
    },
    retry_after_ms: 5,
  },
];
const DOWNS: readonly ToWorker[] = [
  { type: "hello", v: 1, minor: 3, epoch: "e", max_payload_bytes: 7 },
  { type: "settled", jobs: [CLAIM] },
  { type: "cancel", ...CLAIM },
  { type: "drain" },
  {
    type: "job",
    ...CLAIM,
    flow_id: "f",
    job_type: "a",
    payload: [1],
    timeout_ms: 9,
    traceparent: "00-1-2-01",
    links: ["00-1-3-01"],
  },
];

test("every message is read as it was sent", () => {
  for (const up of UPS) {
    const sent = up === AVAILABLE
      ? SAID
      : up.type === "success"
      ? { ...up, result: { any: ["thing"] } }
      : up;
    assertEquals(readFromWorker(encodeJson(sent)), up);
  }
  for (const down of DOWNS) assertEquals(readToWorker(encodeJson(down)), down);
});

test("a job has its payload under either name", () => {
  const job = { ...{ type: "job", id: "j", attempt: 1 }, flow_id: "f" };
  const read = (named: object) => {
    const message = { ...job, job_type: "a", ...named };
    const down = readToWorker(encodeJson(message));
    assert(down.type === "job");
    return down.payload;
  };
  assertEquals(read({ payload: [1] }), [1]);
  assertEquals(read({ instructions: [2] }), [2]);
  assertEquals(read({ payload: null, instructions: [2] }), null);
});

test("members of later versions are ignored", () => {
  const leave = { type: "leave", worker: "w", more: { to: "come" } };
  assertEquals(readFromWorker(encodeJson(leave)), {
    type: "leave",
    worker: "w",
  });
});

test("a failure is retryable unless it says otherwise", () => {
  const error = { name: "E", message: "m" };
  const up = readFromWorker(encodeJson({ type: "failed", ...SENDER, error }));
  assert(up.type === "failed" && up.error.retryable);
});

test("invalid messages are errors that say what was expected", () => {
  const refuse = (value: unknown) =>
    assertThrows(() => readFromWorker(encodeJson(value)), PipelineError)
      .message;
  assertEquals(refuse([]), '"a message" must be an object');
  assertEquals(refuse({}), '"type" must be text');
  assertEquals(
    refuse({ type: "x", worker: "w" }),
    'Unknown message type "x" from a worker',
  );
  assertEquals(refuse({ ...SAID, id: 5 }), '"id" must be text');
  assertEquals(
    refuse({ ...SAID, running: {} }),
    '"running" must be a list',
  );
  assertEquals(
    refuse({ ...SAID, running: [7] }),
    '"running" must be an object',
  );
  assertEquals(
    refuse({ ...SAID, credit: -1 }),
    '"credit" must be a whole number from 0',
  );
  assertEquals(
    refuse({ type: "progress", ...SENDER, progress: null }),
    '"progress" must be a number',
  );
  assertEquals(
    assertThrows(
      () => readToWorker(encodeJson({ type: "dance" })),
      PipelineError,
    )
      .message,
    'Unknown message type "dance" from a pipeline',
  );
});

test("any bytes are either a message or a clear error", async () => {
  await check(
    fc.property(bytes(64), (data) => {
      for (const read of [readFromWorker, readToWorker, readObject]) {
        try {
          read(data);
        } catch (error) {
          assertEquals((error as PipelineError).code, "ERR_PIPELINE_INVALID");
        }
      }
    }),
  );
});

test("any JSON in the place of any member is either a message or a clear error", async () => {
  await check(
    fc.property(
      fc.constantFrom<object>(SAID, ...UPS.slice(1), ...DOWNS),
      fc.nat(),
      fc.jsonValue(),
      (message, n, value) => {
        const names = Object.keys(message);
        const name = names[n % names.length]!;
        const data = encodeJson({ ...message, [name]: value });
        for (const read of [readFromWorker, readToWorker]) {
          try {
            assertEquals(typeof read(data).type, "string");
          } catch (error) {
            assertEquals((error as PipelineError).code, "ERR_PIPELINE_INVALID");
          }
        }
      },
    ),
    300,
  );
});

test("a payload is spliced in as it is", () => {
  const message = spliceJson({ a: 1 }, "payload", '{"b":[2]}');
  assertEquals(readObject(message), { a: 1, payload: { b: [2] } });
});

test("an endpoint is reached at the host under which the pipeline is known", () => {
  for (
    const [endpoint, reached, expected] of [
      [
        "tcp://0.0.0.0:7452",
        "tcp://far.example:7450",
        "tcp://far.example:7452",
      ],
      ["tcp://127.0.0.1:7452", "tcp://[::1]:7450", "tcp://[::1]:7452"],
      ["ipc:///tmp/x", "tcp://far.example:7450", "ipc:///tmp/x"],
      ["tcp://127.0.0.1:7452", "ipc:///tmp/x", "tcp://127.0.0.1:7452"],
    ] as const
  ) assertEquals(reachable(endpoint, reached), expected);
});

/** Reads a message of a worker that is not so large that it is read in turns. */
function readFromWorker(bytes: Uint8Array): FromWorker {
  return workerMessageOf(parseMessage(bytes) as Parsed);
}

/** Lists in each other, so many. */
function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

function raw(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

test("JSON that is nested too deep, or has too many parts, is refused before it is parsed", () => {
  readObject(raw(`{"a":${nested(999)}}`));
  readObject(raw(`{"a":${JSON.stringify("[".repeat(2000) + '\\"[')}}`));
  const many = `{"a":[${"[],".repeat(500_000)}[]]}`;
  for (const json of [`{"a":${nested(1000)}}`, "[".repeat(5000), many]) {
    const { code } = assertThrows(() => readObject(raw(json)), PipelineError);
    assertEquals(code, "ERR_PIPELINE_TOO_LARGE");
  }
});

test("a result that cannot be read is a failure of its job, whatever is wrong with it", () => {
  const head = `"type":"success","worker":"w","id":"j","attempt":1`;
  const unreadable: [string, string][] = [
    [`{${head},"result":${nested(5000)}}`, "ERR_PIPELINE_TOO_LARGE"],
    [`{"result":${nested(5000)},${head}}`, "ERR_PIPELINE_TOO_LARGE"],
    [
      `{"result":"\\"{,","a":${nested(2000)},${head}}`,
      "ERR_PIPELINE_TOO_LARGE",
    ],
    [`{${head},"result":NaN}`, "ERR_PIPELINE_INVALID"],
    [`{${head},"result":{"a":}`, "ERR_PIPELINE_INVALID"],
  ];
  for (const [json, code] of unreadable) {
    const up = readFromWorker(raw(json));
    assert(up.type === "failed", json.slice(0, 100));
    const { worker, id, attempt, error } = up;
    assertEquals([worker, id, attempt], ["w", "j", 1]);
    assertEquals([error.code, error.retryable], [code, false]);
  }
  const failed = readFromWorker(raw(
    `{"type":"failed","worker":"w","id":"j","attempt":1,"error":{"name":5}}`,
  ));
  assert(failed.type === "failed" && failed.error.retryable);
  // Whose it is cannot be known.
  for (
    const json of [
      `{"type":"success","worker":"w","id":"j","result":NaN}`,
      `{"type":"leave","worker":NaN}`,
      `{"type":"success","worker":"w","id":["j"],"attempt":1,"result":NaN}`,
      `"type"`,
      `{"type`,
    ]
  ) assertThrows(() => readFromWorker(raw(json)), PipelineError);
});

test("every text that is not a payload is limited", async () => {
  const long = "x".repeat(1025);
  for (
    const name of [
      "id",
      "address",
      "job_type",
      "step_name",
      "host",
      "runtime",
      "public_key",
    ]
  ) {
    assertThrows(
      () => readFromWorker(encodeJson({ ...SAID, [name]: long })),
      PipelineError,
      "1024",
    );
  }
  const running = Array.from({ length: 10_001 }, () => CLAIM);
  const tooLong = await parseMessage(encodeJson({ ...SAID, running }));
  assertThrows(() => workerMessageOf(tooLong), PipelineError, "10000");
  const error = {
    name: long,
    message: "m".repeat(20_000),
    code: long,
    traceback: "t".repeat(20_000),
  };
  const up = readFromWorker(encodeJson({ type: "failed", ...SENDER, error }));
  assert(up.type === "failed");
  const { name, message, code, traceback } = failureOf(up.error);
  assertEquals(
    [name, message, code!, traceback!].map(({ length }) => length),
    [128, 10_000, 128, 10_000],
  );
  // A trace is no reason to refuse a result.
  const traced = readFromWorker(
    encodeJson({ type: "success", ...SENDER, result: 1, traceparent: long }),
  );
  assert(traced.type === "success" && traced.traceparent === undefined);
});
