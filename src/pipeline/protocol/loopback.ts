/**
 * Layer: pipeline/protocol. Whether an address is on loopback.
 *
 * @module
 */
import {
  extractHostnameFromTcpAddress,
  resolveHostname,
} from "../../util/mod.ts";
import { formatTcp } from "../../zmq/endpoint.ts";
import { isLocal } from "../model/is_local.ts";

/** Whether an address is on loopback, also by a host name that resolves to it. */
export async function leadsToLoopback(address: string): Promise<boolean> {
  if (isLocal(address)) return true;
  try {
    const host = extractHostnameFromTcpAddress(address);
    const ip = await resolveHostname(host);
    return isLocal(formatTcp(ip, 0));
  } catch {
    return false; // the connection reports why
  }
}
