/**
 * Layer: engine. The protocol of a new connection in a browser: ZMTP, as a STREAM
 * cannot connect.
 *
 * @module
 */
import { Connection } from "../zmtp/connection.ts";
import { isBare, subprotocolsOf } from "../transport/ws/subprotocol.ts";
import type { Protocol } from "./protocol.ts";
import { securityOf } from "./security_options.ts";
import { routingIdOf, type SocketCore } from "./socket_core.ts";

/** Makes the state machine of one connection. */
export function protocolOf(core: SocketCore): Protocol {
  const { options, type } = core;
  const bare = subprotocolsOf(options, false).find(isBare)!;
  return new Connection({
    type,
    routingId: routingIdOf(core),
    maxMessageSize: options.maxMessageSize,
    maxMessageFrames: options.maxMessageFrames,
    maxSealedSize: options.curveMaxFrameSize,
    exchangesRoutingIds: bare.dialects[0] === "routing id",
    security: securityOf(options),
  });
}
