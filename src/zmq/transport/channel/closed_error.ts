/**
 * Layer: transport. What the close of a WebSocket means.
 *
 * @module
 */
import { excerpt } from "../../escape.ts";
import { ZmqError } from "../../errors.ts";

/** The codes with which a connection ends without an error: regular, going away, no code. */
const REGULAR_CODES: ReadonlySet<number> = new Set([1000, 1001, 1005]);

/** The error of a close code; undefined if the connection ended regularly. */
export function closedError(
  code: number,
  reason: string,
): ZmqError | undefined {
  if (REGULAR_CODES.has(code)) return undefined;
  const text = reason === "" ? "" : `: ${excerpt(reason)}`;
  return new ZmqError(
    "ECONNRESET",
    `The WebSocket was closed with the code ${code}${text}`,
  );
}
