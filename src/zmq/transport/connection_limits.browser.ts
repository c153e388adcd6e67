/**
 * Layer: transport. Limits of connections that are accepted: a browser accepts
 * none.
 *
 * @module
 */

/** No peers. */
export class ConnectionLimits {
  /** How many were rejected. */
  readonly refused = 0;
}
