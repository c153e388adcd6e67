/**
 * Layer: pipeline/model. Checks JSON text without making values of it, and finds
 * where its parts end. `JSON.parse` takes up to a second for 10 MB of names, and
 * several times their memory; this takes about the same time for each character,
 * whatever it is, and no memory. As that is still 0.1 to 0.2 s for 16 MB, it can be
 * done in steps.
 *
 * @module
 */
import { finish, STEP_LENGTH, type Steps } from "../../async/steps.ts";
import { PipelineError } from "./pipeline_error.ts";

/** How much a text may have. */
export interface ScanLimits {
  /** How deep lists and objects may be nested. */
  readonly depth: number;
  /** How many lists and objects there may be. */
  readonly nodes: number;
  /** What the text is, for a person. */
  readonly what: string;
}

/** Goes through one JSON text. After an error it is not to be used any more. */
export class JsonScanner {
  readonly #text: string;
  readonly #limits: ScanLimits;
  #at = 0;
  /** Where the current step ends. */
  #pauseAt = STEP_LENGTH;
  #nodes = 0;

  constructor(text: string, limits: ScanLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  /** Whether this character is here; goes on behind it then. */
  skip(code: number): boolean {
    this.#at = afterSpace(this.#text, this.#at);
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  /** Goes on behind this character. @throws {SyntaxError} It is not here. */
  expect(code: number): void {
    if (!this.skip(code)) fail(this.#at);
  }

  /** Nothing more may follow. @throws {SyntaxError} */
  end(): void {
    this.#at = afterSpace(this.#text, this.#at);
    if (this.#at < this.#text.length) fail(this.#at);
  }

  /** Goes behind the string here, and returns its text, with the quotes. @throws {SyntaxError} */
  string(): string {
    const start = afterSpace(this.#text, this.#at);
    if (this.#text.charCodeAt(start) !== QUOTE) fail(start);
    this.#at = endOfString(this.#text, start + 1, Infinity);
    return this.#text.slice(start, this.#at);
  }

  /** As {@link steps}, all at once. */
  value(): string {
    return finish(this.steps());
  }

  /**
   * Goes behind the value here, and returns its text.
   *
   * @param limits Other ones for this value.
   * @throws {SyntaxError} It is not JSON.
   * @throws {PipelineError} `ERR_PIPELINE_TOO_LARGE`.
   */
  *steps(limits: ScanLimits = this.#limits): Steps<string> {
    const text = this.#text;
    /** What the lists and objects around this place end with. */
    const open: number[] = [];
    const start = afterSpace(text, this.#at);
    let at = start;
    let pauseAt = this.#pauseAt;
    let isName = false;
    do {
      const code = text.charCodeAt(at);
      if (code === LIST || code === OBJECT) {
        if (isName) fail(at);
        this.#enter(open.length, limits);
        at = afterSpace(text, at + 1);
        const end = code + TO_END;
        if (text.charCodeAt(at) !== end) {
          open.push(end);
          isName = code === OBJECT;
          continue; // its first value, or name, is next
        }
        at++; // it is empty
      } else if (code === QUOTE) {
        at = endOfString(text, at + 1, pauseAt);
        while (at < 0) {
          yield;
          pauseAt = STEP_LENGTH - at;
          at = endOfString(text, -at, pauseAt);
        }
      } else if (isName) fail(at);
      else at = endOfSimple(text, at, code);
      if (isName) at = afterColon(text, at);
      else at = closed(text, at, open);
      isName = !isName && open.at(-1) === END_OF_OBJECT;
      if (at > pauseAt) {
        yield;
        pauseAt = at + STEP_LENGTH;
      }
    } while (open.length > 0);
    this.#at = at;
    this.#pauseAt = pauseAt;
    return text.slice(start, at);
  }

  /** A list or object begins. */
  #enter(outside: number, { depth, nodes, what }: ScanLimits): void {
    if (outside >= depth) {
      throw tooLarge(
        `${what} is nested deeper than ${depth} lists and objects`,
      );
    }
    if (++this.#nodes <= nodes) return;
    throw tooLarge(`${what} has more than ${nodes} lists and objects`);
  }
}

/** Behind a value: closes the lists and objects that end here. Returns where the next value or name begins, if one is left open. */
function closed(text: string, start: number, open: number[]): number {
  let at = start;
  while (open.length > 0) {
    at = afterSpace(text, at);
    const code = text.charCodeAt(at);
    const end = open[open.length - 1]!;
    if (code === COMMA) return afterSpace(text, at + 1);
    if (code !== end) fail(at);
    open.pop();
    at++;
  }
  return at;
}

/** Behind a name: where its value begins. */
function afterColon(text: string, start: number): number {
  const at = afterSpace(text, start);
  if (text.charCodeAt(at) !== COLON) fail(at);
  return afterSpace(text, at + 1);
}

/** Where a value ends that is no list, object or string. */
function endOfSimple(text: string, at: number, code: number): number {
  if (code === MINUS || isDigit(code)) return endOfNumber(text, at);
  for (const word of WORDS) {
    if (text.startsWith(word, at)) return at + word.length;
  }
  return fail(at);
}

/**
 * Behind a string whose first quote is before `start`; the negative of where to
 * continue, if the string goes on behind `pauseAt`.
 */
function endOfString(text: string, start: number, pauseAt: number): number {
  for (let at = start;; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) {
      const escaped = text.charCodeAt(++at);
      if (escaped === UNICODE) {
        if (!HEX.test(text.slice(at + 1, at + 5))) fail(at);
        at += 4;
      } else if (!ESCAPED.has(escaped)) fail(at);
    } else if (!(code >= SPACE)) fail(at); // at the end of the text it is NaN
    if (at >= pauseAt) return -at - 1;
  }
}

function endOfNumber(text: string, start: number): number {
  let at = start;
  if (text.charCodeAt(at) === MINUS) at++;
  if (text.charCodeAt(at) === ZERO) at++;
  else at = endOfDigits(text, at);
  if (text.charCodeAt(at) === POINT) at = endOfDigits(text, at + 1);
  if ((text.charCodeAt(at) | LOWER_CASE) !== EXPONENT) return at;
  const sign = text.charCodeAt(++at);
  return endOfDigits(text, sign === PLUS || sign === MINUS ? at + 1 : at);
}

function endOfDigits(text: string, start: number): number {
  let at = start;
  while (isDigit(text.charCodeAt(at))) at++;
  return at === start ? fail(at) : at;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function afterSpace(text: string, start: number): number {
  for (let at = start;; at++) {
    const code = text.charCodeAt(at);
    if (!(code <= SPACE)) return at; // as with nearly all
    const isSpace = code === SPACE || code === LINE_FEED ||
      code === CARRIAGE_RETURN || code === TAB;
    if (!isSpace) return at;
  }
}

function fail(at: number): never {
  throw new SyntaxError(`Unexpected character of JSON at ${at}`);
}

function tooLarge(message: string): PipelineError {
  return new PipelineError("ERR_PIPELINE_TOO_LARGE", message);
}

export const OBJECT = 0x7b;
export const END_OF_OBJECT = 0x7d;
export const LIST = 0x5b;
export const END_OF_LIST = 0x5d;
export const COMMA = 0x2c;
export const COLON = 0x3a;
/** From what a list or object begins with to what it ends with. */
const TO_END = 2;
export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const EXPONENT = 0x65;
const LOWER_CASE = 0x20;
const UNICODE = 0x75;
const SPACE = 0x20;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const HEX = /^[0-9a-fA-F]{4}$/;
const ESCAPED = new Set([...'"\\/bfnrt'].map((one) => one.charCodeAt(0)));
const WORDS = ["true", "false", "null"] as const;
