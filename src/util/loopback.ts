/**
 * Layer: util (internal). Which hosts are this machine alone.
 *
 * @module
 */

/** Whether only this machine can reach a host: a loopback address, with or without brackets, or `localhost`. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i.test(host);
}
