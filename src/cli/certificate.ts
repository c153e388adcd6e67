/**
 * Layer: cli. CURVE certificates as CZMQ, pyzmq and rsyslog store them, in ZPL
 * (RFC 4): sections at the left margin, and below them `name = value`.
 *
 *     curve
 *         public-key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
 *         secret-key = "…"
 *
 * @module
 */

/** The keys of a certificate. */
export interface Certificate {
  /** In Z85. */
  readonly publicKey: string;
  /** In Z85; only in the file that ends in `_secret`. */
  readonly secretKey: string | undefined;
}

/** A name, and a value in double quotes, in single ones, or without any; a comment may follow. */
const LINE =
  /^([ \t]*)([\w$\-@.&+/]+)[ \t]*(?:=[ \t]*(?:"([^"]*)"|'([^']*)'|([^"'#\s]*)))?[ \t]*(?:#.*)?$/;

/** The keys of a certificate; `undefined` if the text is not one. */
export function certificateOf(text: string): Certificate | undefined {
  const keys = new Map<string, string>();
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, indent, name, double, single, bare] = LINE.exec(line) ?? [];
    if (name === undefined) {
      // Unquoted metadata may contain anything; the section of keys may not.
      if (section === "curve" || !/^\s/.test(line)) return undefined;
    } else if (indent === "") section = name;
    else if (section === "curve") {
      keys.set(name, double ?? single ?? bare ?? "");
    }
  }
  const publicKey = keys.get("public-key");
  return publicKey === undefined
    ? undefined
    : { publicKey, secretKey: keys.get("secret-key") };
}
