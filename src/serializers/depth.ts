/**
 * Layer: serializers (internal). The limit of nesting, and how deep a JSON text
 * is, without parsing it: one pass over its characters, which skips strings.
 *
 * @module
 */

/**
 * The deepest nesting that is serialized and deserialized. Python's msgpack stops
 * at 511, its json near 1000, so a deeper message could be sent but not read.
 */
export const maxDepth = 500;

/** The error for a value that is nested deeper, as the end of a sentence. */
export const tooDeep = `it is nested deeper than ${maxDepth} levels`;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether arrays and objects are nested deeper than the limit. For invalid JSON
 * the result may be either: the parser reports the error.
 */
export function isNestedTooDeep(text: string): boolean {
  if (text.length <= maxDepth) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at + 1);
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > maxDepth) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
    }
  }
  return false;
}

/** The index of the quote that ends a string; the length of the text if there is none. */
function endOfString(text: string, start: number): number {
  for (let from = start;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return text.length;
    let first = quote;
    while (first > from && text.charCodeAt(first - 1) === BACKSLASH) first--;
    if ((quote - first) % 2 === 0) return quote;
    from = quote + 1;
  }
}
