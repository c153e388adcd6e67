/** Integration: a token on loopback, from end to end, and what is refused without it. */
import { zmq } from "@agentzero/agentzero";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  defineStep,
  memoryStore,
  Pipeline,
  PipelineClient,
  PipelineError,
} from "@agentzero/agentzero/pipeline";
import { isSameText } from "../../src/pipeline/model/token.ts";
import {
  eventually,
  test,
  type TestContext,
  within,
} from "../support/harness.ts";
import {
  allAddresses,
  ANNOUNCED,
  ANYWHERE,
  codeOf,
  LISTENING,
  open,
  run,
} from "./support/pipelines.ts";

const STEP_MS = 5000;
const TOKEN = "a-token-of-this-test";
const OTHER = "b-token-of-this-test";
const double = defineStep("double", (n: number) => 2 * n);

function connect(t: TestContext, pipeline: string, token?: string) {
  return t.use(new PipelineClient({ pipeline, token }));
}

test("with the token everything works", async (t) => {
  const { requests, errors } = await open(t, { steps: [double], token: TOKEN });
  await run(t, double, requests, { token: TOKEN });
  const client = connect(t, requests, TOKEN);
  assertEquals(await client.result(await client.submit(double, 2)), 4);
  await client.pause("double");
  await client.resume("double");
  const watching = client.watch("available");
  await within(watching.next(), STEP_MS, "an event");
  await watching.return();
  assertEquals(errors, []);
});

test("another token is refused at once", async (t) => {
  const { requests } = await open(t, { steps: [double], token: TOKEN });
  for (const token of [OTHER, `${TOKEN}x`, TOKEN.slice(0, -1)]) {
    const error = await assertRejects(
      () => connect(t, requests, token).submit(double, 1),
      PipelineError,
      "it does not accept this key or token",
    );
    assertEquals(error.code, "ERR_PIPELINE_REFUSED");
    assert(!error.message.includes(token));
    assertEquals(
      await codeOf(double.run({ pipeline: requests, token })),
      "ERR_PIPELINE_REFUSED",
    );
  }
});

test("a token on one side only is refused at once, and both sides are named", async (t) => {
  const closed = await open(t, { steps: [double], token: TOKEN });
  const opened = await open(t, { steps: [double] });
  const keyed = await open(t, {
    steps: [double],
    security: zmq.curveKeyPair(),
  });
  for (
    const [{ requests }, token, text] of [
      [
        closed,
        undefined,
        '"PLAIN", this socket uses "NULL": it has a token; set token',
      ],
      [
        opened,
        TOKEN,
        '"NULL", this socket uses "PLAIN": it has neither keys nor a token',
      ],
      [
        keyed,
        TOKEN,
        '"CURVE", this socket uses "PLAIN": it has keys for CURVE; set security',
      ],
    ] as const
  ) {
    for (
      const call of [
        () => connect(t, requests, token).submit(double, 1),
        () => double.run({ pipeline: requests, token }),
      ]
    ) {
      const error = await assertRejects(call, PipelineError, text);
      assertEquals(error.code, "ERR_PIPELINE_REFUSED");
    }
  }
});

test("a call between two attempts has the reason in its timeout", async (t) => {
  const { requests } = await open(t, { steps: [double], token: TOKEN });
  const client = connect(t, requests, OTHER);
  const call = () => client.submit(double, 1, { timeoutMs: 300 });
  let error = await assertRejects(call, PipelineError);
  // Each attempt fails the calls that wait; attempts become rarer.
  while (error.code === "ERR_PIPELINE_REFUSED") {
    error = await assertRejects(call, PipelineError);
  }
  assertEquals(error.code, "ERR_PIPELINE_TIMEOUT");
  assert(
    error.message.startsWith("The pipeline did not answer within 300 ms: "),
    error.message,
  );
  assert(error.message.endsWith("it does not accept this key or token"));
});

test("no socket of a pipeline, or of its worker, accepts a peer without it", async (t) => {
  const { pipeline, requests } = await open(t, {
    steps: [double],
    token: TOKEN,
  }, ANNOUNCED);
  const worker = await run(t, double, requests, {
    ...LISTENING,
    token: TOKEN,
  });
  const { results, events, feed } = allAddresses(pipeline);
  const types = new Map<string, () => zmq.Socket>([
    [
      requests,
      () =>
        new zmq.Dealer({
          linger: 0,
          plainUsername: "agentzero",
          plainPassword: OTHER,
        }),
    ],
    [results, () => new zmq.Push({ linger: 0 })],
    [
      events,
      () =>
        new zmq.Publisher({
          linger: 0,
          plainUsername: "eve",
          plainPassword: TOKEN,
        }),
    ],
    [feed, () => new zmq.Subscriber({ linger: 0 })],
    [
      worker.address!,
      () => new zmq.Push({ linger: 0, plainUsername: "agentzero" }),
    ],
  ]);
  for (const [address, make] of types) {
    const socket = t.use(make());
    const outcome = new Promise<string>((resolve) => {
      socket.events.once("handshake", () => resolve("connected"));
      for (const type of ["auth", "protocol"] as const) {
        socket.events.once(`handshake:error:${type}`, () => resolve("refused"));
      }
    });
    socket.connect(address);
    assertEquals(await within(outcome, STEP_MS, "an end"), "refused");
  }
});

test("a pipeline that is restarted with its token goes on", async (t) => {
  const store = memoryStore();
  const options = { steps: [double], token: TOKEN, store };
  const first = await open(t, options);
  const { requests } = first;
  await run(t, double, requests, { token: TOKEN });
  const client = connect(t, requests, TOKEN);
  assertEquals(await client.result(await client.submit(double, 1)), 2);
  await first.pipeline.close();
  const second = await open(t, options, { ...ANYWHERE, requests });
  const id = await client.submit(double, 4);
  assertEquals(await second.pipeline.result(id, { timeoutMs: STEP_MS }), 8);
  await eventually(async () =>
    (await second.pipeline.operations.stats()).workers.length === 1
  );
});

test("a token never leaves the machine", async (t) => {
  const far = "tcp://pipeline.example:7450";
  const isInsecure = async (call: () => unknown) => {
    const error = await assertRejects(async () => await call(), PipelineError);
    assert(
      error.message.includes("A token is for loopback only"),
      error.message,
    );
    assertEquals(error.code, "ERR_PIPELINE_INSECURE");
  };
  await isInsecure(() => new PipelineClient({ pipeline: far, token: TOKEN }));
  await isInsecure(() => double.run({ pipeline: far, token: TOKEN }));
  for (const insecure of [false, true]) {
    const listen = { ...ANYWHERE, host: "0.0.0.0", insecure };
    await isInsecure(() => open(t, { steps: [double], token: TOKEN }, listen));
  }
  const { requests } = await open(t, { steps: [double], token: TOKEN }, {
    ...ANYWHERE,
    insecure: true,
  });
  const peer = { pipeline: requests, token: TOKEN };
  await isInsecure(() =>
    double.run({ ...peer, bind: "tcp://0.0.0.0:*", insecure: true })
  );
  assertEquals(
    await codeOf(double.run({ ...peer, address: "tcp://192.0.2.1:9" })),
    "ERR_PIPELINE_INSECURE",
  );
});

test("an invalid token is refused, and not shown", () => {
  for (
    const token of [
      "short",
      "x".repeat(256),
      "with a space in it",
      "ümlauts-in-the-token",
      5,
      null,
    ]
  ) {
    const error = assertThrows(
      () =>
        new Pipeline({ name: "test", steps: [double], token: token as string }),
      PipelineError,
      "token must",
    );
    assertEquals(error.code, "ERR_PIPELINE_INVALID");
    assert(typeof token !== "string" || !error.message.includes(token));
  }
  const keys = zmq.curveKeyPair();
  for (
    const make of [
      () =>
        new Pipeline({
          name: "test",
          steps: [double],
          token: TOKEN,
          security: keys,
        }),
      () =>
        new PipelineClient({
          pipeline: "tcp://127.0.0.1:1",
          token: TOKEN,
          security: { ...keys, serverKey: keys.publicKey },
        }),
    ]
  ) {
    assertThrows(make, PipelineError, "token and security exclude each other");
  }
});

test("tokens are compared in full", () => {
  assert(isSameText(TOKEN, TOKEN));
  for (
    const given of ["", OTHER, `${TOKEN}${TOKEN}`, `${TOKEN}a`, TOKEN.slice(1)]
  ) {
    assert(!isSameText(given, TOKEN), given);
  }
});
