/**
 * Layer: pipeline/http. Writes the text format of Prometheus, version 0.0.4.
 * It knows the format, not the metrics.
 *
 * @module
 */
import type { Histogram } from "./histogram.ts";

/** The labels of one sample. */
export type Labels = Readonly<Record<string, string>>;

/** The type of a metric. */
type Kind = "counter" | "gauge" | "histogram";

/** The content type of this format. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** A page of metrics. */
export class Exposition {
  readonly #lines: string[] = [];
  readonly #labels: Labels;

  /** @param labels The labels of every sample. */
  constructor(labels: Labels = {}) {
    this.#labels = labels;
  }

  /** Adds a metric, unless it has no samples. */
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

  /** Adds a histogram, unless it has no samples. */
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
