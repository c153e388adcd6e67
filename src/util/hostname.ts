/**
 * Layer: util.
 *
 * The name of this machine.
 *
 * @module
 */
import process from "node:process";
import { AddressError } from "../errors.ts";
import { isGranted } from "./deno_permission.ts";

/**
 * Returns the host name of this machine, from the operating system. Whether
 * other machines can resolve it depends on the network. On Deno it needs
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
export function getHostname(): Promise<string> {
  if (!isGranted({ name: "sys", kind: "hostname" })) {
    return Promise.reject(
      new AddressError(
        "Cannot determine the host name of this machine: Deno needs --allow-sys=hostname",
        { code: "PERMISSION_DENIED" },
      ),
    );
  }
  return Promise.resolve(process.getBuiltinModule("node:os").hostname());
}
