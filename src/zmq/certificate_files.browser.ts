/**
 * Layer: zmq, bottom. Certificates for CURVE in files, of which a browser has
 * none; `certificate.ts` reads and writes their text.
 *
 * @module
 */
import type { Certificate } from "./certificate.ts";
import { ZmqError } from "./errors.ts";

/** @throws {ZmqError} `ENOTSUP`. */
export function readCertificate(_path: string): Promise<Certificate> {
  return Promise.reject(noFiles());
}

/** @throws {ZmqError} `ENOTSUP`. */
export function readCertificates(_folder: string): Promise<Certificate[]> {
  return Promise.reject(noFiles());
}

/** @throws {ZmqError} `ENOTSUP`. */
export function writeCertificate(
  _path: string,
  _certificate: Certificate,
): Promise<void> {
  return Promise.reject(noFiles());
}

function noFiles(): ZmqError {
  return new ZmqError(
    "ENOTSUP",
    "A browser has no files to read or write certificates",
  );
}
