/**
 * Layer: manager, logging.
 *
 * A transport for winston is a stream of Node, which a browser does not have.
 *
 * @module
 */
import { AgentZeroSocketError } from "../../errors.ts";
import type {
  WinstonFormat,
  WinstonInfo,
  WinstonTransport,
  WinstonTransportOptions,
} from "./winston_transport.ts";

export type {
  WinstonFormat,
  WinstonInfo,
  WinstonTransport,
  WinstonTransportOptions,
};

/** @throws {AgentZeroSocketError} Always. */
export function winstonTransport(): never {
  throw new AgentZeroSocketError(
    "winstonTransport() needs the streams of Node, which a browser does not have",
  );
}
