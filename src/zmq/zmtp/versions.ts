/**
 * Layer: zmtp. The versions of the protocol, and how they differ after the
 * greeting. A table; the greeting selects the version.
 *
 * @module
 */
import {
  type Framing,
  FRAMING_1,
  FRAMING_2,
  FRAMING_2_SLIP,
} from "../framing.ts";

/** A version of ZMTP, as used on one connection. */
export interface Version {
  /** The name, for messages. */
  readonly name: string;
  readonly framing: Framing;
  /** Whether a run of messages (`../message_run.ts`) is in this framing. */
  readonly sendsRuns: boolean;
  /** Whether there are commands, and with them a handshake with a mechanism. */
  readonly hasCommands: boolean;
  /** Whether every peer knows PING and PONG. Some peers of 3.0 do: JeroMQ, libzmq 4.2. */
  readonly hasHeartbeats: boolean;
  /** Whether subscriptions are commands. Otherwise they are messages: the byte 1 or 0, then the topic. */
  readonly hasSubscribe: boolean;
  /** Whether a subscriber sends its subscriptions. If not, the publisher sends it everything. */
  readonly sendsSubscriptions: boolean;
}

/** The framing of what a subscriber sends as commands. */
export const FRAMING_OF_SUBSCRIPTIONS: Framing = FRAMING_2_SLIP;

/** Exported for browsers. */
export const ZMTP_3_1: Version = {
  name: "3.1",
  framing: FRAMING_2,
  sendsRuns: true,
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

const ZMTP_2_0: Version = { ...ZMTP_3_0, name: "2.0", hasCommands: false };

/** The first peers of libzmq with a greeting, which still used the frames of ZMTP 1.0. */
const ZMTP_1_0: Version = {
  ...ZMTP_2_0,
  name: "1.0",
  framing: FRAMING_1,
  sendsRuns: false,
};

/** A peer without a greeting, such as libzmq 2: it begins with its identity. */
export const UNVERSIONED: Version = { ...ZMTP_1_0, sendsSubscriptions: false };

/** The version to use with a peer, by the numbers in its greeting; `undefined` if there is none. */
export function versionOf(major: number, minor: number): Version | undefined {
  switch (major) {
    case 0:
      return ZMTP_1_0;
    case 1:
      return ZMTP_2_0;
    case 2:
      return undefined;
    case 3:
      return minor === 0 ? ZMTP_3_0 : ZMTP_3_1;
    default:
      return ZMTP_3_1; // a later version must fall back to ours
  }
}
