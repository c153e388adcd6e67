/** Tests how unknown options are refused, and the name that is suggested. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  checkOptions,
  optionNames,
  unknownOption,
} from "../../src/util/check_options.ts";
import { nearestName } from "../../src/zmq/nearest_name.ts";
import { test } from "../support/harness.ts";

interface Options {
  timeoutMs?: number;
  retry?: { attempts: number };
  signal?: AbortSignal;
}

const names = optionNames<Options>({
  timeoutMs: true,
  retry: true,
  signal: true,
});
const check = (given: unknown) =>
  checkOptions(given, names, "submit()", (message) => new TypeError(message));

test("check options: known ones, undefined ones and none at all are fine", () => {
  for (
    const given of [
      undefined,
      {},
      { timeoutMs: 1, signal: undefined },
      { timoutMs: undefined },
      new AbortController(),
      Object.create({ inherited: 1 }),
    ]
  ) check(given);
});

for (
  const [given, message] of [
    [
      { timoutMs: 1 },
      'Unknown option "timoutMs" of submit(); did you mean "timeoutMs"?',
    ],
    [
      { timeout: 1 },
      'Unknown option "timeout" of submit(); did you mean "timeoutMs"?',
    ],
    [
      { jobId: 1 },
      'Unknown option "jobId" of submit(); known options: timeoutMs, retry, signal',
    ],
    [
      { ["__proto__x"]: null },
      'Unknown option "__proto__x" of submit(); known options: timeoutMs, retry, signal',
    ],
    [JSON.parse('{"__proto__": 1}'), 'Unknown option "__proto__"'],
    [5, "The options of submit() are a number: expected an object"],
    [null, "The options of submit() are null: expected an object"],
    ["x", "The options of submit() are a string: expected an object"],
  ] as const
) {
  test(`check options: ${JSON.stringify(given)} is refused`, () => {
    assertThrows(() => check(given), TypeError, message);
  });
}

test("check options: a message lists only a few names", () => {
  const many = new Set(Array.from({ length: 30 }, (_, i) => `option${i}`));
  assertEquals(
    unknownOption("zzz", many, "it"),
    'Unknown option "zzz" of it',
  );
  assertEquals(
    unknownOption("zzz", new Set(), "it"),
    'Unknown option "zzz" of it; it has no options',
  );
});

test("nearest name: mistyped, swapped, another style, shortened", () => {
  const known = [
    "sendHighWaterMark",
    "receiveHighWaterMark",
    "sendTimeout",
    "linger",
    "timeoutMs",
    "id",
  ];
  for (
    const [written, meant] of [
      ["sendHighWatermark", "sendHighWaterMark"],
      ["sendHihgWaterMark", "sendHighWaterMark"],
      ["send_high_water_mark", "sendHighWaterMark"],
      ["SEND-TIMEOUT", "sendTimeout"],
      ["recieveHighWaterMark", "receiveHighWaterMark"],
      ["lingre", "linger"],
      ["timeout", "timeoutMs"],
      ["lingerMs", "linger"],
      ["ID", "id"],
      ["priority", undefined],
      ["", undefined],
      ["x", undefined],
      ["x".repeat(1_000_000), undefined],
    ] as const
  ) assertEquals(nearestName(written, known), meant, written.slice(0, 40));
  assertEquals(nearestName("linger", []), undefined);
});
