/**
 * Layer: manager.
 *
 * The log handlers and loggers of a manager: one object for the same arguments,
 * for as long as the socket exists.
 *
 * @module
 */
import { Logger, LogHandler, type PublishLog } from "./logging/mod.ts";

/** Handlers and loggers by socket name. */
export class LoggerCache {
  readonly #handlers: Map<string, Map<string, LogHandler>> = new Map();
  readonly #loggers: Map<LogHandler, Map<string, Logger>> = new Map();

  /** The handler of a socket and a topic. */
  handler(
    socketName: string,
    topicName: string,
    publish: PublishLog,
  ): LogHandler {
    const ofSocket = getOrInsert(this.#handlers, socketName, () => new Map());
    return getOrInsert(
      ofSocket,
      topicName,
      () => new LogHandler({ publish, topicName }),
    );
  }

  /** The logger of a handler and a name. */
  logger(handler: LogHandler, name: string): Logger {
    const ofHandler = getOrInsert(this.#loggers, handler, () => new Map());
    return getOrInsert(ofHandler, name, () => new Logger(handler, { name }));
  }

  /** Removes those of a socket. */
  delete(socketName: string): void {
    for (const handler of this.#handlers.get(socketName)?.values() ?? []) {
      this.#loggers.delete(handler);
    }
    this.#handlers.delete(socketName);
  }
}

function getOrInsert<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = create());
  return value;
}
