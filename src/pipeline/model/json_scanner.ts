/**
 * Layer: pipeline/model. Checks JSON text without making values of it, and finds
 * where its parts end. `JSON.parse` takes up to a second for 10 MB of names, and
 * several times their memory; this takes about the same time for each character,
 * whatever it is, and no memory.
 *
 * @module
 */
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
    this.#at = endOfString(this.#text, start);
    return this.#text.slice(start, this.#at);
  }

  /**
   * Goes behind the value here, and returns its text.
   *
   * @throws {SyntaxError} It is not JSON.
   * @throws {PipelineError} `ERR_PIPELINE_TOO_LARGE`.
   */
  value(): string {
    const text = this.#text;
    /** What the lists and objects around this place end with. */
    const open: number[] = [];
    const start = afterSpace(text, this.#at);
    let at = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === LIST || code === OBJECT) {
        this.#enter(open.length);
        at = afterSpace(text, at + 1);
        const end = code + TO_END;
        if (text.charCodeAt(at) !== end) {
          open.push(end);
          if (code === OBJECT) at = endOfName(text, at);
          continue; // its first value is next
        }
        at++; // it is empty
      } else at = endOfSimple(text, at, code);
      at = closed(text, at, open);
      if (open.length > 0) continue; // another value follows
      this.#at = at;
      return text.slice(start, at);
    }
  }

  /** A list or object begins. */
  #enter(outside: number): void {
    const { depth, nodes, what } = this.#limits;
    if (outside >= depth) {
      throw tooLarge(
        `${what} is nested deeper than ${depth} lists and objects`,
      );
    }
    if (++this.#nodes <= nodes) return;
    throw tooLarge(`${what} has more than ${nodes} lists and objects`);
  }
}

/** Behind a value: closes the lists and objects that end here. Returns where the next value begins, if one is left open. */
function closed(text: string, start: number, open: number[]): number {
  let at = start;
  while (open.length > 0) {
    at = afterSpace(text, at);
    const code = text.charCodeAt(at);
    const end = open[open.length - 1]!;
    if (code === COMMA) {
      at = afterSpace(text, at + 1);
      return end === END_OF_OBJECT ? endOfName(text, at) : at;
    }
    if (code !== end) fail(at);
    open.pop();
    at++;
  }
  return at;
}

/** Where the value begins that has the name here. */
function endOfName(text: string, start: number): number {
  const at = afterSpace(text, endOfString(text, start));
  if (text.charCodeAt(at) !== COLON) fail(at);
  return afterSpace(text, at + 1);
}

/** Where a value ends that is no list or object. */
function endOfSimple(text: string, at: number, code: number): number {
  if (code === QUOTE) return endOfString(text, at);
  if (code === MINUS || isDigit(code)) return endOfNumber(text, at);
  for (const word of WORDS) {
    if (text.startsWith(word, at)) return at + word.length;
  }
  return fail(at);
}

function endOfString(text: string, start: number): number {
  let at = start;
  if (text.charCodeAt(at) !== QUOTE) fail(at);
  for (;;) {
    const code = text.charCodeAt(++at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) {
      const escaped = text.charCodeAt(++at);
      if (escaped === UNICODE) {
        if (!HEX.test(text.slice(at + 1, at + 5))) fail(at);
        at += 4;
      } else if (!ESCAPED.has(escaped)) fail(at);
    } else if (!(code >= SPACE)) fail(at); // at the end of the text it is NaN
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
const QUOTE = 0x22;
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
