/**
 * Layer: transport. A channel among all threads of this process.
 *
 * @module
 */
import process from "node:process";
import type { BroadcastChannel } from "node:worker_threads";

/** Whether this is a worker thread. */
export function isWorkerThread(): boolean {
  return !workerThreads().isMainThread;
}

/** Loaded when it is used, as most programs do not use inproc. */
function workerThreads(): typeof import("node:worker_threads") {
  return process.getBuiltinModule("node:worker_threads");
}

/** One thread's end of a channel. */
export interface ThreadChannel {
  /** Sends to all other threads. */
  post(message: unknown): void;
  /** Leaves the channel. */
  close(): void;
}

/** Joins a channel. It does not keep the process alive. @param name The channel's name. */
export function openThreadChannel(
  name: string,
  onMessage: (message: unknown) => void,
): ThreadChannel {
  const { BroadcastChannel: Channel } = workerThreads();
  const channel: BroadcastChannel & { unref?(): void } = new Channel(name);
  channel.onmessage = (event: unknown) =>
    onMessage((event as { data: unknown }).data);
  channel.unref?.();
  return {
    post: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
}
