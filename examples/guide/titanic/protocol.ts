/**
 * Example: titanic. The names and codes of the Titanic Service Protocol (RFC 9).
 *
 * @module
 */

/** The services that a titanic offers at a broker. */
export const SERVICES = {
  /** Service name, body → status, id. */
  request: "titanic.request",
  /** Id → status, body of the reply. */
  reply: "titanic.reply",
  /** Id → status. */
  close: "titanic.close",
} as const;

/** The status frames; only the digits count. */
export const STATUS = {
  ok: "200 OK",
  pending: "300 PENDING",
  unknown: "400 UNKNOWN",
  error: "500 ERROR",
} as const;
