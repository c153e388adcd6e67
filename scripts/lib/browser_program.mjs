// What scripts/lib/bundles.mjs bundles for browsers: a message by inproc, and an
// error that only the build for browsers has. It needs nothing that Node lacks, so
// it runs there.
import { SocketManager } from "@agentzero/agentzero";
import { Dealer, PULL, PUSH } from "@agentzero/agentzero/zmq";

async function main() {
  const sockets = new SocketManager();
  await sockets.ensureAndBind("pull", PULL, "inproc://here");
  await sockets.ensureAndConnect("push", PUSH, "inproc://here");
  await sockets.sendSafe("push", "inproc");
  const message = await sockets.recvSafe("pull");
  const code = await new Dealer().bind("tcp://127.0.0.1:*").catch((error) =>
    error.code
  );
  console.log(`${message}, and ${code}`);
  globalThis.process?.exit(); // the port behind its ticks keeps Node alive
}

main();
