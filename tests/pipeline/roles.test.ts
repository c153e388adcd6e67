/** Integration: keys with roles, over real sockets, and what is refused to each. */
import { zmq } from "@agentzero/agentzero";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  defineStep,
  memoryStore,
  type PeerSecurity,
  Pipeline,
  PipelineClient,
  PipelineError,
  type PipelineSecurity,
} from "@agentzero/agentzero/pipeline";
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
  open,
  run,
} from "./support/pipelines.ts";

const STEP_MS = 5000;
const double = defineStep("double", (n: number) => 2 * n);
const server = zmq.curveKeyPair();

/** The keys of a step or client. */
function newPeer(): PeerSecurity {
  return { ...zmq.curveKeyPair(), serverKey: server.publicKey };
}

const client = newPeer();
const worker = newPeer();
const operator = newPeer();
const stranger = newPeer();
const ALLOW = {
  clients: [client.publicKey],
  workers: [worker.publicKey],
  operators: [operator.publicKey],
};

function openWith(t: TestContext, security: Partial<PipelineSecurity>) {
  const options = { steps: [double], security: { ...server, ...security } };
  return open(t, options, ANNOUNCED);
}

function connect(t: TestContext, pipeline: string, security: PeerSecurity) {
  return t.use(new PipelineClient({ pipeline, security }));
}

/** A plain socket with the keys of a peer. */
function optionsOf({ serverKey, publicKey, secretKey }: PeerSecurity) {
  return {
    linger: 0,
    curveServerKey: serverKey,
    curvePublicKey: publicKey,
    curveSecretKey: secretKey,
  };
}

/** Everything that only an operator may ask for. */
const STEERING = [
  { type: "pause" },
  { type: "resume" },
  { type: "drain" },
  { type: "cancel", id: "x" },
  { type: "retry", id: "x" },
  { type: "retry_all" },
  { type: "schedule", id: "s", flow: "double", cron: "@daily" },
  { type: "promote", id: "x" },
  { type: "set_priority", id: "x", priority: 1 },
  { type: "remove", id: "x" },
  { type: "pause_schedule", id: "s" },
  { type: "resume_schedule", id: "s" },
  { type: "unschedule", id: "s" },
];

test("clients submit and read, workers work, operators steer and read", async (t) => {
  const { requests, errors } = await openWith(t, { allow: ALLOW });
  await run(t, double, requests, { security: worker });
  const submitting = connect(t, requests, client);
  const id = await submitting.submit(double, 2);
  assertEquals(await submitting.result(id), 4);
  assertEquals((await submitting.status(id)).state, "completed");
  assertEquals((await submitting.stats()).workers.length, 1);

  const steering = connect(t, requests, operator);
  assertEquals((await steering.status(id)).state, "completed");
  assertEquals((await steering.timeline(id)).length > 0, true);
  await steering.pause("double");
  await steering.resume("double");
  for (const who of [submitting, steering]) {
    const watching = who.watch("available");
    await within(watching.next(), STEP_MS, "an event");
    await watching.return();
  }
  assertEquals(errors, []);
});

test("a request without the role for it is forbidden, and nothing else is lost", async (t) => {
  const { pipeline, requests } = await openWith(t, { allow: ALLOW });
  await run(t, double, requests, { security: worker });
  const submitting = connect(t, requests, client);
  for (const request of STEERING) {
    const refused = await codeOf(submitting.request(request));
    assertEquals([request.type, refused], [
      request.type,
      "ERR_PIPELINE_FORBIDDEN",
    ]);
  }
  const working = connect(t, requests, worker);
  const forbidden = [
    { type: "submit", flow: "double", instructions: 1 },
    { flow: "double", instructions: 1 }, // the guide's, without a type
    { type: "list" },
    { type: "stats" },
    { type: "result", id: "x" },
    ...STEERING,
  ];
  for (const request of forbidden) {
    assertEquals(
      await codeOf(working.request(request)),
      "ERR_PIPELINE_FORBIDDEN",
    );
  }
  const steering = connect(t, requests, operator);
  const error = await assertRejects(
    () => steering.submit(double, 1),
    PipelineError,
    'The request "submit" needs the role client; this key has operator',
  );
  assertEquals(error.code, "ERR_PIPELINE_FORBIDDEN");
  // An unknown request is invalid, whatever the roles.
  assertEquals(
    await codeOf(working.request({ type: "bogus" })),
    "ERR_PIPELINE_INVALID",
  );
  assertEquals((await pipeline.operations.jobs({ limit: 10 })).length, 0);
  assertEquals(
    (await pipeline.operations.stats()).errors.refused,
    STEERING.length + forbidden.length + 1,
  );
  assertEquals(await submitting.result(await submitting.submit(double, 4)), 8);
});

test("only workers get to results and events, only readers to the feed", async (t) => {
  const { pipeline } = await openWith(t, { allow: ALLOW });
  const { results, events, feed } = allAddresses(pipeline);
  const mayConnect = async (address: string, security: PeerSecurity) => {
    const dial = address === feed
      ? new zmq.Subscriber(optionsOf(security))
      : address === events
      ? new zmq.Publisher(optionsOf(security))
      : new zmq.Push(optionsOf(security));
    const socket = t.use(dial);
    const outcome = new Promise<boolean>((resolve) => {
      socket.events.once("handshake", () => resolve(true));
      socket.events.once("handshake:error:auth", () => resolve(false));
    });
    socket.connect(address);
    return await within(outcome, STEP_MS, "an end of the handshake");
  };
  for (const address of [results, events]) {
    assertEquals(await mayConnect(address, worker), true);
    for (const peer of [client, operator, stranger]) {
      assertEquals(await mayConnect(address, peer), false);
    }
  }
  for (const peer of [client, operator]) {
    assertEquals(await mayConnect(feed, peer), true);
  }
  for (const peer of [worker, stranger]) {
    assertEquals(await mayConnect(feed, peer), false);
  }
});

test("a step without the role of a worker, and a worker that watches, are forbidden", async (t) => {
  const { requests } = await openWith(t, { allow: ALLOW });
  for (const security of [client, operator]) {
    assertEquals(
      await codeOf(double.run({ pipeline: requests, security })),
      "ERR_PIPELINE_FORBIDDEN",
    );
  }
  assertEquals(
    await codeOf(double.run({ pipeline: requests, security: stranger })),
    "ERR_PIPELINE_REFUSED",
  );
  const watching = connect(t, requests, worker).watch("job:");
  assertEquals(await codeOf(watching.next()), "ERR_PIPELINE_FORBIDDEN");
});

test("a key may have several roles, and allowedKeys has all of them", async (t) => {
  const both = newPeer();
  const all = newPeer();
  const { requests } = await openWith(t, {
    allowedKeys: [all.publicKey],
    allow: { clients: [both.publicKey], workers: [both.publicKey] },
  });
  for (const security of [both, all]) {
    await using _worker = await double.run({ pipeline: requests, security });
    const peer = connect(t, requests, security);
    assertEquals(await peer.result(await peer.submit(double, 1)), 2);
  }
  await connect(t, requests, all).pause();
  assertEquals(
    await codeOf(connect(t, requests, both).pause()),
    "ERR_PIPELINE_FORBIDDEN",
  );
  assertEquals(
    await codeOf(connect(t, requests, stranger).stats()),
    "ERR_PIPELINE_REFUSED",
  );
});

test("a role without keys has no holder", async (t) => {
  const { requests } = await openWith(t, { allow: {} });
  assertEquals(
    await codeOf(connect(t, requests, client).stats()),
    "ERR_PIPELINE_REFUSED",
  );
});

/** An announcement, as a worker in another language makes it. */
function available(id: string, address: string, key: string) {
  return {
    ...{ type: "available", v: 1, id, address, job_type: "double" },
    ...{ step_name: "double", host: "h", pid: 1, runtime: "python 3" },
    ...{ concurrency: 1, credit: 1, running: [], draining: false },
    public_key: key,
  };
}

test("messages of a worker count only from its first key", async (t) => {
  const second = newPeer();
  const { pipeline, requests, errors } = await openWith(t, {
    allow: { ...ALLOW, workers: [worker.publicKey, second.publicKey] },
  });
  const { results, events } = allAddresses(pipeline);
  const jobs = t.use(
    new zmq.Pull({
      curveServer: true,
      curveSecretKey: worker.secretKey,
      curveAllowedKeys: [server.publicKey],
    }),
  );
  await jobs.bind("tcp://127.0.0.1:*");
  const join = (security: PeerSecurity) => {
    const push = t.use(new zmq.Push(optionsOf(security)));
    push.connect(results);
    return { say: (message: object) => push.send(JSON.stringify(message)) };
  };
  const received = async () => {
    const [bytes] = await within(jobs.receive(), STEP_MS, "a message");
    return JSON.parse(String(bytes));
  };
  const first = join(worker);
  const announcement = available("py-1", jobs.lastEndpoint!, worker.publicKey);
  await first.say(announcement);
  assertEquals((await received()).type, "hello");

  const submitting = connect(t, requests, client);
  const id = await submitting.submit(double, 21);
  const job = await received();
  assertEquals([job.type, job.id], ["job", id]);
  const about = { worker: "py-1", id, attempt: job.attempt };
  const eve = join(second);
  const forged = [
    { type: "success", ...about, result: "FORGED" },
    {
      type: "failed",
      ...about,
      error: { name: "E", message: "", retryable: false },
    },
    { type: "release", ...about },
    { type: "progress", ...about, progress: 1 },
    { type: "leave", worker: "py-1" },
    { ...announcement, draining: true },
  ];
  for (const message of forged) await eve.say(message);
  await eventually(() => errors.length >= forged.length);
  assertEquals(errors.length, forged.length);
  for (const { message } of errors) {
    assert(message.includes("with another key"), message);
  }
  const [seen] = (await pipeline.operations.stats()).workers;
  assertEquals([seen?.id, seen?.info.draining], ["py-1", false]);

  // Nor does anybody read a log record in its name.
  const logs: unknown[] = [];
  t.cleanup(pipeline.watch(({ topic, data }) => {
    if (topic.startsWith("logs:")) logs.push(data);
  }));
  for (
    const [security, msg] of [[second, "forged"], [worker, "true"]] as const
  ) {
    const pub = t.use(new zmq.XPublisher(optionsOf(security)));
    pub.connect(events);
    await within(pub.receive(), STEP_MS, "the subscription");
    await pub.send([
      "logs:double:INFO",
      JSON.stringify({ level: "INFO", worker: "py-1", job_id: id, msg }),
    ]);
    if (msg === "forged") await eventually(() => errors.length > forged.length);
  }
  await eventually(() => logs.length > 0);
  assertEquals(logs.map((log) => (log as { msg: string }).msg), ["true"]);

  await first.say({ type: "success", ...about, result: 42 });
  assertEquals(await submitting.result(id), 42);
});

test(
  "a worker whose role is revoked gets no jobs until it is granted again",
  async (t) => {
    const store = memoryStore();
    const start = (allow: object, requests?: string) =>
      open(t, {
        steps: [double],
        store,
        security: { ...server, allow: { ...ALLOW, ...allow } },
      }, { ...ANYWHERE, requests });
    const first = await start({});
    const { requests } = first;
    await run(t, double, requests, { security: worker });
    await first.pipeline.close();
    // It may still ask, as a client, and so learns why it may not work.
    const taken = {
      workers: [],
      clients: [client.publicKey, worker.publicKey],
    };
    const second = await start(taken, requests);
    const id = await connect(t, requests, client).submit(double, 3);
    await eventually(() => second.errors.length > 0);
    const refused = 'The request "available" needs the role worker';
    assert(second.errors[0]!.message.startsWith(refused));
    const { workers } = await second.pipeline.operations.stats();
    assertEquals(workers.length, 0);
    await second.pipeline.close();
    const third = await start({}, requests);
    assertEquals(await third.pipeline.result(id, { timeoutMs: 9000 }), 6);
  },
  { timeoutMs: 30_000 },
);

test("security with roles is checked", () => {
  for (
    const [allow, text] of [
      [[], "allow of security must be { clients, workers, operators }"],
      ["x", "allow of security must be { clients, workers, operators }"],
      [{ client: [] }, "client"],
      [{ clients: "x" }, "allow.clients of security must be a list"],
      [{ workers: ["x"] }, "allow.workers of security must be a key of 40"],
    ] as const
  ) {
    const security = { ...server, allow: allow as object };
    const error = assertThrows(
      () => new Pipeline({ name: "test", steps: [double], security }),
      PipelineError,
      text,
    );
    assertEquals(error.code, "ERR_PIPELINE_INVALID");
  }
});
