/**
 * The example `guide/lazy_pirate`: the scene, and what both clients do when
 * answers are late or there is no server.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { zmq } from "@agentzero/agentzero";
import {
  GaveUpError,
  type PirateClient,
  type PirateOptions,
} from "../../../examples/guide/lazy_pirate/pirate_client.ts";
import { RelaxedClient } from "../../../examples/guide/lazy_pirate/relaxed_client.ts";
import { ReopeningClient } from "../../../examples/guide/lazy_pirate/reopening_client.ts";
import { deferred, test, type TestContext } from "../../support/harness.ts";
import { playScene, SCENE } from "./scene.ts";

test("lazy pirate: the scene", SCENE, async (t) => {
  const lines = await playScene(t, "lazy_pirate");
  assertEquals(
    lines.at(-1),
    "6 and 6 answers of 6, none mixed up; both gave up when the server stayed away",
  );
  assertEquals(
    lines.filter((line) => line === "  two: two, after more than one request")
      .length,
    2,
  );
});

const CLIENTS: [
  string,
  new (address: string, options: PirateOptions) => PirateClient,
][] = [
  ["the reopening client", ReopeningClient],
  ["the relaxed client", RelaxedClient],
];

for (const [name, Pirate] of CLIENTS) {
  test(`${name} does not mistake a late answer`, async (t) => {
    const router = await bound(t);
    const client = t.use(
      new Pirate(router.lastEndpoint!, { timeoutMs: 100, tries: 100 }),
    );
    const answer = client.request("?");
    // To the first try there is no answer before the second one has come.
    let earlier = await router.receive();
    const serving = (async () => {
      for await (const request of router) {
        await router.send([...earlier.slice(0, -1), "late"]);
        await router.send([...request.slice(0, -1), "right"]);
        earlier = request;
      }
    })();
    assertEquals(String((await answer)[0]), "right");
    await router.close();
    await serving;
  });

  test(`${name} gives up after its tries`, async (t) => {
    const router = await bound(t);
    const attempts: number[] = [];
    const client = t.use(
      new Pirate(router.lastEndpoint!, {
        timeoutMs: 30,
        tries: 3,
        onNoAnswer: (attempt) => void attempts.push(attempt),
      }),
    );
    const error = await assertRejects(() => client.request("?"), GaveUpError);
    assertEquals([error.code, error.tries], ["EGAVEUP", 3]);
    assertEquals(attempts, [1, 2, 3]);
  });

  test(`${name} stops when its signal is aborted, and can be used again`, async (t) => {
    const router = await bound(t);
    const client = t.use(
      new Pirate(router.lastEndpoint!, { timeoutMs: 20_000 }),
    );
    const stop = new AbortController();
    const asked = client.request("first", stop.signal);
    await router.receive();
    await assertRejects(() => client.request("second"), Error, "two requests");
    stop.abort(new Error("enough"));
    await assertRejects(() => asked, Error, "enough");

    const again = client.request("third");
    const request = await router.receive();
    assertEquals(String(request.at(-1)), "third");
    await router.send(request);
    assertEquals(String((await again)[0]), "third");
  });
}

test("the relaxed client leaves no tries for a server that comes back", async (t) => {
  const router = await bound(t);
  const address = router.lastEndpoint!;
  await router.unbind(address);
  const triedThrice = deferred();
  let failed = 0;
  const client = t.use(
    new RelaxedClient(address, {
      timeoutMs: 100,
      tries: 100,
      onNoAnswer: () => ++failed === 3 && triedThrice.resolve(),
    }),
  );
  const answer = client.request("?");
  await triedThrice.promise;
  const failedBefore = failed;
  await router.bind(address);
  const came: string[] = [];
  const serving = (async () => {
    for await (const request of router) {
      came.push(String(request.at(-1)));
      await router.send(request);
    }
  })();
  await answer;
  await client.request("last");
  assertEquals(came.pop(), "last");
  // On a slow machine the server may be late as well: each try that failed since, and the one that did not.
  assert(came.length <= failed - failedBefore + 1, came.join());
  await router.close();
  await serving;
});

async function bound(t: TestContext): Promise<zmq.Router> {
  const router = t.use(new zmq.Router());
  await router.bind("tcp://127.0.0.1:*");
  return router;
}
