/**
 * Test support. Messages in one piece, with a bar between their frames.
 *
 * @module
 */

const BAR = 0x7c;

/** The frames between the bars; each with memory of its own. */
export function framesOf(bytes: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let start = 0; start <= bytes.byteLength;) {
    const bar = bytes.indexOf(BAR, start);
    const end = bar < 0 ? bytes.byteLength : bar;
    frames.push(bytes.slice(start, end));
    start = end + 1;
  }
  return frames;
}
