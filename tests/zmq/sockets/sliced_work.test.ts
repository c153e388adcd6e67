/** Tests of work that is done in slices. */
import { assert, assertEquals } from "@std/assert";
import { yieldToEventLoop } from "../../../src/async/event_loop.ts";
import { SubscriptionTrie } from "../../../src/zmq/routing/subscription_trie.ts";
import { GroupTable } from "../../../src/zmq/routing/group_table.ts";
import { SlicedWork } from "../../../src/zmq/sockets/sliced_work.ts";
import { zmq } from "@agentzero/agentzero";
import { test, type TestContext } from "../../support/harness.ts";

/** Counts its steps. */
class Work {
  steps = 0;
  isDone = false;

  *begin(steps: number): Generator<void, void> {
    while (this.steps < steps) yield void this.steps++;
    this.isDone = true;
  }
}

test("work whose amount a peer has chosen yields to the event loop", async () => {
  const work = new Work();
  new SlicedWork().start(work.begin(2_000_000));
  let ticks = 0;
  while (!work.isDone) {
    await new Promise((resolve) => setImmediate(resolve));
    ticks++;
  }
  assertEquals(work.steps, 2_000_000);
  assert(ticks > 3, `it took ${ticks} ticks`);
});

test("short work is done at once", () => {
  const work = new Work();
  new SlicedWork().start(work.begin(10));
  assertEquals(work.steps, 10);
});

test("work that is stopped has ended when stop resolves, and none starts after it", async () => {
  const sliced = new SlicedWork();
  const works = [new Work(), new Work()];
  for (const work of works) sliced.start(work.begin(Infinity));
  await sliced.stop();
  await sliced.stop();
  const steps = works.map((work) => work.steps);
  const late = new Work();
  sliced.start(late.begin(10));
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(works.map((work) => work.steps), steps);
  assertEquals(late.steps, 0);
});

test("closing a PUB abandons the removal of the topics of a peer that left", async (t) => {
  const removal = counted(t, SubscriptionTrie.prototype, "removeAll");
  const pub = t.use(new zmq.Publisher());
  await pub.bind("inproc://sliced-work");
  const sub = t.use(new zmq.XSubscriber({ sendHighWaterMark: 0 }));
  sub.connect("inproc://sliced-work");
  for (let i = 0; i < 100_000; i++) await sub.send(`\x01t${i}`);
  await sub.close();
  await pub.close();
  await endedBefore(removal);
});

test("closing a RADIO abandons the removal of the groups of a peer that left", async (t) => {
  const removal = counted(t, GroupTable.prototype, "leaveAll");
  const radio = t.use(new zmq.Radio());
  await radio.bind("inproc://sliced-work");
  const dish = t.use(new zmq.Dish());
  dish.connect("inproc://sliced-work");
  for (let i = 0; i < 100_000; i++) dish.join(`g${i}`);
  await dish.close();
  await radio.close();
  await endedBefore(removal);
});

/** Counts the steps that generators of a method take until the test ends. */
function counted<Name extends string>(
  t: TestContext,
  prototype: Record<Name, (...args: never[]) => Generator>,
  name: Name,
): { steps: number } {
  const count = { steps: 0 };
  const original = prototype[name];
  t.cleanup(() => prototype[name] = original);
  prototype[name] = function* (this: unknown, ...args: never[]): Generator {
    for (const step of original.apply(this, args)) {
      count.steps++;
      yield step;
    }
  };
  return count;
}

/** Nothing takes a step any more. */
async function endedBefore(work: { readonly steps: number }): Promise<void> {
  const { steps } = work;
  assert(steps > 0);
  for (let tick = 0; tick < 5; tick++) await yieldToEventLoop();
  assertEquals(work.steps, steps);
}
