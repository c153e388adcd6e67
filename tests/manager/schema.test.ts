/** Tests messages that are checked and typed by a schema. */
import {
  AgentZeroSocketError,
  type EventStream,
  type Schema,
  SchemaValidationError,
  type SocketManager,
  SocketNotFound,
  zmq,
} from "@agentzero/agentzero";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as v from "valibot";
import * as z from "zod";
import { test } from "../support/harness.ts";
import {
  broadcast,
  inproc,
  managerFor,
  pipeline,
  service,
} from "./fixtures.ts";

interface Job {
  id: number;
  urls: string[];
}

const libraries: Record<string, Schema<Job>> = {
  zod: z.object({ id: z.number().positive(), urls: z.array(z.string()) }),
  valibot: v.object({
    id: v.pipe(v.number(), v.minValue(1)),
    urls: v.array(v.string()),
  }),
};
const good = { id: 1, urls: ["a"] };
const bad = { id: 0, urls: ["a", 2] };

for (const [library, schema] of Object.entries(libraries)) {
  test(`typed messages: recvSafe validates with ${library}, and the next message is received`, async (t) => {
    const sockets = managerFor(t);
    await pipeline(sockets);
    for (const data of [good, bad, good]) await sockets.sendSafe("out", data);
    const job: Job | undefined = await sockets.recvSafe("in", { schema });
    assertEquals(job, good);
    const error = await assertRejects(
      () => sockets.recvSafe("in", { schema }),
      SchemaValidationError,
      "A message of socket 'in' does not match its schema: $.id: ",
    );
    assertEquals([error.code, error.socketName], ["SCHEMA_INVALID", "in"]);
    assertEquals(error.issues.length, 2);
    assertEquals(JSON.parse(new TextDecoder().decode(error.raw)), bad);
    assertEquals(await sockets.recvSafe("in", { schema }), good);
  });

  test(`typed messages: the schema of a socket counts everywhere, with ${library}`, async (t) => {
    const sockets = managerFor(t);
    const address = inproc();
    await sockets.ensureAndBind("pub", zmq.XPUB, address);
    sockets.create("sub", zmq.SUB, { schema });
    await sockets.connect("sub", address);
    const events = sockets.subscribe("sub", "");
    const publish = (data: unknown) => sockets.publishSafe("pub", "a", data);
    await publish(bad);
    await publish(good);
    await assertRejects(() => events.next(), SchemaValidationError);
    assertEquals((await events.next()).value!.data, good);
    await events.return();
    sockets.setTopic("sub", "");
    await publish(bad);
    await assertRejects(
      () => sockets.recvEventSafe("sub"),
      SchemaValidationError,
    );
  });
}

test("typed messages: the output of the schema is what is received", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  const schema = z.object({ at: z.string().transform((text) => text.length) });
  await sockets.sendSafe("out", { at: "2016" });
  const got = await sockets.recvSafe("in", { schema });
  const at: number = got!.at;
  assertEquals(at, 4);
});

test("typed messages: schemas may be asynchronous", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  const schema = v.pipeAsync(
    v.number(),
    v.checkAsync(async (n) => await Promise.resolve(n % 2 === 0), "odd"),
  );
  for (const n of [1, 2]) await sockets.sendSafe("out", n);
  await assertRejects(
    () => sockets.recvSafe("in", { schema }),
    SchemaValidationError,
    "$: odd",
  );
  assertEquals(await sockets.recvSafe("in", { schema }), 2);
});

test("typed messages: setSchema sets and removes it, and a schema in the call comes before it", async (t) => {
  const sockets = managerFor(t);
  await pipeline(sockets);
  const send = (data: unknown) => sockets.sendSafe("out", data);
  sockets.setSchema("in", z.string());
  await send(1);
  await assertRejects(() => sockets.recvSafe("in"), SchemaValidationError);
  await send(2);
  const schema = z.number();
  const number: number | undefined = await sockets.recvSafe("in", { schema });
  assertEquals(number, 2);
  sockets.getOrCreate("in", zmq.PULL, zmq.POLLIN, { schema: z.boolean() });
  await send(3);
  await assertRejects(() => sockets.recvSafe("in"), SchemaValidationError);
  sockets.setSchema("in", undefined);
  await send(4);
  assertEquals(await sockets.recvSafe("in"), 4);
  assertThrows(() => sockets.setSchema("x", schema), SocketNotFound);
});

test("typed messages: request validates the answer", async (t) => {
  const sockets = managerFor(t);
  await service(sockets);
  const answers = ["1", 1];
  const serve = async () => {
    for (const answer of answers) {
      await sockets.recvSafe("server");
      await sockets.sendSafe("server", answer);
    }
  };
  const served = serve();
  const schema = z.number();
  await assertRejects(
    () => sockets.request("client", "q", { schema }),
    SchemaValidationError,
  );
  const answer: number = await sockets.request("client", "q", { schema });
  assertEquals(answer, 1);
  await served;
});

test("typed messages: the events of a loop have the type of the schema", async (t) => {
  const sockets = managerFor(t);
  await broadcast(sockets);
  const schema = z.object({ msg: z.string() });
  const events: EventStream<{ msg: string }> = sockets.subscribe("sub", "", {
    schema,
  });
  await sockets.publishSafe("pub", "a", { msg: "hello" });
  for await (const [topic, { msg }] of events) {
    const both: [string, string] = [topic, msg];
    assertEquals(both, ["a", "hello"]);
    break;
  }
  await typesOf(sockets);
});

test("typed messages: the schema of a socket types what it receives", async (t) => {
  const sockets = managerFor(t);
  const address = inproc();
  const schema = z.object({ id: z.number() });
  const pull = await sockets.ensureAndBind("in", zmq.PULL, address, { schema });
  const push: zmq.Push = await sockets.ensureAndConnect(
    "out",
    zmq.PUSH,
    address,
  );
  await sockets.sendSafe(push, { id: 1 });
  const job = await sockets.recvSafe(pull);
  const id: number | undefined = job?.id;
  assertEquals(id, 1);
  // @ts-expect-error: the schema says that it is a number
  const text: string | undefined = job?.id;
  assertEquals<unknown>(text, 1);

  const sub = sockets.create("sub", zmq.SUB, { schema });
  const pub = sockets.create("pub", zmq.PUB);
  const other = inproc();
  await sockets.bind("pub", other);
  await sockets.connect("sub", other);
  const events: EventStream<{ id: number }> = sockets.subscribe(sub, "");
  await sockets.publishSafe(pub, "a", { id: 2 });
  assertEquals((await events.next()).value?.data.id, 2);
  await events.return();
  // Another schema, for this call.
  await sockets.sendSafe(push, { id: 3 });
  const rest: { id: unknown } | undefined = await sockets.recvSafe(pull, {
    schema: z.looseObject({ id: z.unknown() }),
  });
  assertEquals(rest, { id: 3 });

  await using foreign = new zmq.Pull();
  const error = await assertRejects(
    () => sockets.recvSafe(foreign),
    AgentZeroSocketError,
    "does not have this PULL socket: it was created elsewhere",
  );
  assertEquals(error.code, "SOCKET_NOT_FOUND");
  await sockets.close("in");
  await assertRejects(
    () => sockets.recvSafe(pull),
    AgentZeroSocketError,
    "it is closed",
  );
});

/** Only for the compiler: what is not checked is `unknown`. */
async function typesOf(sockets: SocketManager): Promise<void> {
  const data = await sockets.recvSafe("sub", { timeout: 0 });
  // @ts-expect-error: unknown data has no fields
  assert(data?.msg === undefined);
}
