/**
 * Example: majordomo. The frames of the Majordomo Protocol (RFC 7, MDP/0.1), so
 * that peers in any language can join. No sockets here.
 *
 * @module
 */
import type { zmq } from "@agentzero/agentzero";

/** After this many heartbeat intervals of silence, a peer is lost. */
export const LIVENESS = 4;
/** The heartbeat interval, in milliseconds; it must be the same for broker and workers. */
export const HEARTBEAT_MS = 1000;

const CLIENT = "MDPC01";
const WORKER = "MDPW01";
const EMPTY = "";
const COMMANDS = [
  undefined,
  "ready",
  "request",
  "reply",
  "heartbeat",
  "disconnect",
] as const;

/** MDP/Client: a request or its reply. */
export interface ClientMessage {
  readonly service: string;
  readonly body: readonly zmq.MessageLike[];
}

/** MDP/Worker: a message between broker and worker. */
export type WorkerMessage =
  | { readonly command: "ready"; readonly service: string }
  | {
    readonly command: "request" | "reply";
    readonly client: Uint8Array;
    readonly body: readonly zmq.MessageLike[];
  }
  | { readonly command: "heartbeat" | "disconnect" };

/** A message received by a broker, without the routing id. */
export type Incoming =
  | { readonly from: "client"; readonly message: ClientMessage }
  | { readonly from: "worker"; readonly message: WorkerMessage };

/** The frames of a client's message, including the empty first one. */
export function clientFrames({ service, body }: ClientMessage) {
  return [EMPTY, CLIENT, service, ...body];
}

/** The frames of a message between broker and worker. */
export function workerFrames(message: WorkerMessage): zmq.MessageLike[] {
  const head = [
    EMPTY,
    WORKER,
    new Uint8Array([COMMANDS.indexOf(message.command)]),
  ];
  switch (message.command) {
    case "ready":
      return [...head, message.service];
    case "request":
    case "reply":
      return [...head, message.client, EMPTY, ...message.body];
    default:
      return head;
  }
}

/** Parses any MDP message; `undefined` if it is not valid. */
export function parse(frames: zmq.Message): Incoming | undefined {
  const [empty, header, ...rest] = frames;
  if (empty?.byteLength !== 0) return undefined;
  switch (text(header)) {
    case CLIENT: {
      const [service, ...body] = rest;
      if (service === undefined || body.length === 0) return undefined;
      return { from: "client", message: { service: text(service), body } };
    }
    case WORKER: {
      const message = parseWorker(rest);
      return message && { from: "worker", message };
    }
    default:
      return undefined;
  }
}

function parseWorker(frames: zmq.Message): WorkerMessage | undefined {
  const [number, first, empty, ...body] = frames;
  if (number?.byteLength !== 1) return undefined;
  const command = COMMANDS[number[0]!];
  switch (command) {
    case "ready":
      if (frames.length !== 2) return undefined;
      return { command, service: text(first) };
    case "request":
    case "reply":
      if (empty?.byteLength !== 0 || body.length === 0) return undefined;
      return { command, client: first!, body };
    case "heartbeat":
    case "disconnect":
      return frames.length === 1 ? { command } : undefined;
    default:
      return undefined;
  }
}

const decoder = new TextDecoder();

function text(frame: Uint8Array | undefined): string {
  return decoder.decode(frame);
}
