/**
 * Layer: zmtp. The versions of the protocol in a browser: what they mean for
 * messages of ZWS, which have a framing of their own.
 *
 * @module
 */
import type { Version } from "./versions.ts";

export type { Version };

type WithoutFraming = Omit<Version, "framing">;

/** Without meaning here. */
export const FRAMING_OF_SUBSCRIPTIONS = undefined;

/** Of servers that begin with a command. */
export const ZMTP_3_1: WithoutFraming = {
  name: "3.1",
  sendsRuns: false,
  hasCommands: true,
  hasHeartbeats: true,
  hasSubscribe: true,
  sendsSubscriptions: true,
};

/** Of those that begin with their routing id: there are no commands, and subscriptions are messages. */
export const UNVERSIONED: WithoutFraming = {
  ...ZMTP_3_1,
  name: "2.0",
  hasCommands: false,
  hasHeartbeats: false,
  hasSubscribe: false,
};
