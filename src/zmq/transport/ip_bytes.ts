/**
 * Layer: transport. IP addresses as bytes.
 *
 * @module
 */
import { net } from "./net.ts";

/** The 4 or 16 bytes of an IP address; `undefined` if it is not an IP address, or has a zone. */
export function ipBytes(text: string): Uint8Array | undefined {
  const version = net().isIP(text);
  if (version === 4) return Uint8Array.from(text.split("."), Number);
  if (version !== 6 || text.includes("%")) return undefined;
  const [head, tail] = text.split("::") as [string, string?];
  const first = groups(head);
  const last = groups(tail ?? "");
  const zeros = new Array(8 - first.length - last.length).fill(0);
  return Uint8Array.from(
    [...first, ...zeros, ...last].flatMap((group) => [group >> 8, group]),
  );
}

/** The numbers of 16 bits between colons; a dotted end, as in `::ffff:10.0.0.2`, is two. */
function groups(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [parseInt(group, 16)];
    const [a, b, c, d] = group.split(".").map(Number) as [
      number,
      number,
      number,
      number,
    ];
    return [a << 8 | b, c << 8 | d];
  });
}
