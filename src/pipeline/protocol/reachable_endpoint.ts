/**
 * Layer: pipeline/protocol. Turns an endpoint as a pipeline has bound it into one
 * that a peer can reach: only the peer knows the host name of the pipeline.
 *
 * @module
 */
import { isPortNumber, splitTcp, withPort } from "../../zmq/endpoint.ts";

/**
 * An endpoint of a pipeline as it can be reached by a peer that has reached
 * another endpoint of the same pipeline.
 *
 * @param endpoint As the pipeline has bound it, such as `tcp://0.0.0.0:7452`.
 * @param reached Such as `tcp://pipeline.example:7450`.
 */
export function reachable(endpoint: string, reached: string): string {
  const port = splitTcp(endpoint)?.target.port;
  const way = splitTcp(reached);
  const isKnown = isPortNumber(port) && isPortNumber(way?.target.port);
  return isKnown ? withPort(way!, port) : endpoint;
}
