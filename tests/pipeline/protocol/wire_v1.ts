/**
 * Test support. Sessions that the first release of the wire's version 1 had with
 * itself, message by message: `tests/fixtures/wire_v1`. What was released goes
 * on working: `requireMembers` says what readers of an answer rely on.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { readFileSync } from "node:fs";

/** A JSON object. */
export type Fields = Record<string, unknown>;

/** What a client asked, and what it was answered; in the order of the session. */
export const CLIENT = load<{ request: Fields; answer: Fields }>("client");
/** What a worker and its pipeline said to each other. */
export const WORKER = load<
  { from: string; to: string; topic?: string; message: Fields }
>("worker");
/** What was published: one of each kind. */
export const FEED = load<{ topic: string; data: Fields }>("feed");
/** What was asked over HTTP, and answered. */
export const HTTP = load<
  { method: string; path: string; status: number; body: Fields }
>("http");

function load<T>(name: string): T[] {
  const file = new URL(`../../fixtures/wire_v1/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Members that are equal in each session; of others the type is compared. */
const EQUAL = new Set(
  ("attempt attempts code count cron declared failures flow_id " +
    "instructions job_count job_type key kills missed name new " +
    "priority result state status timezone type v")
    .split(" "),
);

/**
 * Requires everything that `recorded` has of `actual`, which may have more.
 *
 * @param path Where it is, for the message.
 */
export function requireMembers(
  recorded: unknown,
  actual: unknown,
  path: string,
): void {
  if (Array.isArray(recorded)) {
    assert(Array.isArray(actual), `${path} is a list`);
    if (recorded.length === 0) return;
    assert(actual.length > 0, `${path} is not empty`);
    for (const [i, item] of recorded.entries()) {
      if (i < actual.length) requireMembers(item, actual[i], `${path}[${i}]`);
    }
    return;
  }
  if (typeof recorded !== "object" || recorded === null) {
    return assertEquals(typeof actual, typeof recorded, path);
  }
  assert(typeof actual === "object" && actual !== null, `${path} is an object`);
  for (const [name, value] of Object.entries(recorded)) {
    const at = `${path}.${name}`;
    assert(name in actual, `${at} is there`);
    const found = (actual as Fields)[name];
    if (EQUAL.has(name)) assertEquals(found, value, at);
    else requireMembers(value, found, at);
  }
}
