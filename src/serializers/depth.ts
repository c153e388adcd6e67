/**
 * Layer: serializers (internal). How deep values may be nested, and how deep
 * JSON text is, found without parsing it: one look at each character, and none
 * at those in strings.
 *
 * @module
 */

/**
 * Deepest nesting that is written and read. Python's msgpack stops at 511, its
 * json near 1000, so a deeper message could be sent but not read.
 */
export const maxDepth = 500;

/** What is said of a value that is nested deeper, as the end of a sentence. */
export const tooDeep = `it is nested deeper than ${maxDepth} levels`;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether lists and objects are nested deeper than so many levels. Text that is
 * no JSON may be called either: the parser says what is wrong with it.
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

/** Where a string ends that begins here; the length of the text if it does not. */
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
