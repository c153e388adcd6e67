/**
 * Example `tango`: what is in an event of Tango, which is CORBA's notation for
 * data (CDR).
 *
 * @module
 */

/** A change of an attribute of type double. */
export interface Change {
  readonly topic: string;
  readonly value: number;
}

/** Where a server publishes, as in the answer to `ZmqEventSubscriptionChange`. */
export interface Places {
  readonly heartbeats: string;
  readonly events: string;
  readonly eventTopic: string;
  /** A prefix. */
  readonly heartbeatTopic: string;
}

/** Reads the texts in the answer of `ZmqEventSubscriptionChange`. */
export function readPlaces(texts: readonly string[]): Places {
  const [heartbeats, events, eventTopic, heartbeatTopic] = texts;
  if (heartbeatTopic === undefined) throw new Error("Not an answer of Tango");
  return {
    ...{ heartbeats: heartbeats!, events: events! },
    ...{ eventTopic: eventTopic!, heartbeatTopic },
  };
}

const DOUBLE = 5; // what a type is called in the union of values

/** Reads the four frames of an event: topic, byte order, call and data. */
export function readChange(frames: readonly Uint8Array[]): Change {
  const [topic, order, _call, data] = frames.map((it) => Buffer.from(it));
  if (!topic || !order || !data) throw new Error("Not an event");
  const isLittle = order[0] === 1;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  // Four bytes `c0 de c0 de`, so that what follows them is aligned; type; count.
  const type = view.getUint32(4, isLittle);
  if (type !== DOUBLE) throw new Error(`Not a double but type ${type}`);
  return {
    topic: topic.toString(),
    value: view.getFloat64(12, isLittle),
  };
}
