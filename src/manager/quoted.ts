/**
 * Layer: manager. Socket names in the text of a manager.
 *
 * @module
 */

/** A name in quotes, as Python prints it. */
export function quoted(name: string): string {
  const quote = name.includes("'") && !name.includes('"') ? '"' : "'";
  const text = name.replaceAll("\\", "\\\\")
    .replace(/[\n\r\t]/g, (it) => JSON.stringify(it).slice(1, -1));
  return quote + text.replaceAll(quote, `\\${quote}`) + quote;
}
