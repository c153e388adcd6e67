// One side of a throughput run over npm:zeromq; Node runs it. See engine.ts.
import process from "node:process";
import { Pull, Push } from "zeromq";

const [role, countText, sizeText, address] = process.argv.slice(2);
const count = Number(countText);

if (role === "pull") {
  const pull = new Pull();
  await pull.bind("tcp://127.0.0.1:*");
  console.log(JSON.stringify({ endpoint: pull.lastEndpoint }));
  await pull.receive();
  const start = performance.now();
  for (let left = count - 1; left > 0; left--) await pull.receive();
  console.log(JSON.stringify({ ms: performance.now() - start }));
  pull.close();
} else {
  const push = new Push();
  push.connect(address);
  const message = new Uint8Array(Number(sizeText)).fill(97);
  for (let left = count; left > 0; left--) await push.send(message);
  push.close();
}
