/**
 * Layer: engine. The protocol of a new connection: ZMTP or, for a STREAM, none.
 *
 * @module
 */
import { traitsOf } from "../socket_traits.ts";
import { Connection } from "../zmtp/connection.ts";
import { routingIdOf, type SocketCore } from "./socket_core.ts";
import type { Protocol } from "./protocol.ts";
import { RawConnection } from "./raw_connection.ts";
import { securityOf } from "./security_options.ts";

/** Makes the state machine of one connection. @param isBound Whether the peer connected to us. */
export function protocolOf(core: SocketCore, isBound: boolean): Protocol {
  const { options, slabs, type } = core;
  if (traitsOf(type).isRaw) return new RawConnection(options.notify);
  return new Connection({
    type,
    routingId: routingIdOf(core),
    maxMessageSize: options.maxMessageSize,
    maxMessageFrames: options.maxMessageFrames,
    maxSealedSize: options.curveMaxFrameSize,
    isBound,
    security: securityOf(options),
  }, slabs);
}
