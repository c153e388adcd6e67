/**
 * Layer: zmtp. The versions of the protocol in a browser: those that
 * `../transport/ws/dialect.ts` gives to the peer.
 *
 * @module
 */
import { type Framing, FRAMING_2 } from "../framing.ts";
import type { Version } from "./versions.ts";

export type { Version };

/** Headers are made here, so that none is malformed. */
export const FRAMING_OF_SUBSCRIPTIONS: Framing = FRAMING_2;

const ZMTP_3_1: Version = {
  name: "3.1",
  framing: FRAMING_2,
  hasCommands: true,
  hasHeartbeats: true,
  hasSubscribe: true,
  sendsSubscriptions: true,
};

const ZMTP_3_0: Version = {
  ...ZMTP_3_1,
  name: "3.0",
  hasHeartbeats: false,
  hasSubscribe: false,
};

/** ZMTP 2.0; of a connection without any yet, too. */
export const UNVERSIONED: Version = {
  ...ZMTP_3_0,
  name: "2.0",
  hasCommands: false,
};

/** The version to use with a peer, by the numbers in its greeting. */
export function versionOf(major: number, minor: number): Version {
  return major < 3 ? UNVERSIONED : minor === 0 ? ZMTP_3_0 : ZMTP_3_1;
}
