/**
 * Layer: manager.
 *
 * Converts data to frames and back: serializer, shape of the message, schema.
 * Each error names the socket and has the bytes; the message has left the
 * socket by then, so the next one can be received.
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
import type { ZmqSocket } from "./contract.ts";
import { Event } from "./event.ts";
import { RequestRefusedError } from "./failures.ts";
import type { Frames, MessageIO } from "./message_io.ts";
import { errorReplyFor } from "./pending_reply.ts";
import type { Schema } from "./schema.ts";
import { getsReplies, hasOption, traitsOf } from "./socket_types.ts";

/** The format of the messages of one socket. */
export class Codec {
  readonly #serializer: BaseSerializer;
  readonly #messages: MessageIO;

  constructor(serializer: BaseSerializer, messages: MessageIO) {
    this.#serializer = serializer;
    this.#messages = messages;
  }

  /** The frames of some data. */
  pack(data: unknown): Frames {
    return [this.#pack(data)];
  }

  /** The frames of an event. */
  packEvent(topic: string | Uint8Array, data: unknown): Frames {
    return [castBytes(topic), this.#pack(data)];
  }

  #pack(data: unknown): Uint8Array {
    try {
      return packForSocket(this.#serializer, data, this.#messages.name);
    } catch (error) {
      // If the data was the reply of a REP.
      this.#messages.prepareErrorReply(ReplyError.of(error));
      throw error;
    }
  }

  /**
   * The data of a message of one frame, to a DEALER possibly behind an empty
   * frame, as a REP sends it. With a schema, a promise of it.
   *
   * @throws {RequestRefusedError} If it is an error reply.
   */
  unpack(frames: Frames, schema: Schema | undefined): unknown {
    try {
      const data = this.#read(frames, this.#bodyOf(frames), schema);
      return data instanceof Promise
        ? data.catch((error) => this.#fail(error, frames))
        : data;
    } catch (error) {
      return this.#fail(error, frames);
    }
  }

  /** The frame of a message that has the data. */
  #bodyOf(frames: Frames): Uint8Array {
    if (frames.length === 1) return frames[0]!;
    const { type } = this.#messages.socket;
    const isReply = frames.length > 1 && frames[0]!.byteLength === 0 &&
      getsReplies(type) && !traitsOf(type).turns;
    const body = isReply ? frames.slice(1) : frames;
    if (body.length !== 1) throw this.#refused(frames, body);
    return body[0]!;
  }

  /**
   * The event of a message of two frames, topic and data. With a schema, a
   * promise of it. The notification of a ROUTER has no data.
   */
  unpackEvent(
    frames: Frames,
    schema: Schema | undefined,
  ): Event | Promise<Event> {
    try {
      const [topic, data] = frames;
      if (data === undefined || frames.length > 2) {
        throw this.#misshapen(frames, "expected 2: topic and data");
      }
      if (isNotification(this.#messages.socket, data)) {
        return new Event(topic!, undefined);
      }
      const read = this.#read(frames, data, schema);
      if (schema === undefined) return new Event(topic!, read);
      return (read as Promise<unknown>).then(
        (data) => new Event(topic!, data),
        (error) => this.#fail(error, frames),
      );
    } catch (error) {
      return this.#fail(error, frames);
    }
  }

  /** The data of one frame of a message; a promise of it, if there is a schema. */
  #read(
    frames: Frames,
    raw: Uint8Array,
    schema: Schema | undefined,
  ): unknown {
    const socketName = this.#messages.name;
    const data = unpackForSocket(this.#serializer, raw, socketName, frames);
    if (schema === undefined) return data;
    return check(data, schema, { socketName, raw, frames });
  }

  #refused(frames: Frames, body: Frames): Error {
    const { name, socket: { type } } = this.#messages;
    const reply = getsReplies(type) ? ReplyError.from(body) : undefined;
    return reply === undefined
      ? this.#misshapen(frames, "expected 1")
      : new RequestRefusedError(name, reply);
  }

  #misshapen(frames: Frames, expected: string): Error {
    const count = frames.length === 1 ? "1 frame" : `${frames.length} frames`;
    return new SerializationError({
      code: "UNPACK_FAILED",
      serializer: this.#serializer.name,
      reason: `the message has ${count}, ${expected}`,
      raw: joined(frames),
      frames,
      socketName: this.#messages.name,
    });
  }

  /** A message cannot be unpacked: if it is a request, a REP prepares an error reply. */
  #fail(error: unknown, frames: Frames): never {
    this.#messages.prepareErrorReply(errorReplyFor(error, true), frames);
    throw error;
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

/** Whether an empty frame is a notification of a connected or disconnected peer: with `routerNotify` it is. */
function isNotification(socket: ZmqSocket, data: Uint8Array): boolean {
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
