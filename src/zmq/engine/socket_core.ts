/**
 * Layer: engine. What sessions, dialers and acceptors need of their socket, and
 * what follows from its type and options.
 *
 * @module
 */
import type { StoredOptions } from "../options/values.ts";
import { type Pipe, pipePair } from "../routing/pipe.ts";
import { typesWhere } from "../socket_traits.ts";
import type { SocketType } from "../types.ts";
import { copyOf, EMPTY } from "../bytes.ts";
import { type Message, toFrame } from "../message.ts";
import type { Credentials, Verdict } from "../zmtp/mechanism/mechanism.ts";
import type { SlabPool } from "../slab_pool.ts";
import type { ConnectFailures } from "./connect_failures.ts";
import type { KeepAlive } from "../../async/keep_alive.ts";
import type { Observer } from "./observer.ts";
import type { FlushScheduler } from "./flush_scheduler.ts";

/** What a socket does for its connections. */
export interface SocketHost {
  /** Authenticates a peer. Never rejects. The signal is aborted when the peer disconnects. */
  authenticate(
    credentials: Credentials,
    address: string,
    signal: AbortSignal,
  ): Promise<Verdict>;
  /** Gives the socket its end of a new pipe. */
  attach(pipe: Pipe): void;
  /** Closes the socket's end of a pipe; messages sent before are still delivered. */
  release(pipe: Pipe): void;
}

/** A socket, as the engine sees it. */
export interface SocketCore {
  readonly host: SocketHost;
  readonly type: SocketType;
  readonly options: Readonly<StoredOptions>;
  readonly events: Observer;
  readonly scheduler: FlushScheduler;
  readonly slabs: SlabPool;
  readonly keepAlive: KeepAlive;
  /** Why addresses have no connection. */
  readonly failures: ConnectFailures;
}

/**
 * Closes the socket's end of a pipe; `theirs` is the session's end. Messages
 * sent before are still delivered. Subscriptions are not: they are state of a
 * socket that no longer needs this peer.
 */
export function releaseFor(core: SocketCore, theirs: Pipe): void {
  if (SUBSCRIBERS.has(core.type)) theirs.discardUnread();
  core.host.release(theirs.other);
}

/** Makes a pipe between a socket and a session: `[the socket's end, the session's end]`. */
export function sessionPipe(core: SocketCore): [Pipe, Pipe] {
  const [ours, theirs] = pipePair([
    receiveHighWaterMark(core),
    sendHighWaterMark(core),
  ], core.slabs);
  applyConflate(core, ours, theirs);
  return [ours, theirs];
}

/** With the option `conflate` only the newest message waits, in either direction; subscriptions are never dropped. */
export function applyConflate(
  core: SocketCore,
  ours: Pipe,
  theirs: Pipe,
): void {
  if (!core.options.conflate) return;
  ours.conflate();
  if (!SUBSCRIBERS.has(core.type)) theirs.conflate();
}

/** How many messages from one peer may wait to be received; 0 for any number. */
export function receiveHighWaterMark({ options }: SocketCore): number {
  return options.receiveHighWaterMark;
}

/**
 * How many messages may wait to be sent to one peer; 0 for any number.
 * Subscriptions are state of the socket, which a high-water mark must not drop.
 */
export function sendHighWaterMark({ type, options }: SocketCore): number {
  return SUBSCRIBERS.has(type) ? 0 : options.sendHighWaterMark;
}

/** Gives a socket's end of a pipe the high-water marks that its options have now. */
export function setHighWaterMarks(core: SocketCore, pipe: Pipe): void {
  pipe.setHighWaterMarks(receiveHighWaterMark(core), sendHighWaterMark(core));
}

/** The socket's routing id as bytes; empty if it has none. */
export function routingIdOf({ options }: SocketCore): Uint8Array {
  return toFrame(options.routingId);
}

/** The message that the peer receives first on every connection. */
export function helloOf({ options }: SocketCore): Message | undefined {
  return options.helloMessage === null
    ? undefined
    : [copyOf(toFrame(options.helloMessage))];
}

/** What a ROUTER receives when a peer connects or disconnects, if the option `routerNotify` says so. */
export function notificationsOf(
  { options }: SocketCore,
  what: "connect" | "disconnect",
): Message[] {
  return options.routerNotify.includes(what) ? [[EMPTY]] : [];
}

/** What the socket receives last from a peer that it has accepted. */
export function disconnectMessagesOf(core: SocketCore): Message[] {
  const messages = notificationsOf(core, "disconnect");
  const { disconnectMessage } = core.options;
  if (disconnectMessage !== null) {
    messages.push([copyOf(toFrame(disconnectMessage))]);
  }
  return messages;
}

/** The types whose outgoing messages are subscriptions, or memberships of groups. */
export const SUBSCRIBERS: ReadonlySet<SocketType> = new Set(
  typesWhere(({ subscribes }) => subscribes !== null),
);
