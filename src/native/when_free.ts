/**
 * Layer: native.
 *
 * Waits until an address is free that libzmq has unbound: libzmq closes it a
 * little later, on another thread. It reports that only to a monitor, which
 * would have to be read for as long as the socket lives.
 *
 * @module
 */
import { sleep } from "../async/pending_call.ts";
import { access } from "node:fs/promises";
import { createServer } from "node:net";
import { restOf, splitEndpoint } from "../zmq/endpoint.ts";
import { parseTcpAddress } from "../util/tcp_address.ts";

/** After this time another process must have taken it. */
const LIMIT_MS = 1000;

/**
 * Waits until no process listens at an endpoint, for at most a second.
 *
 * @param endpoint As libzmq reported it; only tcp and ipc need a wait.
 */
export async function whenFree(endpoint: string): Promise<void> {
  const { transport, rest = "" } = splitEndpoint(endpoint) ?? {};
  const isFree = transport === "tcp"
    ? isPortFree
    : transport === "ipc" && rest.startsWith("/")
    ? isFileGone
    : () => Promise.resolve(true);
  const end = performance.now() + LIMIT_MS;
  while (!await isFree(endpoint) && performance.now() < end) {
    await sleep(1);
  }
}

function isPortFree(endpoint: string): Promise<boolean> {
  const { host, port } = parseTcpAddress(endpoint);
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", (error: Error & { code?: string }) => {
      resolve(error.code !== "EADDRINUSE");
    });
    server.listen({ host, port: Number(port), exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}

async function isFileGone(endpoint: string): Promise<boolean> {
  try {
    await access(restOf(endpoint));
    return false;
  } catch {
    return true;
  }
}
