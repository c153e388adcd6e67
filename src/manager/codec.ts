/**
 * Layer: manager.
 *
 * From data to frames and back: the serializer, the shape of a message, the
 * schema. Each error names the socket and keeps the bytes; the message that it
 * is about has left the socket, so that the next one can come.
 *
 * @module
 */
import { SchemaValidationError, SerializationError } from "../errors.ts";
import {
  type BaseSerializer,
  packForSocket,
  unpackForSocket,
} from "../serializers/mod.ts";
import { castBytes } from "../util/mod.ts";
import { DEALER } from "../zmq/mod.ts";
import type { Channel, Frames } from "./channel.ts";
import { Event } from "./event.ts";
import type { Schema } from "./schema.ts";

/** How the data of a manager travels. */
export class Codec {
  readonly #serializer: BaseSerializer;

  constructor(serializer: BaseSerializer) {
    this.#serializer = serializer;
  }

  /** The frames of some data. */
  pack({ name }: Channel, data: unknown): Frames {
    return [packForSocket(this.#serializer, data, name)];
  }

  /** The frames of an event. */
  packEvent(
    { name }: Channel,
    topic: string | Uint8Array,
    data: unknown,
  ): Frames {
    return [castBytes(topic), packForSocket(this.#serializer, data, name)];
  }

  /**
   * The data of a message: of its one frame, behind the empty one that a REP
   * sends to a DEALER. A promise of it, if there is a schema.
   */
  unpack(
    { name, socket }: Channel,
    frames: Frames,
    schema: Schema | undefined,
  ): unknown {
    const isReply = socket.type === DEALER && frames.length === 2 &&
      frames[0]!.byteLength === 0;
    if (frames.length !== 1 && !isReply) {
      throw this.#misshapen(name, frames, "one was expected");
    }
    return this.#read(name, frames.at(-1)!, schema);
  }

  /** The event of a message: a topic and data. A promise of it, if there is a schema. */
  unpackEvent(
    { name }: Channel,
    frames: Frames,
    schema: Schema | undefined,
  ): Event | Promise<Event> {
    const [topic, data] = frames;
    if (data === undefined || frames.length > 2) {
      throw this.#misshapen(name, frames, "a topic and data were expected");
    }
    const event = (data: unknown) => new Event(topic!, data);
    const read = this.#read(name, data, schema);
    return schema === undefined
      ? event(read)
      : (read as Promise<unknown>).then(event);
  }

  #read(
    socketName: string,
    raw: Uint8Array,
    schema: Schema | undefined,
  ): unknown {
    const data = unpackForSocket(this.#serializer, raw, socketName);
    if (schema === undefined) return data;
    return this.#check(socketName, raw, data, schema);
  }

  async #check(
    socketName: string,
    raw: Uint8Array,
    data: unknown,
    schema: Schema,
  ): Promise<unknown> {
    const result = await schema["~standard"].validate(data);
    if (result.issues === undefined) return result.value;
    throw new SchemaValidationError(result.issues, { socketName, raw });
  }

  #misshapen(socketName: string, frames: Frames, expected: string): Error {
    const count = frames.length === 1 ? "1 frame" : `${frames.length} frames`;
    return new SerializationError({
      code: "UNPACK_FAILED",
      serializer: this.#serializer.name,
      reason: `the message has ${count}, ${expected}`,
      raw: joined(frames),
      socketName,
    });
  }
}

function joined(frames: Frames): Uint8Array {
  const size = frames.reduce((sum, frame) => sum + frame.byteLength, 0);
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const frame of frames) {
    whole.set(frame, offset);
    offset += frame.byteLength;
  }
  return whole;
}
