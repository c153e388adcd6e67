/**
 * The example `elastic`: nodes come and go, one is killed, and no task is lost.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { zmq } from "@agentzero/agentzero";
import { Front } from "../../examples/elastic/front.ts";
import { Child } from "../../examples/guide/support/child.ts";
import { test, within } from "../support/harness.ts";

const MAIN = new URL("../../examples/elastic/main.ts", import.meta.url);

test("elastic: the scene", { timeoutMs: 60_000 }, async (t) => {
  const scene = t.use(new Child(MAIN));
  assertEquals(await scene.ended, 0, scene.lines.join("\n"));
  assertMatch(
    scene.lines.at(-1)!,
    /^300 tasks, 300 results; up to [234] nodes, 1 in the end$/,
  );
  assert(scene.lines.some((line) => /node-\d+ is lost/.test(line)));
  assert(scene.lines.some((line) => /node-\d+ leaves/.test(line)));
});

test("elastic: a node leaves after its task, and gets no other", async (t) => {
  const changes: string[] = [];
  const front = t.use(
    await Front.open({
      onNode: (...change) => changes.push(change.join(" ")),
    }),
  );
  const node = t.use(new zmq.Reply());
  await node.bind("tcp://127.0.0.1:*");
  const control = t.use(new zmq.Request());
  control.connect(front.address);
  const instruct = (action: string) =>
    control.send(
      JSON.stringify({ action, node: "n", address: node.lastEndpoint }),
    );

  const [first, second] = [front.run(1), front.run(2)];
  await instruct("join");
  assertEquals(String(await control.receive()), '"done"');
  assertEquals(String(await node.receive()), "1");
  await instruct("leave");
  const left = control.receive();
  await node.send('"one"');
  assertEquals(await within(first, 5000, "its result"), "one");
  assertEquals(String(await left), '"done"');
  assertEquals(front.backlog, 1);
  assertEquals(changes, ["n joins 1", "n leaves 0"]);

  await instruct("join");
  await control.receive();
  assertEquals(String(await node.receive()), "2");
  await node.send('"two"');
  assertEquals(await within(second, 5000, "its result"), "two");
});

test("elastic: an instruction that is none is refused", async (t) => {
  const errors: unknown[] = [];
  const front = t.use(
    await Front.open({
      onNode: () => {},
      onError: (error) => errors.push(error),
    }),
  );
  const control = t.use(new zmq.Request());
  control.connect(front.address);
  await control.send('{"action":"explode","node":"n","address":"tcp://x:1"}');
  assertMatch(String(await control.receive()), /EINVAL|did not match|Invalid/i);
  assertEquals(errors.map((error) => (error as Error).name), [
    "SchemaValidationError",
  ]);
});
