/**
 * Test support. A relay in a process of its own. A line of its input is a call,
 * `[number, method, arguments]`; it answers with `[number, result]`.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { Relay } from "./relay.ts";

const relay = new Relay();
const calls = createInterface({ input: process.stdin });
calls.on("line", async (line) => {
  const [id, method, args] = JSON.parse(line) as [
    number,
    "open" | "close" | "cut" | "refuse" | "stall",
    never[],
  ];
  const call = relay[method] as (...args: never[]) => unknown;
  console.log(JSON.stringify([id, await call.apply(relay, args) ?? null]));
});
calls.on("close", () => process.exit()); // its parent is gone
console.log(process.pid, "ready");
