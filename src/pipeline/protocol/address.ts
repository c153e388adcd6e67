/**
 * Layer: pipeline/protocol. A pipeline does not know under which name others reach
 * its machine; they do.
 *
 * @module
 */
import { isPortNumber, splitTcp, withPort } from "../../zmq/endpoint.ts";

/**
 * An endpoint of a pipeline, as whoever reached another of its endpoints can
 * reach it.
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
