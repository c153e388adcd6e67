/**
 * Test support. The certificates of `tests/fixtures/tls`.
 *
 * @module
 */
import { readFileSync } from "node:fs";

/** A file of the folder, as text. */
export function pem(name: string): string {
  const url = new URL(`../../../fixtures/tls/${name}`, import.meta.url);
  return readFileSync(url, "utf8");
}

/** The options of a server at `localhost` or 127.0.0.1. */
export const SERVER = { tlsCert: pem("server.pem"), tlsKey: pem("server.key") };

/** The options of a client that trusts it. */
export const CLIENT = { tlsCa: pem("ca.pem") };
