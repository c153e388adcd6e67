/**
 * Layer: transport. The error of a permission that is missing.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";

/**
 * The runtime does not let this process use an address. That does not change
 * while it runs, so there is no use in trying again.
 */
export class PermissionError extends ZmqError {
  /** @param reason What would help. */
  constructor(address: string, reason: string, cause?: unknown) {
    super("EACCES", `Cannot use "${address}": ${reason}`, {
      address,
      reason,
      cause,
    });
  }
}
