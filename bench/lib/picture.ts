/**
 * Benchmarks. Bars as an SVG picture that is readable on white and on black.
 *
 * @module
 */
import { spreadOf } from "./rounds.ts";
import type { Chart } from "./row.ts";

const WIDTH = 720;
const LEFT = 170;
const RIGHT = 110;
const BAR = 16;
const STEP = 24;
const TITLE = 40;
const GAP = 18;

const STYLE = `
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; }
.note { fill: #59636e; }
.own { fill: #1a7f5a; }
.other { fill: #a8b1bb; }
.range { stroke: #1f2328; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .note { fill: #9198a1; }
  .own { fill: #3fb98a; }
  .other { fill: #59636e; }
  .range { stroke: #f0f6fc; }
}`;

/** Draws charts below each other; our own bars stand out, and thin lines go from the least to the most. */
export function picture(charts: readonly Chart[]): string {
  const parts: string[] = [];
  let y = GAP;
  for (const chart of charts) {
    const { text, height } = bars(chart, y);
    parts.push(text);
    y += height + GAP;
  }
  const label = charts.map(({ title }) => title).join("; ");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" ` +
    `width="${WIDTH}" height="${y}" role="img" aria-label="${
      escaped(label)
    }">\n` +
    `<style>${STYLE}\n</style>\n${parts.join("\n")}\n</svg>\n`;
}

function bars(
  { title, unit, value, samples }: Chart,
  top: number,
): { text: string; height: number } {
  const rows = [...samples].map(([name, own]) => ({
    name,
    ...spreadOf(own, value),
  }))
    .filter(({ median }) => !Number.isNaN(median));
  const most = Math.max(...rows.map((row) => row.most));
  const x = (amount: number) => LEFT + amount / most * (WIDTH - LEFT - RIGHT);
  const at = (n: number) => n.toFixed(1);
  const lines = [
    `<text class="title" x="16" y="${top + 14}">${escaped(title)}` +
    ` <tspan class="note">${escaped(unit)}</tspan></text>`,
  ];
  rows.forEach(({ name, median, least, most }, i) => {
    const y = top + TITLE + i * STEP - 8;
    const middle = y + BAR / 2;
    const kind = name.startsWith("agentzero") ? "own" : "other";
    lines.push(
      `<text x="${LEFT - 8}" y="${middle + 4}" text-anchor="end">${
        escaped(name)
      }</text>`,
      `<rect class="${kind}" x="${LEFT}" y="${y}" width="${
        at(x(median) - LEFT)
      }" height="${BAR}" rx="2"/>`,
      `<path class="range" d="M${at(x(least))} ${middle}H${at(x(most))}"/>`,
      `<text class="note" x="${at(x(most) + 8)}" y="${middle + 4}">${
        short(median)
      }</text>`,
    );
  });
  return { text: lines.join("\n"), height: TITLE + rows.length * STEP - 8 };
}

function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (value >= 1e4) return `${Math.round(value / 1e3)} k`;
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(
    '"',
    "&quot;",
  );
}
