/** A log handler that records what it would publish, as a peer would read it. */
import {
  LogHandler,
  type LogHandlerOptions,
  type LogRecord,
} from "../../../src/manager/logging/mod.ts";
import { JSON as JSONFormat, MSGPACK } from "../../../src/serializers/mod.ts";

const json = new JSONFormat();
const msgpack = new MSGPACK();

/** The handler, and what came out of it. */
export interface Recorder {
  readonly handler: LogHandler;
  readonly topics: string[];
  readonly records: LogRecord[];
  /** The only record. */
  readonly only: LogRecord;
}

/** Makes a recorder; each record goes through both serializers, which refuse a lot. */
export function recorder(options: Partial<LogHandlerOptions> = {}): Recorder {
  const topics: string[] = [];
  const records: LogRecord[] = [];
  const handler = new LogHandler({
    name: "test",
    now: () => new Date("2024-11-24T20:29:30.123Z"),
    publish(topic, record) {
      msgpack.pack(record);
      topics.push(topic);
      records.push(json.unpack(json.pack(record)) as LogRecord);
      return true;
    },
    ...options,
  });
  return {
    handler,
    topics,
    records,
    get only() {
      if (records.length !== 1) {
        throw new Error(
          `${records.length} records instead of one, last error: ${handler.lastError}`,
        );
      }
      return records[0]!;
    },
  };
}
