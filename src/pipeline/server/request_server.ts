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
  await consume(router, (message) => serve(router, message, answer));
}

function serve(router: Router, message: Message, answer: Answer): void {
  const body = message.length - 1; // the frames before it are the route
  const bytes = message[body]!;
  const reply = (bytes: Uint8Array) => {
    message[body] = bytes;
    try {
      router.trySend(message);
    } catch {
      // The client or the socket is gone: there is no one to answer.
    }
  };
  let request: View;
  try {
    request = readHead(bytes);
  } catch (error) {
    // Lets the client assign the error to its request.
    const { request_id } = headOf(bytes, ["request_id"]);
    return reply(refusal(request_id, error));
  }
  const { request_id } = request;
  try {
    const answered = answer(request, peerOf(message)?.publicKey);
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
