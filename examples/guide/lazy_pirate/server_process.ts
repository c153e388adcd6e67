/**
 * Example: lazy pirate. The unreliable echo server, as a process.
 *
 *     server_process.ts ADDRESS [ok | slow | crash]...
 *
 * The words say what happens to each request, so that every run is the same;
 * further requests are answered. Prints its address, then each answer.
 *
 * @module
 */
import process from "node:process";
import { zmq } from "@agentzero/agentzero";
import { endWithParent } from "../support/child.ts";
import { pause } from "../support/scene.ts";

/** Longer than the timeout of the clients, in milliseconds. */
const SLOW_MS = 750;

const [address = "tcp://127.0.0.1:*", ...plan] = process.argv.slice(2);
endWithParent();
await using reply = new zmq.Reply();
await reply.bind(address);
console.log(`at ${reply.lastEndpoint}`);
for await (const [request] of reply) {
  const fate = plan.shift();
  if (fate === "crash") process.exit(1);
  if (fate === "slow") await pause(SLOW_MS);
  await reply.send(request!);
  console.log(`answered ${request}`);
}
