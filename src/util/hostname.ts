/**
 * Layer: util.
 *
 * The name of this machine.
 *
 * @module
 */
import { hostname } from "node:os";
import { AddressError } from "../errors.ts";
import { isPermitted } from "./deno_permission.ts";

/**
 * Gives the host name of this machine, as the operating system has it. Whether
 * others can resolve it depends on the network. On Deno it needs
 * `--allow-sys=hostname`.
 *
 * @returns The host name.
 * @throws {AddressError} `PERMISSION_DENIED`.
 *
 * @example
 * ```ts
 * import { getHostname } from "@agentzero/agentzero";
 *
 * console.log(await getHostname());
 * ```
 */
export async function getHostname(): Promise<string> {
  if (!await isPermitted({ name: "sys", kind: "hostname" }, false)) {
    throw new AddressError(
      "Cannot find the host name of this machine: Deno needs --allow-sys=hostname",
      { code: "PERMISSION_DENIED" },
    );
  }
  return hostname();
}
