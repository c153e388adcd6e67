/**
 * Test support. Mutations: first of the order of what was said, then of its
 * bytes. No knowledge of ZMTP.
 *
 * @module
 */
import type { Random } from "./random.ts";
import { CAPACITY, Writer } from "./writer.ts";

const EDGES = [0, 1, 2, 3, 4, 0x7f, 0x80, 0xfe, 0xff];
/** Decoders of text like to swallow it. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const scratch = new Writer();

/** Drops, doubles, swaps or moves parts; or says the last one without end. */
export function reorder(writer: Writer, random: Random): void {
  const count = writer.parts.length;
  if (count < 2) return;
  if (random.oneIn(100)) return flood(writer, random);
  const order = writer.parts.map((_, i) => i);
  for (let n = 1 + random.below(2); n > 0; n--) {
    const from = random.below(order.length);
    const to = random.below(order.length);
    switch (random.below(4)) {
      case 0:
        order.splice(from, 1);
        if (order.length === 0) return;
        break;
      case 1:
        order.splice(to, 0, order[from]!);
        break;
      case 2:
        [order[from], order[to]] = [order[to]!, order[from]!];
        break;
      case 3:
        order.splice(to, 0, ...order.splice(from, 1));
        break;
    }
  }
  scratch.clear();
  for (const part of order) {
    const end = writer.parts[part + 1] ?? writer.size;
    scratch.append(writer.bytes.subarray(writer.parts[part]!, end));
  }
  [writer.bytes, scratch.bytes] = [scratch.bytes, writer.bytes];
  writer.size = scratch.size;
}

/** Repeats the last part, up to some 130 KB. */
function flood(writer: Writer, random: Random): void {
  const { parts, size } = writer;
  const last = writer.bytes.slice(parts.at(-1)!, size);
  const end = Math.min(CAPACITY, size + random.below(CAPACITY / 2));
  while (last.byteLength > 0 && writer.size < end) writer.append(last);
}

/** Changes bytes, once. The parts are of no meaning afterwards. */
export function mutate(writer: Writer, random: Random): void {
  const { bytes, size } = writer;
  if (size === 0 || size > CAPACITY - 256) return;
  // Most of the sense is at the beginning, and most of what is below 64 is known.
  const at = random.below(random.oneIn(3) ? size : Math.min(size, 200));
  const length = Math.min(size - at, 1 + random.below(random.pick([2, 9, 80])));
  switch (random.below(8)) {
    case 0:
      bytes[at]! ^= 1 << random.below(8);
      return;
    case 1:
      bytes[at] = random.pick(EDGES);
      return;
    case 2: // insert
      if (random.oneIn(8)) {
        open(writer, at, BYTE_ORDER_MARK.length);
        bytes.set(BYTE_ORDER_MARK, at);
        return;
      }
      open(writer, at, length);
      random.fill(bytes, at, Math.min(at + length, writer.size));
      return;
    case 3: // delete
      bytes.copyWithin(at, at + length, size);
      writer.size -= length;
      return;
    case 4: // double
      open(writer, at, length);
      return;
    case 5:
      writer.size = at;
      return;
    case 6: // splice: what stands elsewhere comes here
      bytes.copyWithin(at, random.below(size), size);
      return;
    case 7: // a huge length
      for (let i = at; i < Math.min(size, at + 4); i++) {
        bytes[i] = i === at ? random.pick([0x7f, 0x80, 0xff]) : 0xff;
      }
  }
}

/** Moves what stands at `at` and behind it towards the end; it is there twice then. */
function open(writer: Writer, at: number, length: number): void {
  const size = Math.min(writer.size + length, CAPACITY);
  writer.bytes.copyWithin(at + length, at, size - length);
  writer.size = size;
}

/** Where to cut the bytes into chunks, in rising order. */
export function chooseCuts(random: Random, size: number): number[] {
  const cuts: number[] = [];
  const way = random.below(4);
  if (way === 0) { // even chunks, single bytes among them
    const step = size > 400 ? 1 + random.below(size) : 1 + random.below(9);
    for (let at = step; at < size; at += step) cuts.push(at);
  } else {
    const most = way === 1 ? 1 : 12;
    let at = 0;
    for (let n = 0; n < most; n++) {
      at += 1 + random.below(way === 2 ? 12 : Math.ceil(size / most * 2));
      if (at >= size) break;
      cuts.push(at);
    }
  }
  return cuts;
}
