/**
 * Layer: engine. Messages as datagrams, as libzmq writes them: for RADIO and
 * DISH the size of the group in one byte, the group and the body; for DGRAM the
 * body alone.
 *
 * @module
 */
import { allocate, asFrame, decodeText, encodeText } from "../bytes.ts";
import { formatHostPort, splitHostPort } from "../endpoint.ts";
import type { Message } from "../message.ts";
import type { IpPort } from "../transport/datagram.ts";

/** A datagram, and its destination where the message names one. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly to?: IpPort;
}

/** How the messages of a socket type become datagrams. */
export interface DatagramFormat {
  /** The datagram of a message, in memory of its own. */
  encode(message: Message): Datagram;
  /** The message in a datagram; undefined if it is malformed. */
  decode(bytes: Uint8Array, from: IpPort): Message | undefined;
}

/** Messages are `[group, body]`. */
export const WITH_GROUP: DatagramFormat = {
  encode([group, body]) {
    const bodyAt = 1 + group!.byteLength;
    const bytes = allocate(bodyAt + body!.byteLength);
    bytes[0] = group!.byteLength;
    bytes.set(group!, 1);
    bytes.set(body!, bodyAt);
    return { bytes };
  },
  decode(bytes) {
    const bodyAt = 1 + (bytes[0] ?? 0);
    if (bytes.byteLength < bodyAt) return undefined;
    return [
      asFrame(bytes.subarray(1, bodyAt)),
      asFrame(bytes.subarray(bodyAt)),
    ];
  },
};

/** Messages are `[address, body]`. */
export const WITH_ADDRESS: DatagramFormat = {
  encode([address, body]) {
    const bytes = allocate(body!.byteLength);
    bytes.set(body!);
    return { bytes, to: ipPortOf(address!)! };
  },
  decode(bytes, { host, port }) {
    return [encodeText(formatHostPort(host, port)), asFrame(bytes)];
  },
};

/** The address in a frame, such as `127.0.0.1:5555`; undefined if it is malformed. The zero byte with which libzmq ends it is ignored. */
export function ipPortOf(frame: Uint8Array): IpPort | undefined {
  const text = decodeText(frame).replace(/\0$/, "");
  const { host = "", port = "" } = splitHostPort(text) ?? {};
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (host === "" || number < 1 || number > 65_535) return undefined;
  return { host, port: number };
}
