/**
 * Layer: transport. ZeroMQ on the HTTP server of an application.
 *
 * @module
 */
import type { SharedServer, UpgradableServer } from "./shared_port.ts";

export type { SharedServer, UpgradableServer };

/**
 * Lets sockets be bound to paths of an HTTP server of the application, so that
 * pages, an API and ZeroMQ have one port. The server is one of `node:http` or
 * `node:https`, on Deno, Node or Bun, and listens already. While it is shared,
 * its upgrades for the paths of sockets belong to them; others are left to the
 * application's own listeners of the event `upgrade`, and are answered with 404
 * if it has none.
 *
 * The server belongs to the application, as do its certificate and its limits.
 * Close sockets before the server: it waits for their connections.
 *
 * @param server A server that listens at a port.
 * @returns Its address for `bind`, and the end of the sharing.
 * @throws {ArgumentError} `EINVAL` if it is no such server, or does not listen.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { assertEquals } from "@std/assert";
 * import { zmq } from "@agentzero/agentzero";
 *
 * const server = createServer((_request, response) => response.end("a page"));
 * await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
 * const shared = await zmq.shareServer(server);
 *
 * const reply = new zmq.Reply();
 * await reply.bind(`${shared.endpoint}/questions`);
 * const request = new zmq.Request();
 * request.connect(reply.lastEndpoint!);
 * await request.send("question");
 * assertEquals(String(await reply.receive()), "question");
 * await reply.send("answer");
 * assertEquals(String(await request.receive()), "answer");
 *
 * await Promise.all([reply.close(), request.close()]);
 * shared.close();
 * await new Promise((done) => server.close(done));
 * ```
 */
export async function shareServer(
  server: UpgradableServer,
): Promise<SharedServer> {
  const { share } = await import("./shared_port.ts");
  return share(server);
}
