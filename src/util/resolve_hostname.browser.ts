/**
 * Layer: util.
 *
 * Host names, which only the browser itself resolves, when it connects.
 *
 * @module
 */
import { AddressError } from "../errors.ts";

import type { ResolveOptions } from "./resolve_hostname.ts";

export type { ResolveOptions };

/** @throws {AddressError} `HOST_NOT_FOUND`. */
export function resolveHostname(
  hostname: string,
  _options: ResolveOptions = {},
): Promise<string> {
  const message =
    `Cannot resolve "${hostname}": a browser resolves names only to connect`;
  return Promise.reject(new AddressError(message, { code: "HOST_NOT_FOUND" }));
}
