/**
 * Layer: pipeline/model. Whether an address stays on this machine.
 *
 * @module
 */
import { isLoopback } from "../../util/loopback.ts";
import { splitTcp } from "../../zmq/endpoint.ts";

/** Whether only this machine can reach an address. */
export function isLocal(address: string): boolean {
  if (!address.toLowerCase().startsWith("tcp:")) return true;
  const { host, port, isBracketed } = splitTcp(address)?.target ?? {};
  if (host === undefined || port === undefined) return false;
  return isLoopback(isBracketed ? `[${host}]` : host) &&
    isBracketed === host.includes(":");
}
