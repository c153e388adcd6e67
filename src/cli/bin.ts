/**
 * Layer: cli. What npm starts as `agentzero`. Apart from `cli.ts`, since Node 20
 * does not tell a module whether it is the one that was started.
 *
 * @module
 */
import process from "node:process";
import { main } from "./mod.ts";

main(process.argv.slice(2)).then((code) => process.exit(code));
