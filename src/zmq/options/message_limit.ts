/**
 * Layer: options. The default size limit of messages where peers of other
 * machines can connect: finite, so that none of them can fill the memory with
 * one message.
 *
 * @module
 */
import { targetOf } from "../endpoint.ts";
import type { StoredOptions } from "./values.ts";

/** The limit of `maxMessageSize` for what is bound beyond loopback: 1 GiB. */
export const BEYOND_LOOPBACK_BYTES = 2 ** 30;

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/i;

/** The effective `maxMessageSize` for a bound address; -1 for no limit. */
export function messageLimitOf(
  options: Readonly<StoredOptions>,
  address: string,
): number {
  const { maxMessageSize, isMaxMessageSizeSet = false } = options;
  if (isMaxMessageSizeSet) return maxMessageSize;
  const host = targetOf(address)?.host;
  return host === undefined || LOOPBACK.test(host)
    ? maxMessageSize
    : BEYOND_LOOPBACK_BYTES;
}
