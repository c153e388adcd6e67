/**
 * Layer: cli. Converts error messages of the API for the command line: options of
 * functions become flags.
 *
 * @module
 */
import type { PipelineError } from "../pipeline/mod.ts";
import { codeOf, messageOf } from "./cli_error.ts";

/** The flags for options, as messages name them. */
const FLAGS: Readonly<Record<string, string>> = {
  backup: "--backup",
  "concurrency of a step": "--concurrency",
  delayMs: "--delay",
  "drainMs of a step": "--drain",
  events: "--events",
  feed: "--feed",
  jobTimeoutMs: "--job-timeout",
  port: "--port",
  "prefetch of a step": "--prefetch",
  "postgresStore()": "--store postgres://…",
  priority: "--priority",
  requests: "--port",
  results: "--results",
  security: "the options for keys",
  "sqliteStore()": "--store <file>",
  timeoutMs: "--job-timeout",
  token: "--token-file (or AGENTZERO_TOKEN)",
};

/** What to do about errors that concern an option, on the command line. */
const ADVICE: Readonly<Record<string, string>> = {
  insecure: "serve on loopback behind a proxy with TLS, or use --insecure",
  port: "Choose other ports with --port",
  security:
    "use --keys (agentzero keygen makes them) or, in a network that you trust, --insecure",
};

/** The message of an error, with flags in place of options. */
export function flaggedMessageOf(error: unknown): string {
  const message = messageOf(error);
  // By its name: the class itself would load the pipeline for every command.
  const { name, options = [], advice } = Object(error) as Partial<
    PipelineError
  >;
  if (name !== "PipelineError") return message;
  const [first = ""] = options;
  if (advice !== undefined) {
    return message.replace(advice, () => ADVICE[first] ?? advice);
  }
  if (options.includes("address")) {
    return `${message}; give its agentzero step an address that the pipeline can reach, with --bind and --address`;
  }
  return options.reduce(
    (text, option) => text.replace(option, () => FLAGS[option] ?? option),
    message,
  );
}

/** An error with a hint appended to its message, and the same code. */
export function hinted(error: unknown, hint: string): Error {
  const { id } = Object(error) as { id?: string };
  const more = new Error(`${flaggedMessageOf(error)}${hint}`, { cause: error });
  return Object.assign(more, { code: codeOf(error), id });
}
