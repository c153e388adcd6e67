// Large messages are read like small ones, but their payloads stay text.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { finish } from "../../../src/async/steps.ts";
import { decodeRecord, toJson } from "../../../src/pipeline/protocol/json.ts";
import {
  JsonText,
  parseHead,
} from "../../../src/pipeline/protocol/payload_text.ts";
import {
  parseMessage,
  readHead,
  workerMessageOf,
} from "../../../src/pipeline/protocol/reader.ts";
import { utf8 } from "../../support/bytes.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

/** Makes a message large. */
const LONG = "x".repeat(20_000);

test("a payload stays as it is, and everything else is parsed", () =>
  check(
    fc.property(
      fc.dictionary(
        fc.constantFrom("type", "payload", "result", "id", "a", "__proto__"),
        fc.jsonValue({ maxDepth: 3 }),
      ),
      (message) => {
        const text = JSON.stringify(message);
        const head = finish(parseHead(text));
        const whole = Object.fromEntries(
          Object.entries(head).map(([name, value]) => [
            name,
            value instanceof JsonText ? JSON.parse(value.text) : value,
          ]),
        );
        assertEquals(whole, JSON.parse(text));
        assertEquals(
          Object.keys(head).filter((name) => head[name] instanceof JsonText)
            .sort(),
          Object.keys(message).filter((name) =>
            name === "payload" || name === "result"
          ).sort(),
        );
      },
    ),
  ));

test("of two payloads the last one counts, however its name is written", () => {
  const head = finish(parseHead('{"payload":1,"pay\\u006coad": [2 , 3] }'));
  assertEquals(toJson(head.payload), "[2 , 3]");
});

for (const count of [1, 50]) {
  test(`a large result reaches the scheduler as it was sent: ${count}`, async () => {
    const text = `é\\u00e9 ${LONG.repeat(count)}`;
    const result = `{"text": "${text}", "list": [1, 2]}`;
    const parsed = parseMessage(utf8(
      `{"type":"success","worker":"w","id":"a","attempt":1,"result":${result}}`,
    ));
    assertEquals(parsed instanceof Promise, count > 1);
    const message = workerMessageOf(await parsed);
    assertEquals(message.type === "success" && toJson(message.result), result);
  });
}

test("a very large result that cannot be read is a failure of its job", async () => {
  const head = `"type":"success","worker":"w","id":"a","attempt":1`;
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  for (
    const text of [
      `{${head},"result":${deep}}`,
      `{"result":${deep},${head}}`,
      `{"result":[${"1,".repeat(200_000)}NaN],${head}}`,
    ]
  ) {
    const message = workerMessageOf(await parseMessage(utf8(text)));
    assert(message.type === "failed", text.slice(0, 100));
    assertEquals([message.worker, message.id], ["w", "a"]);
  }
});

test("while a very large message is read, the event loop has its turns", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await readHead(utf8(`{"payload":[${"1,".repeat(1_000_000)}1]}`));
  clearInterval(timer);
  assert(turns >= 3, `${turns} turns`);
});

test("a log record may have any text, but not any number of parts", () => {
  const text = `{"msg":"${",".repeat(100_000)}"}`;
  assertEquals(
    (decodeRecord(utf8(text)) as { msg: string }).msg.length,
    100_000,
  );
  const many = utf8(`{"args":[${"{},".repeat(60_000)}{}]}`);
  const error = assertThrows(() => decodeRecord(many), Error);
  assertEquals(error.message, "A record has more than 50000 parts");
});

for (
  const [what, text] of [
    ["is cut off", `{"payload":["${LONG}"`],
    ["has something behind it", `{"payload":"${LONG}"} 1`],
    ["has a payload that is not JSON", `{"payload":[${LONG}]}`],
    ["is a list", `["${LONG}"]`],
    ["has a name twice and no value", `{"a":1,"a","payload":"${LONG}"}`],
  ]
) {
  test(`a large message that ${what} is invalid`, async () => {
    const error = await assertRejects(
      async () => await readHead(utf8(text!)),
      Error,
    );
    assertEquals(
      (error as { code?: string }).code,
      "ERR_PIPELINE_INVALID",
    );
  });
}

for (
  const [what, text] of [
    ["deep", `{"payload":${"[".repeat(501)}"${LONG}"${"]".repeat(501)}}`],
    ["very deep", `{"payload":${"[".repeat(20_000)}${"]".repeat(20_000)}}`],
    ["of many objects", `{"payload":[${"{},".repeat(500_000)}{}]}`],
    ["of many members", `{${'"a":1,'.repeat(60_000)}"a":1}`],
    ["of many other parts", `{"running":[${"{},".repeat(60_000)}{}]}`],
  ]
) {
  test(`a message that is ${what} is too large`, async () => {
    const error = await assertRejects(
      async () => await readHead(utf8(text!)),
      Error,
    );
    assertEquals(
      (error as { code?: string }).code,
      "ERR_PIPELINE_TOO_LARGE",
    );
  });
}
