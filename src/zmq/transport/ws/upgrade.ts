/**
 * Layer: transport. The HTTP requests with which a WebSocket begins (RFC 6455,
 * section 4), from both ends. Bytes in, bytes out; no I/O.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { Buffer } from "node:buffer";
import { EMPTY } from "../../bytes.ts";
import { ZmqError } from "../../errors.ts";
import { excerpt } from "../../escape.ts";
import { BytePile } from "./byte_pile.ts";
import type { WireOptions } from "../wire.ts";
import { BARE, isBare, type Subprotocol } from "./subprotocol.ts";

/** No request or response may have more bytes; browsers may send large cookies. */
const MAX_HEAD = 65_536;
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  426: "Upgrade Required",
};

/** How an upgrade ended. */
export interface UpgradeResult {
  /** What to send to the peer. */
  readonly answer: Uint8Array;
  /** What is spoken from now on, and the options of the socket that speaks; undefined if the upgrade failed. */
  readonly agreed:
    | { readonly subprotocol: Subprotocol; readonly options: WireOptions }
    | undefined;
  /** Why it failed. */
  readonly error: ZmqError | undefined;
  /** The bytes of the peer after it. */
  readonly rest: Uint8Array;
}

/** One side of an upgrade. */
export interface Upgrade {
  /** What to send first. */
  readonly request: Uint8Array;
  /** Takes bytes from the peer; returns the result once it is there. */
  receive(chunk: Uint8Array): UpgradeResult | undefined;
}

/** The response of a server was not what the client needs. */
export class UpgradeError extends ZmqError {
  /** The status code of HTTP; 0 if there is none. */
  readonly status: number;

  /** @param status The status code of HTTP; 0 if there is none. */
  constructor(message: string, status = 0) {
    super("EPROTO", message);
    this.status = status;
  }
}

/** The head of a message of HTTP. */
export interface Head {
  /** Its first line. */
  readonly start: string;
  /** The values of each header, its name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Collects the head of a message of HTTP. */
class HeadReader {
  readonly #pile: BytePile = new BytePile();

  /** @returns The head and the bytes after it, once it is complete. @throws {UpgradeError} It is malformed or too large. */
  receive(chunk: Uint8Array): { head: Head; rest: Uint8Array } | undefined {
    const before = this.#pile.size;
    this.#pile.add(chunk);
    const bytes = this.#pile.room(0);
    if (this.#pile.size > 0 && !isCapital(bytes[0]!)) {
      throw new UpgradeError("It is not HTTP, but perhaps TLS", 400);
    }
    for (let at = Math.max(0, before - 3); at + 3 < this.#pile.size; at++) {
      const isEnd = bytes[at] === 13 && bytes[at + 1] === 10 &&
        bytes[at + 2] === 13 && bytes[at + 3] === 10;
      if (!isEnd) continue;
      if (at > MAX_HEAD) break;
      const all = this.#pile.take();
      const text = Buffer.from(all.subarray(0, at)).toString("latin1");
      return { head: parse(text), rest: all.subarray(at + 4) };
    }
    if (this.#pile.size <= MAX_HEAD) return undefined;
    throw new UpgradeError(`The head is larger than ${MAX_HEAD} bytes`, 400);
  }
}

/** Whether a byte is a letter with which a request or response begins. */
function isCapital(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function parse(text: string): Head {
  const [start, ...lines] = text.split("\r\n");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    if (colon < 1 || /[^!#$%&'*+.^_`|~0-9a-z-]/.test(name)) {
      throw new UpgradeError("The head has a malformed line", 400);
    }
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { start: start!, headers };
}

/** Whether a list of words separated by commas has a word. */
function has(list: string | undefined, word: string): boolean {
  return wordsOf(list).some((one) => one.toLowerCase() === word);
}

function wordsOf(list: string | undefined): string[] {
  return (list ?? "").split(",").map((word) => word.trim());
}

function acceptOf(key: string): string {
  return createHash("sha1").update(key + GUID).digest("base64");
}

function textBytes(lines: readonly string[]): Uint8Array {
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

/** The side that connects. */
export class ClientUpgrade implements Upgrade {
  readonly request: Uint8Array;
  readonly #head: HeadReader = new HeadReader();
  readonly #key: string = randomBytes(16).toString("base64");
  readonly #offers: readonly Subprotocol[];
  readonly #options: WireOptions;

  /**
   * @param host The host and port of the address.
   * @param path Its path with the query.
   */
  constructor(
    host: string,
    path: string,
    offers: readonly Subprotocol[],
    options: WireOptions,
  ) {
    this.#offers = offers;
    this.#options = options;
    this.request = textBytes([
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${this.#key}`,
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Protocol: ${offers.map(({ name }) => name).join(",")}`,
    ]);
  }

  receive(chunk: Uint8Array): UpgradeResult | undefined {
    const result = this.#head.receive(chunk);
    if (result === undefined) return undefined;
    const { head, rest } = result;
    const agreed = { subprotocol: this.#check(head), options: this.#options };
    return { answer: EMPTY, agreed, error: undefined, rest };
  }

  #check({ start, headers }: Head): Subprotocol {
    const status = /^HTTP\/1\.1 (\d{3})(?: (.*))?$/.exec(start);
    if (status === null) throw new UpgradeError("The server speaks no HTTP");
    if (status[1] !== "101") {
      throw new UpgradeError(
        `The server refused the WebSocket: ${
          excerpt(status.slice(1).join(" "))
        }`,
        Number(status[1]),
      );
    }
    const isUpgraded = has(headers.get("upgrade"), "websocket") &&
      has(headers.get("connection"), "upgrade") &&
      headers.get("sec-websocket-accept") === acceptOf(this.#key);
    if (!isUpgraded) {
      throw new UpgradeError("The server's upgrade is not that of a WebSocket");
    }
    if (headers.has("sec-websocket-extensions")) {
      throw new UpgradeError("The server uses an extension of WebSocket");
    }
    const name = headers.get("sec-websocket-protocol");
    const chosen = this.#offers.find((one) => one.name === name);
    if (chosen !== undefined) return chosen;
    throw new UpgradeError(
      `The server speaks ${
        name === undefined ? "no subprotocol" : `"${excerpt(name)}"`
      }, expected ${this.#offers.map((one) => `"${one.name}"`).join(" or ")}`,
    );
  }
}

/** What a server accepts at a path. */
export interface Route {
  readonly subprotocols: readonly Subprotocol[];
  readonly options: WireOptions;
  /** Whether pages of an origin may connect. */
  allows(origin: string): boolean;
}

/** The side that was connected to. */
export class ServerUpgrade<R extends Route> implements Upgrade {
  readonly request: Uint8Array = EMPTY;
  /** Where the client wants to go, once that is known. */
  route: R | undefined;
  readonly #head: HeadReader = new HeadReader();
  readonly #routeAt: (path: string) => R | undefined;
  #given: { readonly head: Head; readonly rest: Uint8Array } | undefined;

  /**
   * @param routeAt What is at a path.
   * @param given The request, and what follows it, if they have arrived.
   */
  constructor(
    routeAt: (path: string) => R | undefined,
    given?: { readonly head: Head; readonly rest: Uint8Array },
  ) {
    this.#routeAt = routeAt;
    this.#given = given;
  }

  receive(chunk: Uint8Array): UpgradeResult | undefined {
    try {
      const result = this.#given ?? this.#head.receive(chunk);
      if (result === undefined) return undefined;
      this.#given = undefined;
      const { head, rest } = result;
      const route = this.route = findRoute(head, this.#routeAt);
      const subprotocol = choose(route, head);
      const answer = textBytes([
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        `Sec-WebSocket-Accept: ${
          acceptOf(head.headers.get("sec-websocket-key")!)
        }`,
        `Sec-WebSocket-Protocol: ${subprotocol.name}`,
      ]);
      const agreed = { subprotocol, options: route.options };
      return { answer, agreed, error: undefined, rest };
    } catch (error) {
      if (!(error instanceof UpgradeError)) throw error;
      const answer = refusal(error.status);
      return { answer, agreed: undefined, error, rest: EMPTY };
    }
  }
}

/**
 * What is at the path of a request.
 *
 * @throws {UpgradeError} Nothing is, or the client asks for no WebSocket.
 */
export function findRoute<R extends Route>(
  { start, headers }: Head,
  routeAt: (path: string) => R | undefined,
): R {
  const target = /^GET (\S+) HTTP\/1\.1$/.exec(start)?.[1];
  if (target === undefined) {
    const message = "The client's request is not GET of HTTP/1.1";
    throw new UpgradeError(message, 400);
  }
  const isUpgrade = has(headers.get("upgrade"), "websocket") &&
    has(headers.get("connection"), "upgrade");
  const isVersion = headers.get("sec-websocket-version") === "13";
  if (!isUpgrade || !isVersion) {
    throw new UpgradeError("The client asks for no WebSocket", 426);
  }
  if (!/^[A-Za-z0-9+/]{22}==$/.test(headers.get("sec-websocket-key") ?? "")) {
    throw new UpgradeError("The client's Sec-WebSocket-Key is invalid", 400);
  }
  const path = pathOf(target);
  const route = routeAt(path);
  if (route !== undefined) return route;
  throw new UpgradeError(
    `The client asks for a path that is not bound: ${excerpt(path)}`,
    404,
  );
}

/** The path of a request, without its query. */
export function pathOf(target: string): string {
  return target.replace(/^[a-z]+:\/\/[^/?]*/i, "").replace(/\?.*$/, "");
}

/**
 * The subprotocol to speak. A client that names another mechanism gets 403: it
 * would take 400 for that of a server that refuses any name with a slash, and
 * offer the bare one.
 *
 * @throws {UpgradeError} There is none, or the client's page may not connect.
 */
export function choose(
  { subprotocols, allows }: Route,
  { headers }: Head,
): Subprotocol {
  const origin = headers.get("origin");
  if (origin !== undefined && !allows(origin)) {
    const message = `Pages of "${excerpt(origin)}" may not connect`;
    throw new UpgradeError(message, 403);
  }
  const offered = wordsOf(headers.get("sec-websocket-protocol"));
  const chosen = subprotocols.find(({ name }) => offered.includes(name));
  const isOther = offered.some((name) => name.startsWith(`${BARE}/`));
  const isMismatch = chosen !== undefined && isBare(chosen) && isOther;
  if (chosen !== undefined && !isMismatch) return chosen;
  throw new UpgradeError(
    `The client offers the subprotocols "${
      excerpt(offered.join(", "))
    }", expected ${subprotocols.map(({ name }) => `"${name}"`).join(" or ")}`,
    isOther ? 403 : 400,
  );
}

function refusal(status: number): Uint8Array {
  return textBytes([
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    "Connection: close",
    "Content-Length: 0",
    ...Object.entries(refusalHeaders(status)).map((pair) => pair.join(": ")),
  ]);
}

/** The headers that belong to the status of a refusal. */
export function refusalHeaders(status: number): Record<string, string> {
  return status === 426
    ? { "Upgrade": "websocket", "Sec-WebSocket-Version": "13" }
    : {};
}
