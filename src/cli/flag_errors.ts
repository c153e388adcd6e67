/**
 * Layer: cli. Errors of the API as the command line says them: where the API
 * names an option of a function, the program has a flag.
 *
 * @module
 */
import { codeOf, messageOf } from "./errors.ts";

/** The flags of options that messages name. */
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

/** What an error with this code says, and what it says here. */
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
    ["ERR_STORE_UNSUPPORTED", /sqliteStore\(\)/, "--store <file>"],
    [
      "ERR_PIPELINE_INVALID",
      /^(Cannot reach worker "[^"]*" at .*)$/,
      "$1; give its agentzero step an address that can be, by --bind and --address",
    ],
    [
      "ERR_PIPELINE_INVALID",
      /\b([a-zA-Z]+)(?= (?:of a step )?must be a (?:whole number|port))/,
      "",
    ],
  ];

/** The message of an error, with flags where it names options. */
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

/** An error whose message says more; its code stays. */
export function hinted(error: unknown, hint: string): Error {
  const { id } = Object(error) as { id?: string };
  const more = new Error(`${flaggedMessageOf(error)}${hint}`, { cause: error });
  return Object.assign(more, { code: codeOf(error), id });
}
