/**
 * Layer: cli. Parses the values of options. An invalid value is a usage error, to
 * which commander adds the name of the option.
 *
 * @module
 */
import { InvalidArgumentError, Option } from "commander";
import { splitEndpoint } from "../zmq/endpoint.ts";
import { isIntegerIn } from "../zmq/integers.ts";
import { nearestName } from "../zmq/nearest_name.ts";

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** How long a peer may take to answer, in milliseconds. */
export const PATIENCE_MS = 5000;

/** A duration such as `250ms`, `5s`, `2m`, `1h`, `1d` or `1h30m`; a bare number is in milliseconds. */
export function duration(text: string): number {
  if (/^\d+(\.\d+)?$|^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) {
    const parts = text.matchAll(/([\d.]+)(ms|[smhd])?/g);
    let ms = 0;
    for (const [, digits, unit = "ms"] of parts) {
      ms += Number(digits) * UNITS[unit]!;
    }
    if (isIntegerIn(Math.round(ms))) return Math.round(ms);
  }
  throw new InvalidArgumentError(
    "Expected a time such as 500ms, 5s, 2m or 1h30m.",
  );
}

/** An option that takes a duration, with its default as text. */
export function durationOption(
  flags: string,
  description: string,
  defaultText: string,
): Option {
  return new Option(flags, description)
    .argParser(duration)
    .default(duration(defaultText), defaultText);
}

/** An integer. */
export function integer(text: string): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && isIntegerIn(value)) return value;
  throw new InvalidArgumentError("Expected an integer.");
}

/** An integer from 1. */
export function positive(text: string): number {
  const value = integer(text);
  if (value >= 1) return value;
  throw new InvalidArgumentError("Expected an integer from 1.");
}

/** An integer from 0. */
export function natural(text: string): number {
  const value = integer(text);
  if (value >= 0) return value;
  throw new InvalidArgumentError("Expected an integer from 0.");
}

/** A TCP port; 0 for any free port. */
export function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError("Expected a port from 0 to 65535.");
}

/** A TCP port, or an address. */
export function address(text: string): number | string {
  return splitEndpoint(text) === undefined ? port(text) : text;
}

/** Collects the values of a repeatable option. */
export function list(text: string, before: string[] = []): string[] {
  return [...before, text];
}

/** Collects the values of a repeatable option, each of which must be a known one. */
export function someOf<T extends string>(
  known: readonly T[],
): (text: string, before?: readonly T[]) => T[] {
  return (text, before = []) => {
    const value = known.find((one) => one === text);
    if (value !== undefined) return [...before, value];
    const nearest = nearestName(text, known);
    const hint = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
    throw new InvalidArgumentError(
      `Expected one of ${known.join(", ")}.${hint}`,
    );
  };
}
