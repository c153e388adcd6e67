/**
 * Layer: manager.
 *
 * The event that a subscriber receives.
 *
 * @module
 */

/** @internal The base class of {@linkcode Event}: an array of two, typed as a pair. */
export const EventPair: new <A, B>(first: A, second: B) => readonly [A, B] =
  Array as never;

// A topic may begin with a byte order mark.
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
   * Creates an event.
   *
   * @param rawTopic The bytes of the topic.
   * @param data The data.
   */
  constructor(rawTopic: Uint8Array, data: T) {
    super(decoder.decode(rawTopic), data);
    this.#rawTopic = rawTopic;
    Object.freeze(this);
  }

  /** The topic as text; invalid UTF-8 is replaced by U+FFFD. */
  get topic(): string {
    return this[0];
  }

  /** The bytes of the topic. */
  get rawTopic(): Uint8Array {
    return this.#rawTopic;
  }

  /** The data. */
  get data(): T {
    return this[1];
  }

  /** `map` and similar methods return arrays, not events. */
  static get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}
