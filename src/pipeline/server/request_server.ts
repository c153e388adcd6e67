/**
 * Layer: pipeline/server. Answers requests over a ROUTER. A plain REQ in any
 * language can use it like the REP of AgentZero's guide; a DEALER may have many
 * requests pending. Every request gets one answer, also an invalid one.
 *
 * @module
 */
import { type Message, peerOf, type Router } from "../../zmq/mod.ts";
import { PipelineError } from "../model/pipeline_error.ts";
import { consume } from "../protocol/consume.ts";
import { headOf } from "../protocol/head.ts";
import { encodeJson, joinJson } from "../protocol/json.ts";
import { readHead } from "../protocol/reader.ts";
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

/** Serves until the socket is closed. */
export async function serveRequests(
  router: Router,
  answer: Answer,
): Promise<void> {
  await consume(router, (message) => void serve(router, message, answer));
}

async function serve(
  router: Router,
  message: Message,
  answer: Answer,
): Promise<void> {
  const body = message.length - 1; // the frames before it are the route
  const key = peerOf(message)?.publicKey;
  const reply = await replyTo(
    message[body]!,
    (request) => answer(request, key),
  );
  try {
    message[body] = reply;
    router.trySend(message);
  } catch {
    // The client or the socket is gone: there is no one to answer.
  }
}

async function replyTo(
  bytes: Uint8Array,
  answer: (request: View) => View | Promise<View>,
): Promise<Uint8Array> {
  let requestId: unknown;
  let isRead = false;
  try {
    const request = readHead(bytes);
    isRead = true;
    requestId = request.request_id;
    const answered = answer(request);
    const view = answered instanceof Promise ? await answered : answered;
    return joinJson({ status: 200, request_id: requestId }, view);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // Lets the client assign the error to its request.
    if (!isRead) requestId = headOf(bytes, ["request_id"]).request_id;
    return encodeJson({
      status: statusOf(error),
      request_id: requestId,
      code: code ??
        (error instanceof RangeError
          ? "ERR_PIPELINE_INVALID"
          : "ERR_PIPELINE_FAILED"),
      message,
    });
  }
}
