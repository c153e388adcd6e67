/**
 * Layer: cli. Reads the values of options. What cannot be read is a usage error,
 * told with the option's name by the library that parses the command line.
 *
 * @module
 */
import { InvalidArgumentError } from "commander";

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A duration such as `250ms`, `5s`, `2m`, `1h` or `1d`; a bare number is in milliseconds. */
export function duration(text: string): number {
  const [, digits, unit = "ms"] = /^(\d+(?:\.\d+)?)(ms|[smhd])?$/.exec(text) ??
    [];
  const ms = Math.round(Number(digits) * UNITS[unit]!);
  if (Number.isSafeInteger(ms)) return ms;
  throw new InvalidArgumentError(
    "Expected a time such as 500ms, 5s or 2m.",
  );
}

/** A whole number. */
export function whole(text: string): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError("Expected a whole number.");
}

/** A whole number from 1. */
export function positive(text: string): number {
  const value = whole(text);
  if (value >= 1) return value;
  throw new InvalidArgumentError("Expected a whole number from 1.");
}

/** A whole number from 0. */
export function natural(text: string): number {
  const value = whole(text);
  if (value >= 0) return value;
  throw new InvalidArgumentError("Expected a whole number from 0.");
}

/** A TCP port; 0 is any that is free. */
export function port(text: string): number {
  const value = natural(text);
  if (value <= 65_535) return value;
  throw new InvalidArgumentError("Expected a port from 0 to 65535.");
}

/** A TCP port, or an address. */
export function place(text: string): number | string {
  return /^[a-z]+:\/\//i.test(text) ? text : port(text);
}

/** Collects the values of an option that can be given more than once. */
export function several(text: string, before: string[] = []): string[] {
  return [...before, text];
}
