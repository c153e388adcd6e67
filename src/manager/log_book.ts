/**
 * Layer: manager.
 *
 * The log handlers and loggers of a manager: one for the same arguments, for
 * as long as the socket lives.
 *
 * @module
 */
import { Logger, LogHandler, type PublishLog } from "./logging/mod.ts";

/** Handlers and loggers by socket name. */
export class LogBook {
  readonly #handlers: Map<string, Map<string, LogHandler>> = new Map();
  readonly #loggers: Map<LogHandler, Map<string, Logger>> = new Map();

  /** The handler of a socket and a topic. */
  handler(
    socketName: string,
    topicName: string,
    publish: PublishLog,
  ): LogHandler {
    const ofSocket = entryOf(this.#handlers, socketName, () => new Map());
    return entryOf(
      ofSocket,
      topicName,
      () => new LogHandler({ publish, topicName }),
    );
  }

  /** The logger of a handler and a name. */
  logger(handler: LogHandler, name: string): Logger {
    const ofHandler = entryOf(this.#loggers, handler, () => new Map());
    return entryOf(ofHandler, name, () => new Logger(handler, { name }));
  }

  /** Forgets those of a socket. */
  forget(socketName: string): void {
    for (const handler of this.#handlers.get(socketName)?.values() ?? []) {
      this.#loggers.delete(handler);
    }
    this.#handlers.delete(socketName);
  }
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, value = make());
  return value;
}
