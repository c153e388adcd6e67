/**
 * Layer: cli. Where the program writes to: results to stdout, everything else
 * to stderr; for a person in words, with `--json` one JSON value a line.
 *
 * A reader that has gone, as after `| head`, is no error: writing does nothing
 * from then on, and `broken` tells those whose work is to write.
 *
 * @module
 */
import process from "node:process";
import { codeOf, stackOf } from "./errors.ts";
import { escaped, jsonText } from "./escape.ts";
import { flaggedMessageOf } from "./flag_errors.ts";

/** Where one run of the program writes to. */
export class Shell {
  /** Whether programs read what is written, rather than people. */
  readonly isJson: boolean;
  readonly #isVerbose: boolean;
  readonly #broken = new AbortController();

  /** @param args The command line: what its errors look like must be known before it is understood. */
  constructor(args: readonly string[]) {
    const end = args.indexOf("--");
    const flags = end < 0 ? args : args.slice(0, end);
    this.isJson = flags.includes("--json");
    this.#isVerbose = flags.includes("--verbose");
    for (const stream of [process.stdout, process.stderr]) {
      stream.on("error", this.#onError);
    }
  }

  /** Aborted once nobody reads stdout any more. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  /** Whether a person sees stdout. */
  get isTerminal(): boolean {
    return process.stdout.isTTY === true;
  }

  /** Columns and rows of the terminal; one that does not know says 0. */
  get size(): { columns: number; rows: number } {
    const { columns, rows } = process.stdout;
    return { columns: columns || 80, rows: rows || 24 };
  }

  /** Writes a result: lines for people, or one value for programs. Waits for a reader that is slow. */
  async print(text: string, value: unknown): Promise<void> {
    await this.write(`${this.isJson ? jsonText(value) : text}\n`);
  }

  /** Writes as it is. */
  write(text: string): Promise<void> {
    if (this.broken.aborted) return Promise.resolve();
    return new Promise((resolve) =>
      void process.stdout.write(text, () => resolve())
    );
  }

  /** Writes something beside the results, to stderr. */
  note(text: string, value: object): void {
    const line = this.isJson ? jsonText(value) : text;
    process.stderr.write(`${line}\n`);
  }

  /** Writes a warning to stderr, in one line: the command goes on. */
  warn(message: string): void {
    this.note(`agentzero: warning: ${escaped(message)}`, { warning: message });
  }

  /**
   * Writes an error to stderr, in one line; with `--verbose`, its stack, too.
   *
   * @param about The number of the line of input that it is about, and how many
   *   more errors like it there were.
   */
  complain(
    error: unknown,
    { line, more = 0 }: { readonly line?: number; readonly more?: number } = {},
  ): void {
    const code = codeOf(error);
    const message = flaggedMessageOf(error);
    const { id } = Object(error) as { id?: string };
    const where = line === undefined ? "" : `line ${line}: `;
    const others = more === 0 ? "" : ` (and ${more} more like it)`;
    this.note(`agentzero: ${where}${code}: ${escaped(message)}${others}`, {
      error: { code, message, id, line, more: more || undefined },
    });
    if (this.#isVerbose) process.stderr.write(`${stackOf(error)}\n`);
  }

  /** Waits until all is written, and lets go of the streams. */
  async end(): Promise<void> {
    await this.write("");
    for (const stream of [process.stdout, process.stderr]) {
      stream.off("error", this.#onError);
    }
  }

  readonly #onError = (): void => this.#broken.abort();
}
