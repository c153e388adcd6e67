/** Several processes run one pipeline over PostgreSQL: clients and workers follow the leader. */
import { assert, assertEquals } from "@std/assert";
import {
  Pipeline,
  PipelineClient,
  type PipelineError,
  standBy,
} from "@agentzero/agentzero/pipeline";
import { postgresStore } from "@agentzero/agentzero/pipeline/postgres";
import {
  deferred,
  eventually,
  test,
  type TestContext,
} from "../support/harness.ts";
import { ran, square, squareOn } from "./support/squares.ts";
import { steadyPort } from "../support/steady_port.ts";
import { Relay } from "./store/postgres_relay.ts";
import {
  noPostgres,
  postgresServer,
  uniqueName,
} from "./store/postgres_server.ts";

const OPTIONS = { skip: noPostgres, timeoutMs: 60_000 };

/** A process that shares a pipeline, as far as one in this process can be one. */
interface Member {
  readonly address: string;
  readonly end: () => Promise<void>;
  readonly leads: () => boolean;
  readonly fences: PipelineError[];
}

async function join(
  t: TestContext,
  url: string,
  name: string,
): Promise<Member> {
  const port = await steadyPort();
  const store = postgresStore(url, { name, leaderLeaseMs: 1500 });
  const end = new AbortController();
  let leads = false;
  const fences: PipelineError[] = [];
  const create = () =>
    new Pipeline({ name, steps: [square], store, onError: () => {} });
  const running = standBy(create, {
    listen: { requests: port, results: 0, events: 0, feed: 0 },
    signal: end.signal,
    onLeading: () => {
      leads = true;
      return () => void (leads = false);
    },
    onFenced: (error) => void fences.push(error),
  });
  const close = () => {
    end.abort();
    return running;
  };
  t.cleanup(close);
  return {
    address: `tcp://127.0.0.1:${port}`,
    end: close,
    leads: () => leads,
    fences,
  };
}

/** Two members, of which the first leads, with a worker and a client; the first reaches the server through a relay. */
async function scene(t: TestContext) {
  ran.clear();
  const server = await postgresServer();
  const relay = t.use(await Relay.create(server.port));
  const name = uniqueName();
  const first = await join(
    t,
    server.url.replace(`:${server.port}`, `:${relay.port}`),
    name,
  );
  await eventually(first.leads, 20_000, "a leader");
  const second = await join(t, server.url, name);
  // The order does not matter: the second one does not lead.
  const pipeline = [second.address, first.address];
  t.use(await square.run({ pipeline, concurrency: 4 }));
  const client = t.use(new PipelineClient({ pipeline }));
  const members = async () => (await client.stats()).members!;
  const isSeen = async () => (await members()).length === 2;
  await eventually(isSeen, 20_000, "the standby in the list");
  return { relay, first, second, client, members };
}

test("a planned handover is at once, and loses nothing", OPTIONS, async (t) => {
  const { first, second, client, members } = await scene(t);
  assertEquals(
    (await members()).map(({ address, leads }) => [address, leads]),
    [
      [first.address, true],
      [second.address, false],
    ],
  );
  let isOver = false;
  const squaring = squareOn(client, () => isOver);
  await eventually(() => ran.size > 20, 20_000, "jobs at the first");
  const before = performance.now();
  await first.end();
  const answer = await client.stats();
  assert(performance.now() - before < 10_000);
  assertEquals(answer.members![0]!.address, second.address);
  const count = ran.size;
  await eventually(() => ran.size > count + 20, 20_000, "jobs at the second");
  isOver = true;
  assertEquals(await squaring, ran.size);
  assertEquals([...ran.values()].filter((times) => times > 1), []);
  assertEquals([first.fences, second.fences], [[], []]);
});

test(
  "a leader that is cut off from the database is replaced, says so and stands by",
  OPTIONS,
  async (t) => {
    const { relay, first, second, client } = await scene(t);
    let isOver = false;
    const squaring = squareOn(client, () => isOver);
    await eventually(() => ran.size > 20, 20_000, "jobs at the first");
    relay.isFrozen = true;
    await eventually(second.leads, 20_000, "another leader");
    const count = ran.size;
    await eventually(() => ran.size > count + 20, 20_000, "jobs at the second");
    isOver = true;
    // The old one still listens, and does not know.
    assertEquals([first.leads(), first.fences.length], [true, 0]);
    assertEquals(await squaring, ran.size);
    relay.isFrozen = false;
    relay.cut();
    await eventually(() => first.fences.length > 0, 20_000, "a fence");
    assertEquals(first.fences[0]!.code, "ERR_STORE_FENCED");
    await eventually(() => !first.leads(), 20_000, "the end of the term");
    await second.end();
    await eventually(first.leads, 20_000, "the first one again");
    const id = await client.submit(square, -1);
    assertEquals(await client.result(id), 1);
  },
);

test(
  "a pipeline that is closed before it leads was never there",
  OPTIONS,
  async (t) => {
    const { url } = await postgresServer();
    const name = uniqueName();
    const create = () =>
      t.use(
        new Pipeline({
          name,
          steps: [square],
          store: postgresStore(url, { name }),
        }),
      );
    const [leader, standby] = [create(), create()];
    await leader.listen({ port: 0 });
    const standing = deferred<string>();
    const listening = standby.listen({
      port: 0,
      onStandby: ({ address }) => standing.resolve(address),
    });
    const refused = listening.then(
      () => "it leads",
      (error: PipelineError) => error.code,
    );
    await standing.promise;
    await standby.close();
    assertEquals(await refused, "ERR_PIPELINE_CLOSED");
    assertEquals(await standby.closed, undefined);
    assertEquals((await leader.operations.stats()).members.length, 1);
  },
);
