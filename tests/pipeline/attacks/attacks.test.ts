/**
 * Integration: attacks on a pipeline over raw connections, at a small size and
 * with low limits. Each time the attacker is refused or disconnected, and
 * an honest job beside it completes. `npm run siege` does them all at
 * once, at full size.
 *
 * Kinds whose bound has tests of its own, with the limit reached exactly:
 *
 * | kind                                         | tests                                                  |
 * | -------------------------------------------- | ------------------------------------------------------ |
 * | sizes and depths of what a pipeline is sent  | tests/pipeline/bounds.test.ts                           |
 * | payloads, lists of an each                   | tests/pipeline/limits.test.ts                           |
 * | texts of all other members                   | tests/pipeline/protocol/reader.test.ts                      |
 * | topics of the feed                           | tests/pipeline/server/feed.test.ts                      |
 * | damaged and missing files of the store       | tests/pipeline/store/sqlite_store.test.ts               |
 * | odd hosts, methods, bodies, half headers     | tests/pipeline/http/serve_http.test.ts                  |
 * | log records that break the page              | tests/pipeline/http/browser.test.ts                     |
 * | whatever else can be said, by chance         | tests/fuzz/targets/pipeline.ts, tests/fuzz/targets/http.ts |
 */
import { assert, assertEquals } from "@std/assert";
import { eventually, test } from "../../support/harness.ts";
import { bytes, frame, MORE } from "../../support/peers/zmtp_bytes.ts";
import { many } from "../../siege/raider.ts";
import { besieged, request, STEP_MS } from "./besieged.ts";

const KIB = 1024;
const LIMIT = { timeoutMs: 30_000 };
const deep = "[".repeat(3000) + "]".repeat(3000);

test(
  "a peer with too many topics is disconnected; others go on watching",
  LIMIT,
  async (t) => {
    const { raid, honest } = await besieged(t);
    const watching = await raid("feed");
    await watching.put(frame("\x01job:completed:"));
    const raider = await raid("feed");
    await raider.put(frame(bytes(1, new Uint8Array(100 * KIB).fill(97))));
    await eventually(() => raider.isCut, STEP_MS, "the end of the connection");
    const before = watching.received;
    await honest();
    await eventually(() => watching.received > before, STEP_MS, "the feed");
  },
);

test("many topics of one watcher do not slow down others", LIMIT, async (t) => {
  const { raid, honest } = await besieged(t);
  {
    using raider = await raid("feed");
    for (let i = 0; i < 2000; i++) await raider.put(frame(`\x01job:${i}`));
    await honest();
  }
  await honest();
});

test(
  "requests that are large, deep or malformed are answered or disconnected",
  LIMIT,
  async (t) => {
    const { ask, raid, honest } = await besieged(t, { maxPayloadBytes: 1000 });
    const list = `[${"{},".repeat(1000)}{}]`;
    const answers = await ask(
      `{"type":"submit","flow":"idle","payload":${deep}}`,
      `{"type":"submit","flow":"idle","payload":${list}}`,
      ...["null", "[]", "{", "1", '{"type":"no"}', '{"type":5}'],
      { type: "list", limit: -1 },
      { type: "submit", flow: "idle", id: "x".repeat(5000), payload: 1 },
      { type: "submit", flow: "idle", traceparent: "x".repeat(5000) },
      { type: "schedule", id: "s", flow: "idle", cron: "x".repeat(5000) },
    );
    assertEquals(answers.length, 12);
    for (const { status, code, message } of answers) {
      assertEquals(status, 400, `${message}`);
      assert(/^ERR_PIPELINE_(INVALID|TOO_LARGE)$/.test(`${code}`), `${code}`);
      assert(
        String(message).length < 1000,
        "the answer repeats what was asked",
      );
    }
    const raider = await raid("requests");
    await raider.put(request("x".repeat(2000 * KIB)));
    await eventually(() => raider.isCut, STEP_MS, "the end of the connection");
    await honest();
  },
);

test(
  "while megabytes of one client are checked, others are answered, and its requests keep their order",
  LIMIT,
  async (t) => {
    const { ask, honest } = await besieged(t);
    const id = crypto.randomUUID();
    const payload = `[${"1,".repeat(2 ** 19)}1]`;
    const asked = ask(
      `{"request_id":0,"type":"submit","flow":"idle","id":"${id}","payload":${payload}}`,
      { type: "status", id },
      { type: "cancel", id },
      { type: "status", id },
    );
    await honest();
    const [submitted, running, cancelled, over] = await asked;
    assertEquals(submitted!.status, 200, `${submitted!.message}`);
    assertEquals([running!.state, cancelled!.status], ["running", 200]);
    assertEquals(over!.state, "cancelled");
    await honest();
  },
);

test(
  "a client that sends many requests and reads nothing costs no other client an answer",
  LIMIT,
  async (t) => {
    const { raid, honest } = await besieged(t);
    const raider = await raid("requests", { isReading: false });
    await raider.put(many(request({ type: "stats" }), 64 * KIB));
    for (let i = 0; i < 5; i++) await honest();
  },
);

test(
  "unreadable results are reported, and lose no job",
  LIMIT,
  async (t) => {
    const { raid, honest, reported } = await besieged(t);
    const raider = await raid("results");
    const result =
      `{"type":"success","worker":"e","id":"x","attempt":1,"result":`;
    await raider.put(
      frame("rubbish"),
      frame(`${result}${deep}}`),
      frame("null"),
      frame(""),
      frame("more", MORE),
      frame("than one"),
    );
    await raider.put(many(frame("rubbish"), 4 * KIB));
    await reported(/The message is not JSON/);
    await honest();
  },
);

test(
  "malformed records do not end the feed for its watchers",
  LIMIT,
  async (t) => {
    const { raid, honest, pipeline } = await besieged(t);
    const seen: unknown[] = [];
    t.cleanup(pipeline.watch(({ topic, data }) => {
      if (topic.startsWith("logs:")) seen.push(data);
    }));
    const raider = await raid("events");
    // A PUB sends once it knows what is wanted; this one does so at once.
    const record = (text: string) =>
      bytes(frame("logs:double:20", MORE), frame(text));
    await raider.put(
      ...["null", "{", '{"args":5}', '{"msg":{}}', `{"msg":${deep}}`, ""].map(
        record,
      ),
      record('{"level":20,"msg":"the last"}'),
    );
    await eventually(
      () => JSON.stringify(seen).includes("the last"),
      STEP_MS,
      "the last record",
    );
    await honest();
  },
);
