/**
 * Test support. A program of node:cluster: two processes that bind the addresses
 * they are given, and any free port; each reports the outcome. Prints all of it.
 *
 * @module
 */
import cluster from "node:cluster";
import process from "node:process";
import * as zmq from "../../../../src/zmq/mod.ts";
import { serveHttp } from "../../../../src/pipeline/http/serve_http.ts";

const addresses = process.argv.slice(2);

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  const outcomes: unknown[] = [];
  for (const worker of workers) {
    worker.on("message", (message) => {
      outcomes.push(message);
      if (outcomes.length < workers.length) return;
      console.log(JSON.stringify(outcomes));
      for (const worker of workers) worker.kill();
    });
  }
} else {
  const results: string[] = [];
  for (const address of [...addresses, "tcp://127.0.0.1:*"]) {
    const socket = new zmq.Reply();
    results.push(
      await socket.bind(address).then(
        () => socket.lastEndpoint!,
        (error) => error.code,
      ),
    );
  }
  const http = await serveHttp(() => new Response("ok"), { port: 0 });
  results.push(String(http.port));
  process.send!(results);
  setInterval(() => {}, 60_000); // keeps what it has bound until it is killed
}
