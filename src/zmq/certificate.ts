/**
 * Layer: zmq, bottom. The text of certificates for CURVE, as CZMQ, pyzmq and
 * rsyslog have them: in ZPL (RFC 4), which has sections at the left margin, and
 * `name = value` below them.
 *
 *     metadata
 *         name = "feed"
 *     curve
 *         public-key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
 *         secret-key = "…"
 *
 * @module
 */
import { ZmqError } from "./errors.ts";
import { z85Decode } from "./z85.ts";

/**
 * The keys of a peer, and what its owner noted about it.
 *
 * @see https://rfc.zeromq.org/spec/4/ (ZPL), and `zcert` of CZMQ
 */
export interface Certificate {
  /** The key to share with peers; Z85, 40 characters. */
  readonly publicKey: string;
  /** The key to keep secret, likewise; absent from a certificate for others. */
  readonly secretKey?: string;
  /** Names and values. A name has letters, digits and any of `$-_@.&+/`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The longest certificate, in characters. */
export const MAX_CERTIFICATE_LENGTH = 65_536;
/** The longest line of one: the patterns below take the square of it for many spaces. */
const MAX_LINE_LENGTH = 2048;

const NAME = /^[\w$\-@.&+/]+$/;
/** A name, and a value in double quotes, in single ones, or without any; a comment may follow. */
const LINE =
  /^([ \t]*)([\w$\-@.&+/]+)[ \t]*(?:=[ \t]*(?:"([^"]*)"|'([^']*)'|([^"'#\s]*)))?[ \t]*(?:#.*)?$/;
/** Metadata as pyzmq writes it: without quotes, whatever the value contains. */
const BARE = /^[ \t]+([\w$\-@.&+/]+)[ \t]*=[ \t]*(.*?)[ \t]*$/;

/**
 * Reads a certificate that CZMQ, pyzmq or {@link formatCertificate} wrote.
 *
 * @throws {ZmqError} `EINVAL` if the text is not a certificate, has more than
 * 65,536 characters, or 2,048 in a line, or if a key in it is not one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { zmq } from "@agentzero/agentzero";
 *
 * const { publicKey } = zmq.curveKeyPair();
 * const text = `metadata\n    role = tester\ncurve\n    public-key = "${publicKey}"\n`;
 * assertEquals(zmq.parseCertificate(text), {
 *   publicKey,
 *   metadata: { role: "tester" },
 * });
 * ```
 */
export function parseCertificate(text: string): Certificate {
  const keys = new Map<string, string>();
  const metadata = new Map<string, string>();
  let section = "";
  if (text.length > MAX_CERTIFICATE_LENGTH) {
    throw malformed(`it has more than ${MAX_CERTIFICATE_LENGTH} characters`);
  }
  for (const line of text.split(/\r?\n/)) {
    if (line.length > MAX_LINE_LENGTH) {
      throw malformed(
        `it has a line of more than ${MAX_LINE_LENGTH} characters`,
      );
    }
    if (/^\s*(#|$)/.test(line)) continue;
    const [, indent, name, ...values] = LINE.exec(line) ?? [];
    if (name !== undefined && indent === "") section = name;
    else if (section === "metadata") note(metadata, line);
    else if (name !== undefined) {
      const value = values.find((value) => value !== undefined) ?? "";
      if (section === "curve") keys.set(name, value);
    } else if (section === "curve" || !/^\s/.test(line)) {
      throw malformed("it has a line that is not ZPL");
    }
  }
  const publicKey = keyOf(keys, "public-key");
  if (publicKey === undefined) throw malformed("it has no public key");
  const secretKey = keyOf(keys, "secret-key");
  return {
    publicKey,
    ...(secretKey !== undefined && { secretKey }),
    ...(metadata.size > 0 && { metadata: Object.fromEntries(metadata) }),
  };
}

/** Keeps a line of metadata; one that is nested more deeply is skipped. */
function note(metadata: Map<string, string>, line: string): void {
  const [, , name, ...quoted] = LINE.exec(line) ?? [];
  const value = quoted.find((value) => value !== undefined);
  if (name !== undefined && value !== undefined) {
    metadata.set(name, value);
    return;
  }
  const [, bareName, bareValue] = BARE.exec(line) ?? [];
  if (bareName !== undefined) metadata.set(bareName, bareValue!);
}

function keyOf(
  keys: ReadonlyMap<string, string>,
  name: string,
): string | undefined {
  const key = keys.get(name);
  if (key !== undefined && !isKey(key)) {
    throw malformed(`its ${name} is not a key of 40 characters of Z85`);
  }
  return key;
}

function isKey(key: string): boolean {
  try {
    return key.length === 40 && z85Decode(key).byteLength === 32;
  } catch {
    return false;
  }
}

/** The error for a certificate that cannot be used. */
export function malformed(why: string): ZmqError {
  return new ZmqError("EINVAL", `Not a CURVE certificate: ${why}`);
}

/**
 * The text of a certificate, which CZMQ, pyzmq and rsyslog read. Leave the
 * secret key out of what others get.
 *
 * @throws {ZmqError} `EINVAL` if a key is not one, or ZPL cannot write the
 * metadata: no value can have both kinds of quotes, or more than one line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { zmq } from "@agentzero/agentzero";
 *
 * const certificate = {
 *   publicKey: zmq.curveKeyPair().publicKey,
 *   metadata: { name: "feed" },
 * };
 * const text = zmq.formatCertificate(certificate);
 * assertEquals(zmq.parseCertificate(text), certificate);
 * ```
 */
export function formatCertificate(certificate: Certificate): string {
  const { publicKey, secretKey, metadata = {} } = certificate;
  if (![publicKey, secretKey ?? publicKey].every(isKey)) {
    throw malformed("a key needs 40 characters of Z85");
  }
  const title = secretKey === undefined
    ? "#   ZeroMQ CURVE public certificate: give it to those who may connect"
    : "#   ZeroMQ CURVE **secret** certificate: give it to no one";
  const lines = Object.entries(metadata).map(([name, value]) =>
    `    ${checkedName(name)} = ${quoted(name, value)}`
  );
  return [
    title,
    "",
    "metadata",
    ...lines,
    "curve",
    `    public-key = "${publicKey}"`,
    ...(secretKey === undefined ? [] : [`    secret-key = "${secretKey}"`]),
    "",
  ].join("\n");
}

function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  throw malformed(
    `the name ${
      JSON.stringify(name)
    } of metadata has a character other than letters, digits and $-_@.&+/`,
  );
}

function quoted(name: string, value: string): string {
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f]/.test(value)) {
    throw malformed(`"${name}" of its metadata has a control character`);
  }
  if (!value.includes('"')) return `"${value}"`;
  if (!value.includes("'")) return `'${value}'`;
  throw malformed(`"${name}" of its metadata has both kinds of quotes`);
}
