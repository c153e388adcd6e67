/**
 * Benchmarks. Tables in Markdown, and how numbers look in them.
 *
 * @module
 */
import {
  ratioOf,
  type Sample,
  type Samples,
  type Spread,
  spreadOf,
} from "./rounds.ts";

/** How a number looks. */
export type Show = (value: number) => string;

/** 1,234,567 */
export const whole: Show = (value) => Math.round(value).toLocaleString("en");
/** 12.3 */
export const tenths: Show = (value) => value.toFixed(1);
/** 12.34 */
export const hundredths: Show = (value) => value.toFixed(2);
/** 1.23× */
export const times: Show = (value) => `${value.toFixed(value < 10 ? 2 : 1)}×`;

/** 64 KiB */
export function bytes(size: number): string {
  if (size >= 1048576) return `${size / 1048576} MiB`;
  return size >= 1024 ? `${size / 1024} KiB` : `${size} B`;
}

/** A column: a value, or its ratio to somebody else's. */
export interface Column {
  readonly title: string;
  readonly value: string;
  readonly show?: Show;
  /** Whose value it is divided by; or, where it differs, of whom by whom. */
  readonly against?: string | ((name: string) => string | undefined);
  /** Whether to show the least and the most, too. */
  readonly isSpread?: boolean;
}

/** One row for each who took part. */
export function table(
  first: string,
  samples: Samples,
  columns: readonly Column[],
): string {
  const rows = [...samples].map(([name, own]) => [
    name,
    ...columns.map((column) => cell(name, own, samples, column)),
  ]);
  return lines([first, ...columns.map(({ title }) => title)], rows);
}

/** A table out of texts; numbers stand at the right. */
export function lines(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = titles.map((_, i) => i === 0 ? "---" : "---:");
  return [line(titles), line(rule), ...rows.map(line)].join("\n") + "\n";
}

/** The middle, and what lies around it: `1.2× [1.1× – 1.4×]`. */
export function withSpread(
  { median, least, most }: Spread,
  show: Show,
): string {
  if (Number.isNaN(median)) return "–";
  return `${show(median)} [${show(least)} – ${show(most)}]`;
}

function cell(
  name: string,
  own: readonly Sample[],
  samples: Samples,
  { value, show = whole, against, isSpread = against !== undefined }: Column,
): string {
  let spread: Spread;
  if (against === undefined) spread = spreadOf(own, value);
  else {
    const other = typeof against === "string" ? against : against(name);
    const others = other === undefined ? undefined : samples.get(other);
    if (others === undefined) return "–";
    if (other === name) return "1";
    spread = ratioOf(own, others, value);
    show = times;
  }
  if (Number.isNaN(spread.median)) return "–";
  return isSpread ? withSpread(spread, show) : show(spread.median);
}
