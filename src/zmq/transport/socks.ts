/**
 * Layer: transport. The client side of SOCKS5 (RFC 1928), with user name and
 * password (RFC 1929), as a state machine: bytes in, bytes out, no I/O.
 *
 *     greeting ──method──▶ [login ──accepted──▶] request ──reply──▶ done
 *
 * Host names are resolved by the proxy. What the proxy sends is checked byte by
 * byte, and never more is stored than its longest reply.
 *
 * @module
 */
import { allocate, concat, EMPTY, encodeText } from "../bytes.ts";
import { ipBytes } from "./ip_bytes.ts";

const VERSION = 5;
const LOGIN_VERSION = 1;
const NO_LOGIN = 0;
const USER_AND_PASSWORD = 2;
const NO_METHOD = 0xff;
const CONNECT = 1;
const IPV4 = 1;
const DOMAIN = 3;
const IPV6 = 4;

/** RFC 1928, section 6: why the proxy could not connect. */
const REPLIES: readonly (readonly [code: string, reason: string])[] = [
  ["", ""],
  ["ECONNABORTED", "the proxy has failed"],
  ["EACCES", "the proxy does not allow it"],
  ["ENETUNREACH", "the proxy cannot reach the network"],
  ["EHOSTUNREACH", "the proxy cannot reach the host"],
  ["ECONNREFUSED", "the host refused the connection"],
  ["ETIMEDOUT", "the proxy's attempt timed out"],
  ["ENOTSUP", "the proxy does not connect"],
  ["ENOTSUP", "the proxy does not know this kind of address"],
];

/** The proxy refuses to connect, or does not speak SOCKS5. */
export class SocksError extends Error {
  override readonly name = "SocksError";
  /** The stable code to match on. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The target and the credentials. */
export interface SocksRequest {
  /** A name, an IPv4 or an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** Null for a proxy without authentication. */
  readonly username: string | null;
  readonly password: string | null;
}

/** The handshake of one connection to a proxy. */
export class SocksClient {
  readonly #request: SocksRequest;
  readonly #address: Uint8Array;
  #state: "method" | "login" | "reply" | "done" = "method";
  #received: Uint8Array = EMPTY;

  /** @throws {SocksError} `EINVAL` if SOCKS5 cannot express the host. */
  constructor(request: SocksRequest) {
    this.#request = request;
    this.#address = encodeAddress(request.host);
  }

  /** Whether the proxy has connected. */
  get isDone(): boolean {
    return this.#state === "done";
  }

  /** Bytes received after the proxy's last reply: they come from the host. */
  get rest(): Uint8Array {
    return this.#received;
  }

  /** The first bytes to send. */
  open(): Uint8Array {
    return this.#request.username === null
      ? Uint8Array.of(VERSION, 1, NO_LOGIN)
      : Uint8Array.of(VERSION, 2, NO_LOGIN, USER_AND_PASSWORD);
  }

  /**
   * Handles bytes of the proxy.
   *
   * @returns The bytes to send next, if there are any.
   * @throws {SocksError} The proxy refuses to connect, or does not speak
   *   SOCKS5.
   */
  receive(chunk: Uint8Array): Uint8Array | undefined {
    this.#received = concat([this.#received, chunk]);
    const bytes = this.#received;
    switch (this.#state) {
      case "method":
        check(bytes, 0, VERSION, "the version");
        return bytes.byteLength < 2 ? undefined : this.#chosen(bytes[1]!);
      case "login":
        check(bytes, 0, LOGIN_VERSION, "the version of the login");
        if (bytes.byteLength < 2) return undefined;
        if (bytes[1] !== 0) {
          throw new SocksError("EACCES", "the proxy refused user or password");
        }
        return this.#ask();
      case "reply":
        this.#readReply(bytes);
        return undefined;
      case "done":
        return undefined;
    }
  }

  #chosen(method: number): Uint8Array {
    const { username, password } = this.#request;
    if (method === NO_LOGIN) return this.#ask();
    if (method === USER_AND_PASSWORD && username !== null) {
      this.#answered();
      this.#state = "login";
      const name = encodeText(username);
      const secret = encodeText(password ?? "");
      return concat([
        Uint8Array.of(LOGIN_VERSION, name.byteLength),
        name,
        Uint8Array.of(secret.byteLength),
        secret,
      ]);
    }
    if (method === NO_METHOD) {
      const what = username === null
        ? "wants a user and a password, or more"
        : "wants another kind of login";
      throw new SocksError("EACCES", `the proxy ${what}`);
    }
    throw unexpected("the method", method);
  }

  #ask(): Uint8Array {
    this.#answered();
    this.#state = "reply";
    const { port } = this.#request;
    return concat([
      Uint8Array.of(VERSION, CONNECT, 0),
      this.#address,
      Uint8Array.of(port >> 8, port & 0xff),
    ]);
  }

  #readReply(bytes: Uint8Array): void {
    check(bytes, 0, VERSION, "the version");
    if (bytes.byteLength < 2) return;
    const reply = bytes[1]!;
    if (reply !== 0) {
      const [code, reason] = REPLIES[reply] ??
        ["EPROTO", `the proxy failed with the unknown code ${reply}`];
      throw new SocksError(code, reason);
    }
    check(bytes, 2, 0, "the reserved byte");
    if (bytes.byteLength < 5) return;
    const size = 4 + addressSize(bytes[3]!, bytes[4]!) + 2;
    if (bytes.byteLength < size) return;
    this.#received = bytes.subarray(size);
    this.#state = "done";
  }

  /** A complete reply of two bytes; nothing may follow it. */
  #answered(): void {
    if (this.#received.byteLength > 2) {
      throw new SocksError("EPROTO", "the proxy answers before the request");
    }
    this.#received = EMPTY;
  }
}

/** The type of the address, then the address (RFC 1928, section 5). */
function encodeAddress(host: string): Uint8Array {
  const ip = ipBytes(host);
  if (ip !== undefined) {
    const type = ip.byteLength === 4 ? IPV4 : IPV6;
    return concat([Uint8Array.of(type), ip]);
  }
  const name = encodeText(host);
  if (host.includes(":") || name.byteLength > 255) {
    throw new SocksError("EINVAL", `a proxy cannot be asked for "${host}"`);
  }
  const bytes = allocate(2 + name.byteLength);
  bytes[0] = DOMAIN;
  bytes[1] = name.byteLength;
  bytes.set(name, 2);
  return bytes;
}

function addressSize(type: number, firstByte: number): number {
  if (type === IPV4) return 4;
  if (type === IPV6) return 16;
  if (type === DOMAIN) return 1 + firstByte;
  throw unexpected("the type of its address", type);
}

function check(
  bytes: Uint8Array,
  at: number,
  expected: number,
  what: string,
): void {
  const found = bytes[at];
  if (found !== undefined && found !== expected) throw unexpected(what, found);
}

function unexpected(what: string, found: number): SocksError {
  return new SocksError(
    "EPROTO",
    `the proxy does not speak SOCKS5: ${what} is ${found}`,
  );
}
