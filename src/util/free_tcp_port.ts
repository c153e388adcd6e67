/**
 * Layer: util.
 *
 * Finds a free TCP port. It does not reserve it.
 *
 * @module
 */
import type { AddressInfo } from "node:net";
import process from "node:process";
import { AddressError } from "../errors.ts";
import { isGranted } from "./deno_permission.ts";

/**
 * Finds a TCP port that can be listened on.
 *
 * Another process can take the port before you do. If that matters, bind to any
 * port (`tcp://127.0.0.1:*`) and read the endpoint back instead.
 *
 * @param host Address to listen on; by default all of IPv4.
 * @returns A port number from 1 to 65535.
 * @throws {AddressError} `PORT_NOT_AVAILABLE` if nothing can be bound there, `PERMISSION_DENIED` if Deno denies the permission.
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

async function listenOnce(host: string): Promise<number> {
  const { once } = process.getBuiltinModule("node:events");
  const { createServer } = process.getBuiltinModule("node:net");
  const server = createServer().listen({ port: 0, host, exclusive: true });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function permissionHost(host: string): string {
  return host.includes(":") ? `[${host}]:0` : `${host}:0`;
}
