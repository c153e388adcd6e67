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
import { ReplyError } from "../zmq/mod.ts";
import type { Channel, Frames } from "./channel.ts";
import type { ZmqSocket } from "./contract.ts";
import { Event } from "./event.ts";
import { RequestRefusedError } from "./failures.ts";
import { refusalOf } from "./owed_answer.ts";
import type { Schema } from "./schema.ts";
import { getsReplies, hasOption, traitsOf } from "./socket_types.ts";

/** How the data of a manager travels. */
export class Codec {
  readonly #serializer: BaseSerializer;

  constructor(serializer: BaseSerializer) {
    this.#serializer = serializer;
  }

  /** The frames of some data. */
  pack(channel: Channel, data: unknown): Frames {
    return [this.#pack(channel, data)];
  }

  /** The frames of an event. */
  packEvent(
    channel: Channel,
    topic: string | Uint8Array,
    data: unknown,
  ): Frames {
    return [castBytes(topic), this.#pack(channel, data)];
  }

  #pack(channel: Channel, data: unknown): Uint8Array {
    try {
      return packForSocket(this.#serializer, data, channel.name);
    } catch (error) {
      channel.giveUp(ReplyError.of(error)); // if it was to be the answer of a REP
      throw error;
    }
  }

  /**
   * The data of a message: of its one frame, behind the empty one that a REP
   * sends to a DEALER. A promise of it, if there is a schema.
   *
   * @throws {RequestRefusedError} If it is an error reply.
   */
  unpack(
    channel: Channel,
    frames: Frames,
    schema: Schema | undefined,
  ): unknown {
    return reading(channel, frames, () => {
      const { name, socket } = channel;
      const isReply = frames.length > 1 && frames[0]!.byteLength === 0 &&
        getsReplies(socket.type) && !traitsOf(socket.type).turns;
      const body = isReply ? frames.slice(1) : frames;
      if (body.length !== 1) throw this.#refused(channel, frames, body);
      return this.#read(name, frames, body[0]!, schema);
    });
  }

  /**
   * The event of a message: a topic and data. A promise of it, if there is a
   * schema. The notice of a ROUTER has no data.
   */
  unpackEvent(
    channel: Channel,
    frames: Frames,
    schema: Schema | undefined,
  ): Event | Promise<Event> {
    return reading(channel, frames, () => {
      const { name, socket } = channel;
      const [topic, data] = frames;
      if (data === undefined || frames.length > 2) {
        throw this.#misshapen(name, frames, "a topic and data were expected");
      }
      const event = (data: unknown) => new Event(topic!, data);
      if (isNotice(socket, data)) return event(undefined);
      const read = this.#read(name, frames, data, schema);
      return schema === undefined
        ? event(read)
        : (read as Promise<unknown>).then(event);
    });
  }

  /** The data of one frame of a message; a promise of it, if there is a schema. */
  #read(
    socketName: string,
    frames: Frames,
    raw: Uint8Array,
    schema: Schema | undefined,
  ): unknown {
    const data = unpackForSocket(this.#serializer, raw, socketName, frames);
    if (schema === undefined) return data;
    return check(data, schema, { socketName, raw, frames });
  }

  #refused(
    { name, socket: { type } }: Channel,
    frames: Frames,
    body: Frames,
  ): Error {
    const reply = getsReplies(type) ? ReplyError.from(body) : undefined;
    return reply === undefined
      ? this.#misshapen(name, frames, "one was expected")
      : new RequestRefusedError(name, reply);
  }

  #misshapen(socketName: string, frames: Frames, expected: string): Error {
    const count = frames.length === 1 ? "1 frame" : `${frames.length} frames`;
    return new SerializationError({
      code: "UNPACK_FAILED",
      serializer: this.#serializer.name,
      reason: `the message has ${count}, ${expected}`,
      raw: joined(frames),
      frames,
      socketName,
    });
  }
}

/** Reads a message; if that fails, a REP is made ready for the next one. */
function reading<T>(channel: Channel, frames: Frames, read: () => T): T {
  const fail = (error: unknown): never => {
    channel.giveUp(refusalOf(error, true), frames);
    throw error;
  };
  try {
    const result = read();
    return result instanceof Promise ? result.catch(fail) as T : result;
  } catch (error) {
    return fail(error);
  }
}

async function check(
  data: unknown,
  schema: Schema,
  where: { socketName: string; raw: Uint8Array; frames: Frames },
): Promise<unknown> {
  const result = await schema["~standard"].validate(data);
  if (result.issues === undefined) return result.value;
  throw new SchemaValidationError(result.issues, where);
}

/** Whether an empty frame tells that a peer has come or gone: with `routerNotify` it does. */
function isNotice(socket: ZmqSocket, data: Uint8Array): boolean {
  if (data.byteLength > 0 || !hasOption(socket.type, "routerNotify")) {
    return false;
  }
  try {
    const notify = socket.getOption("routerNotify");
    return Array.isArray(notify) ? notify.length > 0 : Boolean(notify);
  } catch {
    return false; // a ZeroMQ module without that option
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
