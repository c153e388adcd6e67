/**
 * Receives at the address in its argument, and writes a line for each thing
 * that a test waits for: the endpoint, errors of `accept`, messages. Started
 * with a low limit of file descriptors.
 */
import process from "node:process";
import * as zmq from "../../../../src/zmq/mod.ts";

const pull = new zmq.Pull();
const [address] = process.argv.slice(2);
await pull.bind(address!);
pull.events.on("accept:error", ({ error, address }) => {
  console.log(JSON.stringify({ code: (error as zmq.ZmqError).code, address }));
});
console.log(JSON.stringify({ endpoint: pull.lastEndpoint }));
for await (const [text] of pull) {
  console.log(JSON.stringify({ received: `${text}` }));
}
