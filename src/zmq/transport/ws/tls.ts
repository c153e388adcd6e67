/**
 * Layer: transport. TLS around a connection of TCP, by `node:tls`, which all
 * three runtimes have. Certificates of servers are always verified.
 *
 * What the options have is checked by `node:crypto` before it is used: not every
 * runtime's `createSecureContext` does, so a wrong key would show with the first
 * peer only.
 *
 * @module
 */
import type { Socket } from "node:net";
import process from "node:process";
import { ZmqError } from "../../errors.ts";
import type { OptionName } from "../../options/values.ts";
import { net } from "../net.ts";
import { wireError } from "../net_wire.ts";
import type { WireOptions } from "../wire.ts";

type TlsModule = typeof import("node:tls");
type CryptoModule = typeof import("node:crypto");

function tls(): TlsModule {
  return process.getBuiltinModule("node:tls");
}

function crypto(): CryptoModule {
  return process.getBuiltinModule("node:crypto");
}

/** The options that only `wss` uses. */
const TLS_OPTIONS: readonly OptionName[] = [
  "tlsCert",
  "tlsKey",
  "tlsCa",
  "tlsHostname",
];

/** Those of them that are about the certificates of servers. */
const OF_CLIENTS: readonly OptionName[] = ["tlsCa", "tlsHostname"];

/**
 * Rejects options of TLS for an address where they would protect nothing.
 *
 * @throws {ZmqError} `EINVAL`.
 */
export function refuseTls(address: string, options: WireOptions): void {
  for (const name of TLS_OPTIONS) {
    if (options[name] === null) continue;
    throw invalid(
      address,
      `the option ${name} has no effect without encryption: use wss://`,
    );
  }
}

/**
 * Checks the options of TLS for an address.
 *
 * @throws {ZmqError} `EINVAL` if one is missing, malformed, or would protect
 *   nothing.
 */
export function requireTls(
  address: string,
  use: "bind" | "connect",
  options: WireOptions,
): void {
  const { tlsCert, tlsKey, tlsCa } = options;
  if (use === "bind") {
    const unused = OF_CLIENTS.find((name) => options[name] !== null);
    if (unused !== undefined) {
      throw invalid(
        address,
        `the option ${unused} checks servers only; clients are authenticated by CURVE or PLAIN`,
      );
    }
  }
  if (tlsCert !== null && tlsKey !== null) {
    requirePair(address, tlsCert, tlsKey);
  }
  if (tlsCa !== null) {
    for (const one of certificatesOf(tlsCa)) certificate(address, "tlsCa", one);
  }
}

function requirePair(address: string, cert: string, key: string): void {
  const [own = cert] = certificatesOf(cert);
  const first = certificate(address, "tlsCert", own);
  let secret;
  try {
    secret = crypto().createPrivateKey(key);
  } catch {
    // The cause could show a part of the key.
    throw invalid(address, "the option tlsKey is not a private key in PEM");
  }
  if (first.checkPrivateKey(secret)) return;
  throw invalid(address, "tlsKey is not the private key of tlsCert");
}

function certificate(address: string, name: OptionName, pem: string) {
  try {
    return new (crypto().X509Certificate)(pem);
  } catch {
    throw invalid(address, `the option ${name} is not a certificate in PEM`);
  }
}

/** The certificates in a text; the text if there are none. */
function certificatesOf(pem: string): readonly string[] {
  const found = pem.match(
    /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g,
  );
  return found ?? [pem];
}

function invalid(address: string, why: string): ZmqError {
  return new ZmqError("EINVAL", `Cannot use "${address}": ${why}`, { address });
}

/**
 * What encrypts the connections of a server.
 *
 * @throws {ZmqError} `EINVAL` if there is no certificate.
 */
export function serverTls(
  address: string,
  { tlsCert, tlsKey }: WireOptions,
): (socket: Socket) => Socket {
  if (tlsCert === null || tlsKey === null) {
    throw invalid(address, "it needs the options tlsCert and tlsKey");
  }
  const { TLSSocket, createSecureContext } = tls();
  const secureContext = createSecureContext({ cert: tlsCert, key: tlsKey });
  return (socket) => {
    socket.on("error", () => {}); // the encrypted one reports it, too
    const secure = new TLSSocket(socket, { isServer: true, secureContext });
    followPauses(socket, secure);
    return secure;
  };
}

/** What the handle of a socket has on Deno and Node. */
interface Reading {
  readonly _handle?: { readStop?(): void; readStart?(): void } | null;
}

/**
 * On Deno (2.9) the `pause` of a TLS socket does not stop reading from the
 * connection under it, so a peer could fill the memory.
 */
function followPauses(socket: Socket & Reading, secure: Socket): void {
  if (!("Deno" in globalThis)) return;
  secure.on("pause", () => socket._handle?.readStop?.()).on("resume", () => {
    // The event comes a tick later.
    if (!secure.isPaused()) socket._handle?.readStart?.();
  });
}

/**
 * Encrypts the connection of a client.
 *
 * @param host The host of the address.
 * @throws {ZmqError} `ERR_TLS_…`.
 */
export function connectTls(
  address: string,
  host: string,
  socket: Socket,
  options: WireOptions,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const secure = startTls(host, socket, options);
    const settle = () => {
      signal.removeEventListener("abort", onAbort);
      secure.off("secureConnect", onSecure).off("close", onClose);
      secure.off("error", onError);
    };
    const fail = (error: Error) => {
      settle();
      secure.on("error", () => {}).destroy();
      socket.on("error", () => {}).destroy();
      reject(error);
    };
    const onAbort = () => fail(signal.reason);
    const onError = (error: Error) =>
      fail(tlsError("connect to", address, error));
    const onClose = () =>
      onError(new Error("the server closed the connection"));
    const onSecure = () => {
      settle();
      resolve(secure);
    };
    secure.on("secureConnect", onSecure).on("error", onError);
    secure.on("close", onClose).unref();
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
}

function startTls(host: string, socket: Socket, options: WireOptions): Socket {
  const { tlsHostname, tlsCert, tlsKey } = options;
  const name = tlsHostname ?? host.replace(/%.*$/, "");
  const authorities = authoritiesOf(options);
  const secure = tls().connect({
    socket,
    host: name,
    ...net().isIP(name) === 0 && { servername: name },
    ...authorities && { ca: authorities },
    ...tlsCert !== null && { cert: tlsCert, key: tlsKey! },
  });
  followPauses(socket, secure);
  return secure;
}

/** The certificates to trust; undefined for those that the runtime trusts. */
function authoritiesOf(
  { tlsCa, tlsTrustSystem }: WireOptions,
): string[] | undefined {
  if (tlsCa === null) return undefined;
  if (!tlsTrustSystem) return [tlsCa];
  const { getCACertificates, rootCertificates } = tls();
  return [...getCACertificates?.("default") ?? rootCertificates, tlsCa];
}

const DATE = "ERR_TLS_CERT_DATE";
const UNTRUSTED = "ERR_TLS_CERT_UNTRUSTED";

/** Our codes, by those of OpenSSL and `node:tls`. */
const CODES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: DATE,
  CERT_NOT_YET_VALID: DATE,
  ERR_TLS_CERT_ALTNAME_INVALID: "ERR_TLS_CERT_HOST",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  INVALID_CA: UNTRUSTED,
};

const REASONS: Readonly<Record<string, string>> = {
  [DATE]: "the server's certificate has expired or is not valid yet",
  ERR_TLS_CERT_HOST: "the server's certificate is for another host",
  [UNTRUSTED]:
    "the server's certificate is not from a trusted authority (option tlsCa)",
};

/** Turns an error of TLS into one of ours; others keep the code of the system. */
export function tlsError(
  what: string,
  address: string,
  error: Error & { readonly code?: string },
): ZmqError {
  const { code = "", message } = error;
  if (/^E[A-Z0-9]+$/.test(code)) return wireError(what, address, error);
  const own = CODES[code] ?? "ERR_TLS";
  const known = REASONS[own];
  const reason = known === undefined
    ? `TLS failed: ${message}`
    : `${known}: ${message}`;
  return new ZmqError(own, `Cannot ${what} "${address}": ${reason}`, {
    address,
    reason,
    cause: error,
  });
}
