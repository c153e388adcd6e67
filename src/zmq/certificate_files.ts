/**
 * Layer: zmq, bottom. Certificates for CURVE in files: `feed.cert` for others,
 * and beside it `feed.cert_secret` with the secret key.
 *
 * @module
 */
import {
  type Certificate,
  formatCertificate,
  malformed,
  MAX_CERTIFICATE_LENGTH,
  parseCertificate,
} from "./certificate.ts";
import { ZmqError } from "./errors.ts";

/** What the file with the secret key ends in. */
const SECRET = "_secret";

/**
 * Reads the certificate in a file: `feed.cert`, which has the public key, or
 * `feed.cert_secret`, which has both.
 *
 * @throws {ZmqError} `EINVAL` if the file is not a certificate; the code of the
 * runtime, such as `ENOENT` or `EACCES`, if it cannot be read.
 *
 * @example
 * ```ts no-run
 * import { zmq } from "@agentzero/agentzero";
 *
 * const { secretKey } = await zmq.readCertificate("feed.cert_secret");
 * const clients = await zmq.readCertificates("clients");
 * await using publisher = new zmq.Publisher({
 *   curveServer: true,
 *   curveSecretKey: secretKey!,
 *   curveAllowedKeys: clients.map(({ publicKey }) => publicKey),
 * });
 * ```
 */
export async function readCertificate(path: string): Promise<Certificate> {
  return await naming(
    path,
    "read",
    async () => parseCertificate(await readText(path)),
  );
}

/** Reads no more than a certificate may have: the file may be a device, or a log. */
async function readText(path: string): Promise<string> {
  const { open } = await import("node:fs/promises");
  const file = await open(path);
  try {
    const bytes = new Uint8Array(MAX_CERTIFICATE_LENGTH + 1);
    let length = 0;
    for (;;) {
      const rest = bytes.byteLength - length;
      const { bytesRead } = await file.read(bytes, length, rest);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return new TextDecoder().decode(bytes.subarray(0, length));
  } finally {
    await file.close();
  }
}

/**
 * Reads the certificates of a folder, in the order of their file names: a list
 * of those who may connect. Hidden files, files that end in `_secret`, and what is
 * no file, such as folders and pipes, are skipped.
 *
 * @throws {ZmqError} As {@link readCertificate}, for the first file that is not
 * a certificate.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { zmq } from "@agentzero/agentzero";
 *
 * const folder = await mkdtemp(join(tmpdir(), "certificates-"));
 * const keys = zmq.curveKeyPair();
 * await zmq.writeCertificate(join(folder, "ada.cert"), keys);
 * const [ada] = await zmq.readCertificates(folder);
 * assertEquals(ada, { publicKey: keys.publicKey });
 * await rm(folder, { recursive: true });
 * ```
 */
export async function readCertificates(folder: string): Promise<Certificate[]> {
  const { readdir, stat } = await import("node:fs/promises");
  const names = await naming(folder, "read", () => readdir(folder));
  const certificates: Certificate[] = [];
  // One after the other: many open files at once are too many.
  for (const name of names.sort()) {
    if (name.startsWith(".") || name.endsWith(SECRET)) continue;
    const path = `${folder}/${name}`;
    const entry = await naming(path, "read", () => stat(path));
    // To open a pipe would wait for somebody who writes.
    if (entry.isFile()) certificates.push(await readCertificate(path));
  }
  return certificates;
}

/**
 * Writes a pair of keys as two files that must not exist yet: `path`, with the
 * public key, and `path` + `_secret`, with both, which only its owner can read
 * (mode 0600; on Windows the folder decides).
 *
 * @throws {ZmqError} `EINVAL` without a secret key, or as
 * {@link formatCertificate}; `EEXIST` if either file exists, and then none is
 * written; other codes of the runtime, such as `EACCES`.
 *
 * @example
 * ```ts no-run
 * import { zmq } from "@agentzero/agentzero";
 *
 * await zmq.writeCertificate("feed.cert", {
 *   ...zmq.curveKeyPair(),
 *   metadata: { name: "feed" },
 * }); // feed.cert and feed.cert_secret
 * ```
 */
export async function writeCertificate(
  path: string,
  certificate: Certificate,
): Promise<void> {
  if (certificate.secretKey === undefined) {
    throw malformed("to write a pair of files, it needs its secret key");
  }
  const secretText = formatCertificate(certificate);
  const publicText = formatCertificate({
    ...certificate,
    secretKey: undefined,
  });
  const { rm, writeFile } = await import("node:fs/promises");
  const secretPath = `${path}${SECRET}`;
  const write = (path: string, text: string, mode: number) =>
    naming(path, "write", () => writeFile(path, text, { mode, flag: "wx" }));
  await write(secretPath, secretText, 0o600);
  try {
    await write(path, publicText, 0o644);
  } catch (error) {
    await rm(secretPath); // half a pair would block the next attempt
    throw error;
  }
}

/** Runs what uses a file; its errors name the file. */
async function naming<T>(
  path: string,
  verb: "read" | "write",
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const { code = "EACCES", message } = Object(cause);
    throw new ZmqError(
      code,
      `Cannot ${verb} the certificate "${path}": ${message}`,
      { cause },
    );
  }
}
