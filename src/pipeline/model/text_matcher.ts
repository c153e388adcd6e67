/**
 * Layer: pipeline/model. What a search for text matches: it ignores the case of
 * ASCII letters, and no others, so that every store finds the same.
 *
 * @module
 */
import type { JobFailure } from "./records.ts";

/** The longest text to search for, in characters. */
export const MAX_SEARCH = 200;
/** How much of a payload is searched, in characters: no record may take long. */
export const SEARCHED_LENGTH = 65_536;

/** Looks for one text. */
export class TextMatcher {
  /** The pattern for LIKE on a payload, with the escape character `\`. */
  readonly payloadPattern: string;
  /** The same for the JSON text of an error; it also finds names of members, and the stack. */
  readonly errorPattern: string;
  readonly #inPayload: RegExp;
  readonly #inText: RegExp;

  /** @param text What to look for, up to {@link MAX_SEARCH} characters. */
  constructor(text: string) {
    const escaped = JSON.stringify(text).slice(1, -1);
    // A person may look for `"order":1234`, but JSON text has no NUL.
    const raw = escaped.replace(/\\(["\\])/g, "$1");
    this.payloadPattern = likePattern(raw);
    this.errorPattern = likePattern(escaped);
    this.#inPayload = regexOf(raw);
    this.#inText = regexOf(text);
  }

  /** Whether the text is in the JSON text of a payload. */
  isInPayload(json: string): boolean {
    return this.#inPayload.test(json.slice(0, SEARCHED_LENGTH));
  }

  /** Whether the text is in the name, the message or the code of an error. */
  isInError(error: JobFailure | undefined): boolean {
    if (error === undefined) return false;
    const { name, message, code = "" } = error;
    return [name, message, code].some((text) => this.#inText.test(text));
  }
}

function likePattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}

function regexOf(text: string): RegExp {
  const pattern = text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  // The flag `i` would fold the case of other letters, too.
  return new RegExp(
    pattern.replace(
      /[a-z]/gi,
      (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`,
    ),
  );
}
