/**
 * Example `jupyter`: the program that Jupyter starts, with the path of a
 * connection file.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { Kernel } from "./kernel.ts";

const connection = JSON.parse(await readFile(process.argv[2]!, "utf8"));
await new Kernel(connection).run();
process.exit(); // a cell may have left a timer
