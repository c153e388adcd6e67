/**
 * Logging: a handler that publishes records, a logger, and adapters for
 * LogTape, pino, winston and consola.
 *
 * @module
 */
export {
  type ConsolaLogObject,
  type ConsolaReporter,
  consolaReporter,
} from "./consola_reporter.ts";
export {
  LogHandler,
  type LogHandlerOptions,
  type LogTarget,
  type PublishLog,
} from "./log_handler.ts";
export { levelNumber, type LogLevel, logLevels } from "./log_level.ts";
export type { LogInput, LogRecord } from "./log_record.ts";
export { Logger, type LoggerOptions } from "./logger.ts";
export {
  type LogTapeRecord,
  type LogTapeSink,
  logtapeSink,
} from "./logtape_sink.ts";
export {
  pinoDestination,
  type PinoDestinationOptions,
} from "./pino_destination.ts";
export { formatLogMessage } from "./printf.ts";
export { type LogLine, readLog } from "./read_log.ts";
export {
  type WinstonFormat,
  type WinstonInfo,
  type WinstonTransport,
  winstonTransport,
  type WinstonTransportOptions,
} from "./winston_transport.ts";
