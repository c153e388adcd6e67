/**
 * Layer: zmtp. Groups of RADIO and DISH (RFC 48): how a DISH joins and leaves a
 * group of its RADIO. Internally that is a message, as for a subscription: the
 * byte 1 or 0, then the group. On the wire it is a command, JOIN or LEAVE.
 *
 * @module
 */
import { ProtocolError } from "../errors.ts";
import { type Message, subscriptionFrame } from "../message.ts";
import { type Command, encodeCommand } from "./command.ts";

/** The longest group, in bytes (RFC 48). */
export const MAX_GROUP_SIZE = 255;

/** The command for a membership that a DISH sends. */
export function membershipCommand([body]: Message): Uint8Array {
  return encodeCommand(body![0] === 1 ? "JOIN" : "LEAVE", body!.subarray(1));
}

/**
 * The membership in a command that a RADIO has received.
 *
 * @throws {ProtocolError} The group is too long.
 */
export function membershipMessage({ name, data }: Command): Message {
  if (data.byteLength > MAX_GROUP_SIZE) {
    throw new ProtocolError(
      "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
      `The group of a ${name} has more than ${MAX_GROUP_SIZE} bytes`,
    );
  }
  return [subscriptionFrame(name === "JOIN" ? 1 : 0, data)];
}
