/**
 * Layer: zmq, bottom. The numbers of error codes: a browser has no system with
 * numbers.
 *
 * @module
 */

/** The number of an error code: there is none. */
export function errorNumber(_code: string): number | undefined {
  return undefined;
}
