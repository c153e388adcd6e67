/**
 * Example: titanic. The titanic as a process, which can be killed.
 *
 *     titanic_process.ts ADDRESS FOLDER
 *
 * @module
 */
import process from "node:process";
import { endWithParent } from "../support/child.ts";
import { RequestStore } from "./request_store.ts";
import { runTitanic } from "./titanic.ts";

const [address, folder] = process.argv.slice(2);
endWithParent();
const store = await RequestStore.open(folder!);
await runTitanic(address!, store, new AbortController().signal, (count) => {
  console.log(`${count} requests to do`);
});
