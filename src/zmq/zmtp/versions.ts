/**
 * Layer: zmtp. The versions of the protocol, and what of them differs once two
 * peers have met. A table; how they find the version that both speak is the
 * greeting's business.
 *
 * @module
 */
import { type Framing, FRAMING_1, FRAMING_2 } from "./framing.ts";

/** A version of ZMTP as it is spoken on one connection. */
export interface Version {
  /** For people. */
  readonly name: string;
  readonly framing: Framing;
  /** Whether there are commands: a handshake with a mechanism. */
  readonly hasCommands: boolean;
  /** Whether every peer knows PING and PONG. Of 3.0 some do: JeroMQ, libzmq 4.2. */
  readonly hasHeartbeats: boolean;
  /** Whether subscriptions are commands. Otherwise they are messages: the byte 1 or 0, then the topic. */
  readonly hasSubscribe: boolean;
  /** Whether a subscriber tells what it wants. Otherwise it has to get everything. */
  readonly isForwarding: boolean;
}

const ZMTP_3_1: Version = {
  name: "3.1",
  framing: FRAMING_2,
  hasCommands: true,
  hasHeartbeats: true,
  hasSubscribe: true,
  isForwarding: true,
};

const ZMTP_3_0: Version = {
  ...ZMTP_3_1,
  name: "3.0",
  hasHeartbeats: false,
  hasSubscribe: false,
};

const ZMTP_2_0: Version = { ...ZMTP_3_0, name: "2.0", hasCommands: false };

/** Of libzmq's first peers with a greeting, which kept the frames of ZMTP 1.0. */
const ZMTP_1_0: Version = { ...ZMTP_2_0, name: "1.0", framing: FRAMING_1 };

/** A peer that has no greeting, such as libzmq 2: it begins with its identity. */
export const UNVERSIONED: Version = { ...ZMTP_1_0, isForwarding: false };

/** What to speak with a peer whose greeting tells this; `undefined` if it is no version. */
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
      return ZMTP_3_1; // it must come down to us
  }
}
