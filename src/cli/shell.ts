/**
 * Layer: cli. Where the program writes to: results to stdout, everything else
 * to stderr; for a person in words, with `--json` one JSON value a line.
 *
 * A reader that has gone, as after `| head`, is no error: writing does nothing
 * from then on, and `broken` tells those whose work is to write. Results wait
 * for a reader that is slow; a service waits for none, and drops what is not
 * read. Nothing blocks the event loop.
 *
 * @module
 */
import process from "node:process";
import { escapedLines } from "../zmq/escape.ts";
import { stderr, stdout } from "../zmq/stdio.ts";
import { codeOf, stackOf } from "./errors.ts";
import { escaped, jsonText } from "./escape.ts";
import { flaggedMessageOf } from "./flag_errors.ts";

/** How long a command that was asked to end waits for its readers, in milliseconds. */
const END_MS = 1000;

/** Where one run of the program writes to. */
export class Shell {
  /** Whether programs read what is written, rather than people. */
  readonly isJson: boolean;
  readonly #isVerbose: boolean;
  readonly #stdout = stdout();
  readonly #stderr = stderr();
  /** Whether no reader is waited for. */
  #isHurried = false;

  /** @param args The command line: what its errors look like must be known before it is understood. */
  constructor(args: readonly string[]) {
    const end = args.indexOf("--");
    const flags = end < 0 ? args : args.slice(0, end);
    this.isJson = flags.includes("--json");
    this.#isVerbose = flags.includes("--verbose");
  }

  /** Aborted once nobody reads stdout any more. */
  get broken(): AbortSignal {
    return this.#stdout.broken;
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
  async write(text: string): Promise<void> {
    if (this.#isHurried) this.#stdout.tryWrite(text);
    else await this.#stdout.write(text);
  }

  /** Writes something beside the results, to stderr. */
  async note(text: string, value: object): Promise<void> {
    const line = `${this.isJson ? jsonText(value) : text}\n`;
    if (this.#isHurried) this.#stderr.tryWrite(line);
    else await this.#stderr.write(line);
  }

  /**
   * Waits for no reader any more: for services, which must go on when nobody
   * reads, and for what was asked to end.
   */
  hurry(): void {
    this.#isHurried = true;
    this.#stdout.release();
    this.#stderr.release();
  }

  /** Writes a warning to stderr, in one line: the command goes on. */
  warn(message: string): Promise<void> {
    return this.note(`agentzero: warning: ${escaped(message)}`, {
      warning: message,
    });
  }

  /**
   * Writes an error to stderr, in one line; with `--verbose`, its stack, too.
   *
   * @param about The number of the line of input that it is about, and how many
   *   more errors like it there were.
   */
  async complain(
    error: unknown,
    { line, more = 0 }: { readonly line?: number; readonly more?: number } = {},
  ): Promise<void> {
    const code = codeOf(error);
    const message = flaggedMessageOf(error);
    const { id } = Object(error) as { id?: string };
    const where = line === undefined ? "" : `line ${line}: `;
    const others = more === 0 ? "" : ` (and ${more} more like it)`;
    const noted = this.note(
      `agentzero: ${where}${code}: ${escaped(message)}${others}`,
      {
        error: { code, message, id, line, more: more || undefined },
      },
    );
    if (this.#isVerbose) {
      const stack = `${escapedLines(stackOf(error))}\n`;
      if (this.#isHurried) this.#stderr.tryWrite(stack);
      else await this.#stderr.write(stack);
    }
    await noted;
  }

  /** Writes help to stderr, as it is. */
  help(text: string): void {
    this.#stderr.tryWrite(text);
  }

  /** Waits until all is written, as long as it is to wait for its readers. */
  async end(): Promise<void> {
    const written = Promise.all([
      this.#stdout.flushed(),
      this.#stderr.flushed(),
    ]);
    const timer = this.#isHurried
      ? setTimeout(() => this.hurry(), END_MS)
      : undefined;
    await written;
    clearTimeout(timer);
  }
}
