// What scripts/lib/bundles.mjs bundles and runs: a job through a pipeline, and a
// message over tcp with CURVE, whose cryptography is loaded when it is needed. Without top-level await, which a CommonJS bundle cannot have.
import { SocketManager } from "@agentzero/agentzero";
import { defineStep, flow, Pipeline } from "@agentzero/agentzero/pipeline";
import { curveKeyPair, Pull, Push } from "@agentzero/agentzero/zmq";

async function main() {
  const double = defineStep("double", (n) => 2 * n);
  const pipeline = new Pipeline({ name: "bundled", flows: [flow(double)] });
  const { requests } = await pipeline.listen({ port: 0 });
  const step = await double.run({ pipeline: requests });
  const result = await pipeline.result(await pipeline.submit("double", 21));
  await step.close();
  await pipeline.close();

  const { publicKey, secretKey } = curveKeyPair();
  const pull = new Pull({ curveServer: true, curveSecretKey: secretKey });
  await pull.bind("tcp://127.0.0.1:*");
  const push = new Push({
    curveServerKey: publicKey,
    curvePublicKey: publicKey,
    curveSecretKey: secretKey,
  });
  push.connect(pull.lastEndpoint);
  await push.send("a message");
  const [message] = await pull.receive();
  await Promise.all([push.close(), pull.close()]);

  const sockets = new SocketManager();
  await sockets.closeAll();
  console.log(`${result} ${message}`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
