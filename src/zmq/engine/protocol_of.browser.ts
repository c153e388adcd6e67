/**
 * Layer: engine. The protocol of a new connection in a browser: ZMTP, as a STREAM
 * cannot connect.
 *
 * @module
 */
import { Connection } from "../zmtp/connection.ts";
import type { Protocol } from "./protocol.ts";
import { securityOf } from "./security_options.ts";
import { routingIdOf, type SocketCore } from "./socket_core.ts";

/** Makes the state machine of one connection. */
export function protocolOf(core: SocketCore): Protocol {
  const { options, slabs, type } = core;
  return new Connection({
    type,
    routingId: routingIdOf(core),
    maxMessageSize: options.maxMessageSize,
    maxMessageFrames: options.maxMessageFrames,
    maxSealedSize: options.curveMaxFrameSize,
    security: securityOf(options),
  }, slabs);
}
