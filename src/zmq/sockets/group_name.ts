/**
 * Layer: sockets. Checks the groups of RADIO and DISH that an application uses.
 *
 * @module
 */
import { ZmqError } from "../errors.ts";
import { toFrame } from "../message.ts";
import { MAX_GROUP_SIZE } from "../zmtp/group.ts";

/**
 * A group as bytes.
 *
 * @throws {ZmqError} `EINVAL` for what RFC 48 does not allow: more than 255
 *   bytes, or a zero byte.
 */
export function checkGroup(group: string | Uint8Array): Uint8Array {
  if (typeof group !== "string" && !(group instanceof Uint8Array)) {
    throw new ZmqError(
      "EINVAL",
      `A group cannot be ${String(group)}: expected text or bytes`,
    );
  }
  const bytes = toFrame(group);
  if (bytes.byteLength <= MAX_GROUP_SIZE && !bytes.includes(0)) return bytes;
  throw new ZmqError(
    "EINVAL",
    `A group may have at most ${MAX_GROUP_SIZE} bytes, none of them zero`,
  );
}
