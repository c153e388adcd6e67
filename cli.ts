/**
 * The command line program `agentzero`: runs pipelines and their steps, submits
 * jobs and watches them, and sends and receives ZeroMQ messages.
 *
 *     deno run -A jsr:@agentzero/agentzero/cli --help
 *     npx agentzero --help
 *
 * The commands, their options and the exit codes are in `docs/cli.md`.
 *
 * @module
 */
import process from "node:process";
import { isStarted } from "./src/cli/is_started.ts";
import { main } from "./src/cli/mod.ts";

export { main };

if (import.meta.main ?? isStarted(import.meta.url)) {
  main(process.argv.slice(2)).then((code) => process.exit(code));
}
