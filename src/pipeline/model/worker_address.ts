/**
 * Layer: pipeline/model. Where a pipeline connects to for a worker. The address
 * comes from a peer, so it has to be as safe as what the pipeline listens at:
 * otherwise a peer could have jobs sent out in the clear, or have the pipeline
 * connect to files and sockets of its own machine.
 *
 * @module
 */
import { isPortNumber, splitTcp, transportOf } from "../../zmq/endpoint.ts";
import { PipelineError } from "./pipeline_error.ts";
import { isLocal } from "./is_local.ts";

/** How a pipeline listens. */
export interface Reach {
  /** Whether addresses beyond loopback may be used: it has keys, or is `insecure`. */
  readonly isProtected: boolean;
  /** The addresses at which it listens. */
  readonly addresses: readonly string[];
}

/**
 * Refuses an address of a worker that the pipeline must not connect to.
 *
 * @throws {PipelineError} `ERR_PIPELINE_INSECURE`.
 */
export function requireReachable(address: string, reach: Reach): void {
  const transport = transportOf(address);
  if (transport !== "tcp") {
    if (reach.addresses.some((at) => transportOf(at) === transport)) return;
    throw refused(
      `a pipeline that does not listen on ${
        transport || "that"
      } itself connects to workers over tcp only`,
    );
  }
  if (reach.addresses.includes(address)) {
    throw refused("the pipeline listens there itself");
  }
  if (!isHostAndPort(address)) {
    throw refused("it must have a host and a port, and nothing else");
  }
  if (reach.isProtected || isLocal(address)) return;
  throw refused(
    "it is not on loopback, and nothing protects what is sent there: give the " +
      "pipeline and its steps keys for CURVE (security; --keys on the command " +
      "line), or, in a network that you trust, listen with insecure: true (--insecure)",
  );
}

function refused(why: string): PipelineError {
  return new PipelineError("ERR_PIPELINE_INSECURE", why);
}

function isHostAndPort(address: string): boolean {
  const { source, target } = splitTcp(address) ?? {};
  return target !== undefined && source === undefined &&
    /^[^/@\s]+$/.test(target.host) && isPortNumber(target.port);
}
