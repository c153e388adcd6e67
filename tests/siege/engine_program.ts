/**
 * Test support. Sockets under siege: a ROUTER that sends back what comes, an
 * XPUB that publishes a number every 20 ms, and a PULL that counts.
 */
import process from "node:process";
import * as zmq from "@agentzero/agentzero/zmq";
import { startMeter } from "./meter.ts";

/** As docs/security.md asks for; all else is the default. */
const OPTIONS = { maxMessageSize: 1 << 20 };
const TICK_MS = 20;

process.stdin.resume().on("close", () => process.exit(1)); // its parent is gone
const router = new zmq.Router(OPTIONS);
const xpub = new zmq.XPublisher(OPTIONS);
const pull = new zmq.Pull(OPTIONS);
for (const socket of [router, xpub, pull]) {
  await socket.bind("tcp://127.0.0.1:*");
}
let pulled = 0;
let ticks = 0;

void (async () => {
  for await (const message of router) await router.send(message);
})();
void (async () => {
  for await (const _ of xpub);
})();
void (async () => {
  for await (const [first] of pull) {
    if (first!.byteLength === 6 && `${first}` === "honest") pulled++;
  }
})();
setInterval(() => void xpub.send(["tick", String(++ticks)]), TICK_MS);
startMeter(() => ({ pulled }));
console.log(
  process.pid,
  JSON.stringify({
    router: router.lastEndpoint,
    xpub: xpub.lastEndpoint,
    pull: pull.lastEndpoint,
  }),
);
