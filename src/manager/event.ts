/**
 * Layer: manager.
 *
 * What a subscriber receives. It knows neither sockets nor formats.
 *
 * @module
 */

/** @internal What an {@linkcode Event} is made of: an array of two, which TypeScript knows as a pair. */
export const EventPair: new <A, B>(first: A, second: B) => readonly [A, B] =
  Array as never;

// A topic that begins with a byte order mark must come back with it.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * An event: a frozen pair of topic and data, with names.
 *
 * @example
 * ```ts
 * import { castBytes, Event } from "@agentzero/agentzero";
 *
 * const event = new Event(castBytes("logs:web"), { msg: "up" });
 * console.log(event.topic, event.data.msg);
 *
 * const [topic, data] = event;
 * console.log(topic, data.msg);
 * ```
 */
export class Event<T = unknown> extends EventPair<string, T> {
  readonly #rawTopic: Uint8Array;

  /**
   * Makes an event.
   *
   * @param rawTopic The bytes of the topic.
   * @param data The data.
   */
  constructor(rawTopic: Uint8Array, data: T) {
    super(decoder.decode(rawTopic), data);
    this.#rawTopic = rawTopic;
    Object.freeze(this);
  }

  /** The topic as text; bytes that are not UTF-8 become U+FFFD. */
  get topic(): string {
    return this[0];
  }

  /** The topic as it came. */
  get rawTopic(): Uint8Array {
    return this.#rawTopic;
  }

  /** The data. */
  get data(): T {
    return this[1];
  }

  /** What `map` and its like give: arrays, not events. */
  static get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}
