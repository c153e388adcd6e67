/**
 * Layer: pipeline/server. Answers requests over a ROUTER. A plain REQ in any
 * language can use it like the REP of AgentZero's guide; a DEALER may have many
 * requests pending. Every request gets one answer, also an invalid one.
 *
 * Workers of version 2 use the same ROUTER: their messages are passed on, and
 * answered there.
 *
 * @module
 */
import { type Message, peerOf, type Router } from "../../zmq/mod.ts";
import type { Sender } from "../coordinator/worker_manager.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { consume } from "../protocol/consume.ts";
import { decodeText, encodeJson, joinJson } from "../protocol/json.ts";
import { isFromWorker, type Parsed, parseMessage } from "../protocol/reader.ts";
import { SenderQueues } from "./sender_queues.ts";
import { REQUESTS_BY_TYPE } from "./request_table.ts";
import type { View } from "./views.ts";

/** Answers one request. @param key The public key of the client, with CURVE. */
export type Answer = (
  request: View,
  key: string | undefined,
) => View | Promise<View>;

/** The status of an answer: that of HTTP if there is one, 300 for "try again later". */
export function statusOf(error: unknown): number {
  switch ((error as { code?: unknown }).code) {
    case "ERR_PIPELINE_FORBIDDEN":
      return 403;
    case "ERR_PIPELINE_FULL":
      return 429;
    case "ERR_STORE_FAILED":
    case "ERR_STORE_DAMAGED":
    case "ERR_STORE_FENCED":
    case "ERR_PIPELINE_CLOSED":
    case "ERR_PIPELINE_STOPPED":
      return 300;
  }
  // A RangeError is a number or a time of the request that JavaScript cannot represent.
  const isTheirs = error instanceof PipelineError ||
    error instanceof RangeError;
  return isTheirs ? 400 : 500;
}

/** Handles what else arrives at the ROUTER. */
export interface WorkerMessages {
  /** Handles a message of a worker. */
  receive(message: Parsed, sender: Sender): void;
  /** Handles a log record or a metric: a topic and an object. */
  publish(topic: string, data: Uint8Array, sender: Sender): void;
  /** A connection is closed. */
  closed(route: Uint8Array): void;
}

/** The topics under which workers publish; no frame of an envelope begins so. */
const TOPIC = /^(logs|metric):/;

/** What the ROUTER receives from itself when a connection is closed: no JSON, so no peer's request. */
export const CLOSED_MESSAGE = "closed";

/**
 * How many messages a request counts for whose answer may be long, such as the
 * list of all workers. Composing it can take a millisecond, and begins only once
 * the store has answered: in the same turn of the event loop for all such
 * requests that were taken in it.
 */
const LONG_ANSWER_COST = 32;

/**
 * How many messages of the largest size may be read at a time, and wait behind
 * those: each takes two or three times its size meanwhile.
 */
const MOST_HELD = 2;

/** Serves until the socket is closed. */
export async function serveRequests(
  router: Router,
  answer: Answer,
  workers: WorkerMessages,
): Promise<void> {
  const handle = (message: Message) => {
    const [route, first] = message;
    const last = message.at(-1)!;
    if (message.length === 2 && isClosed(last)) return workers.closed(route!);
    const key = peerOf(message)?.publicKey;
    if (message.length === 3 && isTopic(first!)) {
      return workers.publish(String(first), last, { route: route!, key });
    }
    const handleParsed = (parsed: Parsed) => {
      if (isFromWorker(parsed)) {
        return workers.receive(parsed, { route: route!, key });
      }
      serve(router, message, parsed, (request) => answer(request, key));
      return isLong(parsed.fields) ? LONG_ANSWER_COST : 1;
    };
    const parsed = parseMessage(last);
    if (!(parsed instanceof Promise)) return handleParsed(parsed);
    return parsed.then((parsed) =>
      router.closed ? undefined : handleParsed(parsed)
    );
  };
  const senders = new SenderQueues(handle, MOST_HELD * router.maxMessageSize);
  await consume(router, (message) => senders.handle(message));
}

function isLong({ type }: View): boolean {
  return REQUESTS_BY_TYPE.get(type as string)?.isLong ?? false;
}

function isClosed(frame: Uint8Array): boolean {
  return frame.byteLength === CLOSED_MESSAGE.length &&
    decodeText(frame) === CLOSED_MESSAGE;
}

function isTopic(frame: Uint8Array): boolean {
  // An envelope is empty for a REQ, and short otherwise.
  return frame.byteLength > 5 && TOPIC.test(decodeText(frame.subarray(0, 7)));
}

function serve(
  router: Router,
  message: Message,
  { fields, error: unreadable }: Parsed,
  answer: (request: View) => View | Promise<View>,
): void {
  const reply = (bytes: Uint8Array) => {
    message[message.length - 1] = bytes; // the frames before it are the route
    try {
      router.trySend(message);
    } catch {
      // The client or the socket is gone: there is no one to answer.
    }
  };
  const { request_id } = fields; // lets the client assign an error to its request
  try {
    if (unreadable !== undefined) throw unreadable;
    const answered = answer(fields);
    if (!(answered instanceof Promise)) {
      return reply(acceptance(request_id, answered));
    }
    answered.then(
      (view) => reply(acceptance(request_id, view)),
      (error) => reply(refusal(request_id, error)),
    );
  } catch (error) {
    reply(refusal(request_id, error));
  }
}

/** The answer to a request that was carried out. */
function acceptance(request_id: unknown, view: View): Uint8Array {
  try {
    return joinJson({ status: 200, request_id }, view);
  } catch (error) {
    return refusal(request_id, error);
  }
}

/** The answer to a request that was not. */
function refusal(request_id: unknown, error: unknown): Uint8Array {
  const { code, message, id } = error as {
    code?: string;
    message: string;
    id?: string;
  };
  return encodeJson({
    status: statusOf(error),
    request_id,
    code: code ??
      (error instanceof RangeError
        ? "ERR_PIPELINE_INVALID"
        : "ERR_PIPELINE_FAILED"),
    message,
    // What the store refused; without it, the store itself fails at present.
    ...code === "ERR_STORE_FAILED" && { id },
  });
}
