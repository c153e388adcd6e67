/**
 * Layer: util.
 *
 * Finds a TCP port that is free now. It does not reserve it.
 *
 * @module
 */
import { createServer } from "node:net";
import { AddressError } from "../errors.ts";
import { isGranted } from "./deno_permission.ts";

/**
 * Finds a TCP port that can be listened on.
 *
 * Another process can take the port before you do. Where it matters, bind to
 * port 0 (`tcp://127.0.0.1:*`) and read the address back instead.
 *
 * @param host Address to listen on; by default all of IPv4.
 * @returns A port number from 1 to 65535.
 * @throws {AddressError} `PORT_NOT_AVAILABLE` if nothing can be bound there, `PERMISSION_DENIED` if Deno refuses.
 *
 * @example
 * ```ts
 * import { getFreeTcpPort } from "@agentzero/agentzero";
 *
 * console.log(await getFreeTcpPort("127.0.0.1"));
 * ```
 */
export async function getFreeTcpPort(host = "0.0.0.0"): Promise<number> {
  if (!isGranted({ name: "net", host: permissionHost(host) })) {
    throw new AddressError(
      `Cannot find a free TCP port on ${host}: Deno needs --allow-net=${
        permissionHost(host)
      }`,
      { code: "PERMISSION_DENIED" },
    );
  }
  try {
    return await listenOnce(host);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AddressError(
      `Cannot find a free TCP port on ${host}: ${reason}`,
      { code: "PORT_NOT_AVAILABLE", cause },
    );
  }
}

function listenOnce(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ port: 0, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") {
          resolve(address.port);
        } else reject(new Error("the listener has no port"));
      });
    });
  });
}

function permissionHost(host: string): string {
  return host.includes(":") ? `[${host}]:0` : `${host}:0`;
}
