/**
 * Layer: pipeline/server. Answers requests over a ROUTER: to a plain REQ of any
 * language it looks like the REP of the guide, to a DEALER it answers many at a
 * time. Whatever comes, there is one answer, and the next request is served.
 *
 * @module
 */
import { type Message, peerOf, type Router } from "../../zmq/mod.ts";
import { PipelineError } from "../model/errors.ts";
import { consume } from "../protocol/consume.ts";
import { headOf } from "../protocol/head.ts";
import { encodeJson } from "../protocol/json.ts";
import { readObject } from "../protocol/reader.ts";
import type { View } from "./views.ts";

/** Answers one request. @param key The public key of who asks, where there is CURVE. */
export type Answer = (
  request: View,
  key: string | undefined,
) => View | Promise<View>;

/** The status of an answer: as in HTTP where that has one, 300 for "not now". */
export function statusOf(error: unknown): number {
  switch ((error as { code?: unknown }).code) {
    case "ERR_PIPELINE_FORBIDDEN":
      return 403;
    case "ERR_PIPELINE_FULL":
      return 429;
    case "ERR_STORE_FAILED":
    case "ERR_STORE_DAMAGED":
    case "ERR_PIPELINE_CLOSED":
    case "ERR_PIPELINE_STOPPED":
      return 300;
  }
  // A number or a time beyond what JavaScript has: who asked has given it.
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
  const body = message.length - 1; // before it, who asks
  const key = peerOf(message)?.publicKey;
  const reply = await replyTo(
    message[body]!,
    (request) => answer(request, key),
  );
  try {
    message[body] = encodeJson(reply);
    router.trySend(message);
  } catch {
    // It has gone, or we have: nobody waits for the answer.
  }
}

async function replyTo(
  bytes: Uint8Array,
  answer: (request: View) => View | Promise<View>,
): Promise<View> {
  let requestId: unknown;
  let isRead = false;
  try {
    const request = readObject(bytes);
    isRead = true;
    requestId = request.request_id;
    return { status: 200, request_id: requestId, ...await answer(request) };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // Whoever asked wants to know that it was this which cannot be read.
    if (!isRead) requestId = headOf(bytes, ["request_id"]).request_id;
    return {
      status: statusOf(error),
      request_id: requestId,
      code: code ??
        (error instanceof RangeError
          ? "ERR_PIPELINE_INVALID"
          : "ERR_PIPELINE_FAILED"),
      message,
    };
  }
}
