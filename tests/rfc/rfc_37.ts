/**
 * Test support. The clauses of RFC 37, and with them those of RFC 23 that are
 * the same.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";
import { CONNECTING, HANDSHAKING } from "./rfc_37_connection.ts";
import { SOCKETS } from "./rfc_37_sockets.ts";

/** ZMTP 3.1. */
export const RFC_37: Rfc = {
  number: 37,
  name: "ZMTP 3.1",
  sections: [...CONNECTING, ...HANDSHAKING, ...SOCKETS],
};
