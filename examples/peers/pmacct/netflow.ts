/**
 * Example `pmacct`: what it puts into a message.
 *
 * @module
 */

/** A flow: who sent how much to whom. Addresses are IPv4's. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly packets: number;
  readonly bytes: number;
}

/** pmacct puts a header of IPv4, and one of UDP, in front of a datagram. */
const IPV4_SIZE = 20;
const UDP_SIZE = 8;

/** The datagram in a message of the plugin `tee` with `tee_transparent: true`. */
export function datagramOf(frame: Uint8Array): Buffer {
  return Buffer.from(frame).subarray(IPV4_SIZE + UDP_SIZE);
}

/** A datagram of NetFlow 5 with these flows, at most 30. */
export function netflow5(flows: readonly Flow[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt16BE(5, 0);
  header.writeUInt16BE(flows.length, 2);
  header.writeUInt32BE(Math.floor(Date.now() / 1_000), 8);
  return Buffer.concat([header, ...flows.map(record)]);
}

/** The flows of a datagram of NetFlow 5. */
export function readNetflow5(datagram: Buffer): Flow[] {
  if (datagram.readUInt16BE(0) !== 5) throw new Error("Not NetFlow 5");
  return Array.from({ length: datagram.readUInt16BE(2) }, (_, n) => {
    const at = 24 + n * 48;
    return {
      from: datagram.subarray(at, at + 4).join("."),
      to: datagram.subarray(at + 4, at + 8).join("."),
      packets: datagram.readUInt32BE(at + 16),
      bytes: datagram.readUInt32BE(at + 20),
    };
  });
}

function record({ from, to, packets, bytes }: Flow): Buffer {
  const record = Buffer.alloc(48);
  record.set(from.split(".").map(Number), 0);
  record.set(to.split(".").map(Number), 4);
  record.writeUInt32BE(packets, 16);
  record.writeUInt32BE(bytes, 20);
  record[38] = 17; // UDP
  return record;
}
