/**
 * Test support. Inputs in files: one JSON object each, in
 * `tests/fixtures/fuzz/`. A fixture is an input that once broke something, and
 * is run again with every run of the tests.
 *
 * @module
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { hex, toHex } from "../support/bytes.ts";
import type { Input } from "./target.ts";

/** Where fixtures lie. */
export const FIXTURES: string = fileURLToPath(
  new URL("../fixtures/fuzz/", import.meta.url),
);

/** An input with the target it is for, and what was wrong. */
export interface Fixture {
  readonly target: string;
  readonly problem: string;
  readonly input: Input;
}

/** The names of all fixtures. */
export function fixtureNames(): string[] {
  return readdirSync(FIXTURES).filter((name) => name.endsWith(".json")).sort();
}

/** Reads a fixture. */
export function readFixture(path: string): Fixture {
  const { target, problem, setup, cuts, bytes } = JSON.parse(
    readFileSync(path, "utf8"),
  );
  const input = { setup, cuts, bytes: hex((bytes as string[]).join(" ")) };
  return { target, problem, input };
}

/** Writes a fixture; returns its path. */
export function writeFixture(
  { target, problem, input }: Fixture,
  folder: string = FIXTURES,
): string {
  const { setup, cuts, bytes } = input;
  const lines = toHex(bytes).match(/.{1,64}/g) ?? [];
  const content = { target, problem, setup, cuts, bytes: lines };
  const text = JSON.stringify(content, null, 2) + "\n";
  const path = `${folder}${target}_${numberOf(text)}.json`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** A name for a text, so that another failure does not overwrite it. */
function numberOf(text: string): string {
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    number = Math.imul(number, 31) + text.charCodeAt(i) | 0;
  }
  return (number >>> 0).toString(16).padStart(8, "0");
}
