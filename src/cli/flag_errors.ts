/**
 * Layer: cli. Converts error messages of the API for the command line: options of
 * functions become flags.
 *
 * @module
 */
import { codeOf, messageOf } from "./cli_error.ts";

/** The flags for the options in messages. */
const FLAGS: Readonly<Record<string, string>> = {
  backup: "--backup",
  bind: "--bind",
  concurrency: "--concurrency",
  delayMs: "--delay",
  drainMs: "--drain",
  jobTimeoutMs: "--job-timeout",
  events: "--events",
  feed: "--feed",
  port: "--port",
  prefetch: "--prefetch",
  priority: "--priority",
  requests: "--port",
  results: "--results",
  sqliteStore: "--store",
  timeoutMs: "--job-timeout",
};

/** A text in errors with this code, and its replacement. */
const TEXTS: readonly (readonly [code: string, text: RegExp, here: string])[] =
  [
    [
      "ERR_PIPELINE_INSECURE",
      /: give keys for CURVE.*$/,
      ": use --keys (agentzero keygen makes them) or, in a network that you trust, --insecure",
    ],
    ["ERR_PIPELINE_INSECURE", /or say insecure: true/, "or use --insecure"],
    [
      "ERR_PIPELINE_INVALID",
      /^token and security exclude each other: /,
      "--token-file (or AGENTZERO_TOKEN) and the options for keys exclude each other: ",
    ],
    [
      "ERR_PIPELINE_ADDRESS",
      /Choose other ports with .*$/,
      "Choose other ports with --port",
    ],
    ["ERR_STORE_UNSUPPORTED", /postgresStore\(\)/, "--store postgres://…"],
    ["ERR_STORE_UNSUPPORTED", /sqliteStore\(\)/, "--store <file>"],
    [
      "ERR_PIPELINE_INVALID",
      /^(Cannot reach worker "[^"]*" at .*)$/,
      "$1; give its agentzero step an address that can be, by --bind and --address",
    ],
    [
      "ERR_PIPELINE_INVALID",
      /\b([a-zA-Z]+)(?= (?:of a step )?must be (?:a whole number|an integer|a port))/,
      "",
    ],
  ];

/** The message of an error, with flags in place of options. */
export function flaggedMessageOf(error: unknown): string {
  const message = messageOf(error);
  const code = codeOf(error);
  for (const [known, text, here] of TEXTS) {
    if (known !== code || !text.test(message)) continue;
    return here === ""
      ? message.replace(text, (name) => FLAGS[name] ?? name)
      : message.replace(text, here);
  }
  return message;
}

/** An error with a hint appended to its message, and the same code. */
export function hinted(error: unknown, hint: string): Error {
  const { id } = Object(error) as { id?: string };
  const more = new Error(`${flaggedMessageOf(error)}${hint}`, { cause: error });
  return Object.assign(more, { code: codeOf(error), id });
}
