/**
 * Layer: cli. The script that npm installs as `agentzero`. It is separate from
 * `cli.ts` because on Node 20 a module cannot know whether it is the main one.
 *
 * @module
 */
import process from "node:process";
import { main } from "./mod.ts";

main(process.argv.slice(2)).then((code) => process.exit(code));
