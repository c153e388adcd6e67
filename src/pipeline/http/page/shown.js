/**
 * Escapes text of jobs, workers and logs: invisible characters, and those that
 * change the direction of writing, could make one text look like another.
 *
 * @module
 */

/** But for line breaks, tabs, and the joiners that words and emoji are made of. */
const HIDDEN =
  // deno-lint-ignore no-control-regex -- these are what must not be hidden
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * The text with such characters escaped, as in JSON.
 *
 * @param {string} text
 * @returns {string}
 */
export function shown(text) {
  return text.replace(
    HIDDEN,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
