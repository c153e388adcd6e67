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
  const { readFile } = await import("node:fs/promises");
  return await naming(path, "read", async () => {
    const text = await readFile(path, "utf8");
    return parseCertificate(text.replace(/^\ufeff/, ""));
  });
}

/**
 * Reads the certificates of a folder, in the order of their file names: a list
 * of those who may connect. Hidden files, folders, and files that end in
 * `_secret` are skipped.
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
  const { readdir } = await import("node:fs/promises");
  const entries = await naming(
    folder,
    "read",
    () => readdir(folder, { withFileTypes: true }),
  );
  const names = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => !name.startsWith(".") && !name.endsWith(SECRET));
  return await Promise.all(
    names.sort().map((name) => readCertificate(`${folder}/${name}`)),
  );
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
