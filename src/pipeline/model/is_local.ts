/**
 * Layer: pipeline/model. Whether an address stays on this machine.
 *
 * @module
 */

/** Whether only this machine can reach an address. */
export function isLocal(address: string): boolean {
  if (!/^tcp:/i.test(address)) return true;
  // Before a semicolon is only where a connection comes from.
  const target = address.slice(address.lastIndexOf(";") + 1)
    .replace(/^tcp:\/\//i, "");
  return /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost):[^:]*$/i.test(target);
}
