/**
 * Layer: pipeline/http. Writes the text format of Prometheus, version 0.0.4.
 * It knows the format, and nothing of what is measured.
 *
 * @module
 */
import type { Histogram } from "./histogram.ts";

/** The labels of one sample. */
export type Labels = Readonly<Record<string, string>>;

/** How a metric is counted. */
type Kind = "counter" | "gauge" | "histogram";

/** What an answer in this format says of itself. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** A page of metrics. */
export class Exposition {
  readonly #lines: string[] = [];
  readonly #labels: Labels;

  /** @param labels Those that every sample has. */
  constructor(labels: Labels = {}) {
    this.#labels = labels;
  }

  /** A metric; one without samples is left out. */
  add(
    name: string,
    kind: Exclude<Kind, "histogram">,
    help: string,
    samples: Iterable<readonly [Labels, number]>,
  ): void {
    const lines: string[] = [];
    for (const [labels, value] of samples) {
      lines.push(this.#sample(name, labels, value));
    }
    this.#write(name, kind, help, lines);
  }

  /** A metric whose samples are histograms; one without samples is left out. */
  addHistogram(
    name: string,
    help: string,
    samples: Iterable<readonly [Labels, Histogram]>,
  ): void {
    const lines: string[] = [];
    for (const [labels, histogram] of samples) {
      const counts = histogram.cumulative();
      for (const [i, bound] of histogram.bounds.entries()) {
        const le = { ...labels, le: numberText(bound) };
        lines.push(this.#sample(`${name}_bucket`, le, counts[i]!));
      }
      const all = { ...labels, le: "+Inf" };
      lines.push(
        this.#sample(`${name}_bucket`, all, histogram.count),
        this.#sample(`${name}_sum`, labels, histogram.sum),
        this.#sample(`${name}_count`, labels, histogram.count),
      );
    }
    this.#write(name, "histogram", help, lines);
  }

  /** The page. */
  toString(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  #write(name: string, kind: Kind, help: string, lines: string[]): void {
    if (lines.length === 0) return;
    const text = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
    this.#lines.push(`# HELP ${name} ${text}`, `# TYPE ${name} ${kind}`);
    for (const line of lines) this.#lines.push(line);
  }

  #sample(name: string, labels: Labels, value: number): string {
    const pairs = Object.entries({ ...this.#labels, ...labels })
      .map(([label, text]) => `${label}="${escaped(text)}"`);
    const list = pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
    return `${name}${list} ${numberText(value)}`;
  }
}

function escaped(label: string): string {
  return label.replaceAll("\\", "\\\\").replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
}

function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
