/**
 * Example: lazy pirate. Both clients send requests to a server that is slow,
 * crashes and is restarted, and get every reply; when it stays away, they give up.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Child } from "../support/child.ts";
import { play } from "../support/scene.ts";
import {
  GaveUpError,
  type PirateClient,
  type PirateOptions,
} from "./pirate_client.ts";
import { RelaxedClient } from "./relaxed_client.ts";
import { ReopeningClient } from "./reopening_client.ts";

const QUESTIONS = ["one", "two", "three", "four", "five", "six"];
/** The reply to "two" is late, and "four" (the fifth request, as "two" is sent twice) crashes the server. */
const PLAN = ["ok", "slow", "ok", "ok", "crash"];
const SERVER = new URL("./server_process.ts", import.meta.url);

type Client = new (address: string, options: PirateOptions) => PirateClient;

await play(async () => {
  const counts = [
    await ask("a new socket each time", ReopeningClient),
    await ask("relaxed and correlate", RelaxedClient),
  ];
  return `${counts.join(" and ")} answers of ${QUESTIONS.length}, ` +
    "none mixed up; both gave up when the server stayed away";
});

/** The scene with one client. Returns the number of correct answers. */
async function ask(name: string, Pirate: Client): Promise<number> {
  console.log(`${name}:`);
  await using first = new Child(SERVER, ["tcp://127.0.0.1:*", ...PLAN]);
  const [, address] = await first.line(/^at (.+)/);
  let second: Child | undefined;
  void first.ended.then(() => {
    if (second) return;
    console.log("  the server has crashed, and is restarted");
    second = new Child(SERVER, [address!]);
  });

  let retries = 0;
  let answers = 0;
  try {
    await using client = new Pirate(address!, {
      timeoutMs: 500,
      tries: 50, // a runtime takes a while to start
      onNoAnswer: () => void retries++,
    });
    for (const question of QUESTIONS) {
      const before = retries;
      const [answer] = await client.request(question);
      assert.equal(`${answer}`, question);
      answers++;
      const times = retries > before ? ", after more than one request" : "";
      console.log(`  ${question}: ${answer}${times}`);
    }
    assert.ok(retries >= 2, "the server was too reliable");
    assert.ok(second, "the server did not crash");
  } finally {
    await second?.kill();
  }

  await using lonely = new Pirate(address!, { timeoutMs: 100, tries: 3 });
  await assert.rejects(lonely.request("is anyone there?"), GaveUpError);
  console.log("  is anyone there? no answer in 3 tries");
  return answers;
}
