/**
 * Layer: transport. A channel among all threads of this process.
 *
 * @module
 */
import { BroadcastChannel, isMainThread } from "node:worker_threads";

/** Whether this is a worker thread. */
export const isWorkerThread: boolean = !isMainThread;

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
  const channel = new BroadcastChannel(name) as BroadcastChannel & {
    unref?(): void;
  };
  channel.onmessage = (event: unknown) =>
    onMessage((event as { data: unknown }).data);
  channel.unref?.();
  return {
    post: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
}
