/**
 * Layer: cli. Submits a flow for each line of JSON, and prints the outcomes in the
 * order of the lines. Lines that arrive together are submitted in one request. If
 * the pipeline refuses that, they are submitted one by one: a line that cannot be
 * submitted does not affect the others.
 *
 * @module
 */
import { sleep } from "../async/pending_call.ts";
import {
  type PipelineClient,
  PipelineError,
  type PipelineErrorCode,
  type SubmitOptions,
} from "../pipeline/mod.ts";
import {
  CliError,
  codeOf,
  exitCodeOf,
  messageOf,
  UNREACHABLE,
} from "./cli_error.ts";
import { jsonText, textOf } from "./escape.ts";
import { hinted } from "./flag_errors.ts";
import { linesOf, type NumberedLine } from "./lines.ts";
import type { Shell } from "./shell.ts";

/** The options of {@link LineSubmitter}. */
export interface LineOptions {
  /** The name of the flow. */
  readonly flow: string;
  /** The options of each submission; `id` is the prefix of `-<number of the line>`. */
  readonly submit: SubmitOptions;
  /** How long to wait for each reply, in milliseconds. */
  readonly timeoutMs: number;
  /** How long a pipeline may be full, in milliseconds. */
  readonly fullMs: number;
  /** How long to wait for each result, in milliseconds; absent: not at all. */
  readonly resultMs?: number;
  /** How many lines are submitted at a time. */
  readonly concurrency: number;
}

/** The outcome of a line. */
interface Outcome {
  readonly number: number;
  readonly id?: string;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Lines that are submitted in one request. */
interface Group {
  readonly lines: {
    readonly value: unknown;
    readonly id: string | undefined;
  }[];
  /** The ids of their flows; `undefined` if they have to be submitted one by one. */
  readonly ids: Promise<string[] | undefined>;
}

/** The pause before a full pipeline is tried again, in milliseconds. */
const FULL_PAUSE_MS = 500;
/** How many failed lines the final message lists. */
const NAMED = 10;

/** Submits lines with one client. */
export class LineSubmitter {
  readonly #shell: Shell;
  readonly #client: PipelineClient;
  readonly #options: LineOptions;
  readonly #failed: number[] = [];
  /** The lines that wait for the end of this turn of the event loop. */
  #group: Group | undefined;
  #submitted = 0;
  /** The number of the last line that was read. */
  #last = 0;
  #isFull = false;
  /** Why no more lines are submitted: the pipeline does not reply. */
  #unreachable: unknown;

  constructor(shell: Shell, client: PipelineClient, options: LineOptions) {
    this.#shell = shell;
    this.#client = client;
    this.#options = options;
  }

  /**
   * Submits every line, as long as the pipeline replies.
   *
   * @throws {CliError} `ERR_CLI_LINES` if some failed, `ERR_CLI_FILE`.
   * @throws {PipelineError} If the pipeline cannot be reached.
   */
  async run(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const under: Promise<Outcome>[] = [];
    try {
      for await (const line of linesOf(chunks)) {
        this.#last = line.number;
        under.push(this.#submit(line));
        const { concurrency } = this.#options;
        if (under.length < concurrency) continue;
        // Down to half of them, so that the next request has many as well.
        while (under.length > concurrency / 2) {
          await this.#report(await under.shift()!);
        }
        if (this.#unreachable !== undefined) break;
      }
    } finally {
      for (const outcome of under) await this.#report(await outcome);
      await this.#summarize();
    }
    if (this.#unreachable !== undefined) throw this.#unreachable;
    const failed = this.#failed;
    if (failed.length === 0) return;
    const some = failed.slice(0, NAMED).join(", ");
    const more = failed.length > NAMED
      ? ` and ${failed.length - NAMED} more`
      : "";
    throw new CliError(
      "ERR_CLI_LINES",
      failed.length === 1
        ? `Line ${some} failed`
        : `${failed.length} lines failed: ${some}${more}`,
    );
  }

  /** Never rejects. */
  async #submit({ number, bytes }: NumberedLine): Promise<Outcome> {
    const { flow, resultMs: timeoutMs } = this.#options;
    const prefix = this.#options.submit.id;
    const own = prefix === undefined ? undefined : `${prefix}-${number}`;
    let id: string | undefined;
    try {
      const value = valueOf(bytes);
      id = await this.#offerTogether(value, own) ??
        await this.#offer(flow, value, own);
      this.#submitted++;
      if (timeoutMs === undefined) return { number, id };
      return {
        number,
        id,
        result: await this.#client.result(id, { timeoutMs }),
      };
    } catch (error) {
      return { number, id, error };
    }
  }

  /**
   * Submits a flow in one request with those of other lines.
   *
   * @returns Its id; `undefined` if the pipeline has refused the request.
   * @throws {PipelineError} If there was no answer in time.
   */
  async #offerTogether(
    value: unknown,
    id: string | undefined,
  ): Promise<string | undefined> {
    const group = this.#group ??= this.#newGroup();
    const index = group.lines.push({ value, id }) - 1;
    try {
      return (await group.ids)?.[index];
    } catch (error) {
      if (!(error instanceof PipelineError)) throw error;
      const { code, message, ids } = error;
      throw new PipelineError(code, message, { id: ids[index], cause: error });
    }
  }

  #newGroup(): Group {
    const lines: Group["lines"] = [];
    const send = async () => {
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.#group = undefined;
      if (lines.length === 1) return undefined;
      const { flow, submit, timeoutMs } = this.#options;
      const { id: _prefix, key: _key, ...shared } = submit;
      try {
        return await this.#client.submitMany(
          flow,
          lines.map(({ value }) => value),
          { ...shared, timeoutMs, optionsOf: (_, i) => ({ id: lines[i]!.id }) },
        );
      } catch (error) {
        if (exitCodeOf(error) === UNREACHABLE) throw error;
        return undefined;
      }
    };
    return { lines, ids: send() };
  }

  /** Submits a flow; retries while the pipeline is full. */
  async #offer(
    flow: string,
    value: unknown,
    id: string | undefined,
  ): Promise<string> {
    const { submit, timeoutMs, fullMs } = this.#options;
    const endsAt = performance.now() + fullMs;
    for (;;) {
      try {
        return await this.#client.submit(flow, value, {
          ...submit,
          id,
          timeoutMs,
        });
      } catch (error) {
        const isOver = performance.now() >= endsAt ||
          this.#unreachable !== undefined;
        if (codeOf(error) !== "ERR_PIPELINE_FULL" || isOver) throw error;
        const isFirst = !this.#isFull;
        this.#isFull = true;
        if (isFirst) {
          await this.#shell.note(`the pipeline is full; waiting`, {
            event: "full",
          });
        }
        await sleep(FULL_PAUSE_MS);
      }
    }
  }

  async #report({ number, id, result, error }: Outcome): Promise<void> {
    if (error !== undefined) {
      this.#failed.push(number);
      if (id !== undefined || exitCodeOf(error) !== UNREACHABLE) {
        return await this.#shell.complain(error, { line: number });
      }
      const { id: given } = Object(error) as { id?: string };
      const taken = `; it may have been accepted anyway, with the id ${given}`;
      await this.#shell.complain(
        given === undefined ? error : hinted(error, taken),
        { line: number },
      );
      this.#unreachable ??= given === undefined ? error : new PipelineError(
        codeOf(error) as PipelineErrorCode,
        messageOf(error),
      );
      return;
    }
    if (this.#options.resultMs === undefined) {
      return await this.#shell.print(id!, { line: number, id });
    }
    const view = { line: number, id, state: "completed", result };
    await this.#shell.print(jsonText(result), view);
  }

  async #summarize(): Promise<void> {
    const count = this.#submitted;
    const failed = this.#failed.length;
    const flows = count === 1 ? "1 flow" : `${count} flows`;
    const parts = [`submitted ${flows}`];
    if (failed > 0) {
      parts.push(failed === 1 ? "1 line failed" : `${failed} lines failed`);
    }
    if (this.#unreachable !== undefined) {
      parts.push(`lines after ${this.#last} were not submitted`);
    }
    await this.#shell.note(parts.join("; "), {
      event: "submitted",
      count,
      failed,
      lastLine: this.#last,
    });
  }
}

/** @throws {CliError} `ERR_CLI_USAGE`. */
function valueOf(bytes: Uint8Array): unknown {
  const text = textOf(bytes);
  if (text === undefined) throw new CliError("ERR_CLI_USAGE", "Invalid UTF-8");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(
      "ERR_CLI_USAGE",
      `Invalid JSON (${messageOf(error)}); a string needs quotes: "text"`,
    );
  }
}
