// Example `browser`. The page: a SUB for the values, a REQ for the commands.
import { SocketManager, zmq } from "@agentzero/agentzero";

const SHOWN = 200;
const decoder = new TextDecoder();
const find = (selector) => document.querySelector(selector);

const response = await fetch("/addresses.json");
const addresses = await response.json();
const sockets = new SocketManager();
await sockets.ensureAndConnect("commands", zmq.REQ, addresses.commands);

/** Sends a command, and shows the answer. */
async function run(action) {
  await sockets.sendSafe("commands", { action });
  const { intervalMs, isPaused } = await sockets.recvSafe("commands");
  find("#state").value = isPaused ? "Paused." : `One each ${intervalMs} ms.`;
}

// A REQ has one question at a time.
let last = run("status");
for (const button of document.querySelectorAll("button")) {
  button.onclick = () => last = last.then(() => run(button.textContent));
}

const values = new zmq.Subscriber();
values.subscribe("value");
values.connect(addresses.values);
const shown = [];
let count = 0;
for await (const [, body] of values) {
  shown.push(JSON.parse(decoder.decode(body)).value);
  if (shown.length > SHOWN) shown.shift();
  find("#count").value = ++count;
  find("polyline").setAttribute(
    "points",
    shown.map((value, i) => `${i},${1.5 - value}`).join(" "),
  );
}
