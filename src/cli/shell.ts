/**
 * Layer: cli. The output of the program: results to stdout, everything else to
 * stderr; as text, or with `--json` as one JSON value per line.
 *
 * A closed pipe, as after `| head`, is not an error: output is then discarded, and
 * `broken` is aborted. Results wait for a slow reader; a service does not wait,
 * and drops output that is not read. Nothing blocks the event loop.
 *
 * @module
 */
import process from "node:process";
import { escapedLines } from "../zmq/escape.ts";
import { stderr, stdout } from "../zmq/stdio.ts";
import { CliError, codeOf, messageOf, stackOf } from "./cli_error.ts";
import { escaped, jsonText } from "./escape.ts";
import { flaggedMessageOf } from "./flag_errors.ts";

/** How long a terminating command waits for its readers, in milliseconds. */
const END_MS = 1000;

/** The output of one run of the program. */
export class Shell {
  /** Whether the output is JSON. */
  readonly isJson: boolean;
  /** Whether more is to be shown: the stack of an error, what the program runs on. */
  readonly isVerbose: boolean;
  readonly #stdout = stdout();
  readonly #stderr = stderr();
  /** Whether output that a reader does not take at once is dropped. */
  #isDropping = false;

  /** @param args The command line: the format of errors must be known before it is parsed. */
  constructor(args: readonly string[]) {
    const end = args.indexOf("--");
    const flags = end < 0 ? args : args.slice(0, end);
    this.isJson = flags.includes("--json");
    this.isVerbose = flags.includes("--verbose");
  }

  /** Aborted once the reader of stdout has closed the pipe. */
  get broken(): AbortSignal {
    return this.#stdout.broken;
  }

  /**
   * Throws if results could not be written, as on a full disk. A reader that has
   * closed the pipe has had what it wanted.
   *
   * @throws {CliError} `ERR_CLI_FILE`.
   */
  requireWritten(): void {
    const { aborted, reason } = this.broken;
    if (!aborted || this.#isDropping || isClosedPipe(reason)) return;
    throw new CliError(
      "ERR_CLI_FILE",
      `Cannot write to stdout: ${messageOf(reason)}`,
      reason,
    );
  }

  /** Whether stdout is a terminal. */
  get isTerminal(): boolean {
    return process.stdout.isTTY === true;
  }

  /** The columns and rows of the terminal, with defaults. */
  get size(): { columns: number; rows: number } {
    const { columns, rows } = process.stdout;
    return { columns: columns || 80, rows: rows || 24 };
  }

  /** Writes a result: text, or one JSON value. Waits for a slow reader. */
  async print(text: string, value: unknown): Promise<void> {
    await this.write(`${this.isJson ? jsonText(value) : text}\n`);
  }

  /** Writes text unchanged. */
  async write(text: string): Promise<void> {
    if (this.#isDropping) this.#stdout.tryWrite(text);
    else await this.#stdout.write(text);
  }

  /** Writes a note to stderr. */
  async note(text: string, value: object): Promise<void> {
    const line = `${this.isJson ? jsonText(value) : text}\n`;
    if (this.#isDropping) this.#stderr.tryWrite(line);
    else await this.#stderr.write(line);
  }

  /**
   * Stops waiting for slow readers: for services, which must not depend on
   * readers, and for terminating commands.
   */
  stopWaiting(): void {
    this.#isDropping = true;
    this.#stdout.release();
    this.#stderr.release();
  }

  /** Writes a warning to stderr, in one line. */
  warn(message: string): Promise<void> {
    return this.note(`agentzero: warning: ${escaped(message)}`, {
      warning: message,
    });
  }

  /**
   * Writes an error to stderr, in one line; with `--verbose`, its stack, too.
   *
   * @param about The number of the input line, and the number of further errors
   *   of this kind.
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
    if (this.isVerbose) {
      const stack = `${escapedLines(stackOf(error))}\n`;
      if (this.#isDropping) this.#stderr.tryWrite(stack);
      else await this.#stderr.write(stack);
    }
    await noted;
  }

  /** Writes help to stderr. */
  help(text: string): void {
    this.#stderr.tryWrite(text);
  }

  /** Waits until everything is written; for a limited time, if it does not wait for readers. */
  async end(): Promise<void> {
    const written = Promise.all([
      this.#stdout.flushed(),
      this.#stderr.flushed(),
    ]);
    const timer = this.#isDropping
      ? setTimeout(() => this.stopWaiting(), END_MS)
      : undefined;
    await written;
    clearTimeout(timer);
  }
}

function isClosedPipe(error: unknown): boolean {
  const { code, name } = Object(error) as { code?: unknown; name?: unknown };
  return code === "EPIPE" || name === "BrokenPipe";
}
