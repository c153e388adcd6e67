/**
 * Test support. The clauses of RFC 37 on a connection and its handshake.
 *
 * @module
 */
import type { Section } from "./clause.ts";

/** From the first byte to the first frame. */
export const CONNECTING: readonly Section[] = [
  {
    title: "Version negotiation",
    clauses: [
      {
        id: "37.VERSION.1",
        level: "MAY",
        isIn23: true,
        says:
          "work with older versions, or demand its own: we work with 2.0 and 1.0",
      },
      {
        id: "37.VERSION.2",
        level: "SHALL",
        isIn23: true,
        says:
          "send 64 bytes at once, or, to find out the peer's version, the first 11, and read as many",
        differs:
          "like libzmq, we send 10, the signature, the eleventh as soon as the peer's 10 are there, and the rest once its version is known",
      },
      {
        id: "37.VERSION.3",
        level: "SHOULD",
        isIn23: true,
        says: "leave the padding zero where older versions are not looked for",
        differs:
          "like libzmq, we write the length 1, so that a peer that speaks ZMTP 1 reads a frame and is recognised",
      },
      {
        id: "37.VERSION.4",
        level: "MUST NOT",
        isIn23: true,
        says: "read anything into the padding, or check it",
      },
      {
        id: "37.VERSION.5",
        level: "MUST",
        isIn23: true,
        says: "accept later versions",
      },
      {
        id: "37.VERSION.6",
        level: "SHALL",
        isIn23: true,
        says: "speak its own version to a peer of the same or a later one",
      },
      {
        id: "37.VERSION.7",
        level: "MAY",
        isIn23: true,
        says: "speak an earlier version to an earlier peer",
      },
      {
        id: "37.VERSION.8",
        level: "MUST",
        isIn23: true,
        says: "close the connection where it cannot speak the peer's version",
      },
      {
        id: "37.VERSION.9",
        level: "SHOULD",
        isIn23: true,
        says:
          "send the whole greeting at once where older versions do not matter",
        differs: "see 37.VERSION.2",
      },
    ],
  },
  {
    title: "Topology",
    clauses: [
      {
        id: "37.TOPOLOGY.1",
        level: "MAY",
        isIn23: true,
        says: "let the client of a mechanism bind and its server connect",
      },
      {
        id: "37.TOPOLOGY.2",
        level: "SHALL NOT",
        isIn23: true,
        says: "give as-server a meaning where the mechanism has no roles",
      },
    ],
  },
  {
    title: "Mechanisms",
    clauses: [
      {
        id: "37.MECHANISM.1",
        level: "MAY",
        isIn23: true,
        says: "support NULL, PLAIN and CURVE, any or all",
      },
      {
        id: "37.MECHANISM.2",
        level: "SHALL",
        isIn23: true,
        says:
          "name mechanisms in capitals, digits, hyphens and underscores, and publish them as RFCs",
        outside: "we define none",
      },
      {
        id: "37.MECHANISM.3",
        level: "SHALL",
        isIn23: true,
        says: "announce one mechanism, in 20 bytes, padded with zeros",
      },
      {
        id: "37.MECHANISM.4",
        level: "MUST",
        isIn23: true,
        says: "answer a whole greeting with a whole one",
      },
      {
        id: "37.MECHANISM.5",
        level: "MUST",
        isIn23: true,
        says: "close the connection unless both announce the same",
      },
    ],
  },
  {
    title: "Errors",
    clauses: [
      {
        id: "37.ERROR.1",
        level: "SHALL",
        isIn23: true,
        says:
          "take an ERROR in the handshake as fatal, and close the connection",
      },
      {
        id: "37.ERROR.2",
        level: "SHALL NOT",
        isIn23: true,
        says: "connect again with the same credentials after that",
        differs:
          "it retries with growing delays, and emits the reason: it recovers once the server is repaired, or has our key (docs/differences.md)",
      },
      {
        id: "37.ERROR.3",
        level: "SHOULD",
        isIn23: true,
        says: "report any other error by closing the connection",
      },
      {
        id: "37.ERROR.4",
        level: "SHALL",
        isIn23: true,
        says:
          "take a connection that is closed for a passing error, and connect again",
      },
      {
        id: "37.ERROR.5",
        level: "SHOULD",
        isIn23: true,
        says:
          "wait a little, at random and ever longer, before it connects again",
      },
    ],
  },
  {
    title: "Framing",
    clauses: [
      {
        id: "37.FRAME.1",
        level: "MUST",
        isIn23: true,
        says:
          "leave the reserved bits of the flags zero; like libzmq, we do not ask that of a peer",
      },
      {
        id: "37.FRAME.2",
        level: "SHALL",
        isIn23: true,
        says:
          "write sizes up to 255 as one byte, and larger ones as eight, the highest first",
      },
      {
        id: "37.FRAME.3",
        level: "SHALL",
        isIn23: true,
        says: "take bodies of up to 2^63 - 1 bytes",
        differs:
          "a size of 2^53 or more, which a number here cannot hold, is refused by its header; no machine holds such a message",
      },
      {
        id: "37.FRAME.4",
        level: "SHALL",
        isIn23: true,
        says: "leave the bit MORE of commands zero",
      },
      {
        id: "37.COMMAND.1",
        level: "SHOULD",
        isIn23: true,
        says:
          "give a command of up to 255 bytes a short size, and a longer one a long size",
      },
      {
        id: "37.COMMAND.2",
        level: "SHALL",
        isIn23: true,
        says: "begin a command with the size of its name and the name",
      },
      {
        id: "37.COMMAND.3",
        level: "SHALL",
        isIn23: true,
        says:
          "have names of letters alone: ours are; of a peer, as of libzmq's, any printable ASCII is read",
      },
      {
        id: "37.MESSAGE.1",
        level: "SHALL",
        isIn23: true,
        says: "send and deliver all frames of a message, or none",
      },
    ],
  },
];

/** NULL, and the metadata that the two sides exchange. */
export const HANDSHAKING: readonly Section[] = [
  {
    title: "NULL",
    clauses: [
      {
        id: "37.NULL.1",
        level: "SHOULD",
        isIn23: true,
        says: "not be used on public networks",
        outside: "for the user to choose; see the documentation of the options",
      },
      {
        id: "37.NULL.2",
        level: "MUST",
        isIn23: true,
        says: "leave as-server zero",
      },
      {
        id: "37.NULL.3",
        level: "SHALL",
        isIn23: true,
        says: "send a READY, and be open once both have",
      },
      {
        id: "37.NULL.4",
        level: "SHALL",
        says:
          "let the connecting side send its READY first, and the bound side only in reply",
        differs:
          "both send at once, as 3.0 asks for (23.NULL.1) and libzmq does: one who waits, and meets a 3.0 peer who waits, waits for ever; with somebody to decide, the server's READY does come later",
      },
      {
        id: "37.NULL.5",
        level: "SHOULD",
        isIn23: true,
        says: "read the peer's READY; it may close the connection for it",
      },
      {
        id: "37.NULL.6",
        level: "MAY",
        says: "send messages once it has sent and received READY",
      },
      {
        id: "37.NULL.7",
        level: "SHALL",
        isIn23: true,
        says: "give properties names of 1 to 255 characters",
      },
      {
        id: "37.NULL.8",
        level: "SHALL NOT",
        isIn23: true,
        says: "distinguish names by case",
      },
      {
        id: "37.NULL.9",
        level: "SHALL",
        isIn23: true,
        says:
          "give them values of any bytes, with a size of four, the highest first",
      },
      {
        id: "37.NULL.10",
        level: "SHALL",
        isIn23: true,
        says: "read the reason of an ERROR as a text that can be logged",
      },
    ],
  },
  {
    title: "Metadata",
    clauses: [
      {
        id: "37.METADATA.1",
        level: "SHALL",
        isIn23: true,
        says: "let every mechanism carry metadata",
      },
      {
        id: "37.METADATA.2",
        level: "SHOULD",
        isIn23: true,
        says: "send its socket type",
      },
      {
        id: "37.METADATA.3",
        level: "MAY",
        isIn23: true,
        says: "send an identity",
      },
      {
        id: "37.METADATA.4",
        level: "MAY",
        isIn23: true,
        says: "send other properties; a peer's unknown properties are ignored",
      },
      {
        id: "37.METADATA.5",
        level: "SHALL",
        isIn23: true,
        says: "leave names that begin with X- to applications",
      },
      {
        id: "37.TYPE.1",
        level: "SHALL",
        isIn23: true,
        says: "name socket types as the RFC does",
      },
      {
        id: "37.TYPE.2",
        level: "SHOULD",
        isIn23: true,
        says: "refuse peers of types that cannot talk to it",
      },
      {
        id: "37.TYPE.3",
        level: "SHOULD",
        isIn23: true,
        says: "send such a peer an ERROR before it closes the connection",
        differs:
          "like libzmq, it closes the connection and emits an event; the other side sees the types as well, in our READY",
      },
      {
        id: "37.IDENTITY.1",
        level: "MAY",
        isIn23: true,
        says:
          "as a REQ, DEALER or ROUTER, send the identity by which a ROUTER addresses it",
      },
      {
        id: "37.IDENTITY.2",
        level: "SHALL",
        isIn23: true,
        says: "ignore the identity with all other types",
      },
      {
        id: "37.IDENTITY.3",
        level: "SHALL",
        isIn23: true,
        says: "have identities of at most 255 bytes",
      },
      {
        id: "37.IDENTITY.4",
        level: "SHALL NOT",
        says: "choose an identity that begins with a zero byte",
      },
      {
        id: "37.RESOURCE.1",
        level: "MAY",
        says: "ask for a resource of the peer",
        differs:
          "as in libzmq there are no resources: an address that has one is refused",
      },
      {
        id: "37.RESOURCE.2",
        level: "SHALL",
        says: "accept whatever resource a peer asks for",
      },
      {
        id: "37.RESOURCE.3",
        level: "SHALL",
        says: "use the same credentials for all services of an endpoint",
        outside: "one socket is bound to an address, so there is one set",
      },
    ],
  },
  {
    title: "Wire analysis",
    clauses: [
      {
        id: "37.WIRE.1",
        level: "SHALL",
        isIn23: true,
        says: "send messages as message frames on a connection in clear",
      },
      {
        id: "37.WIRE.2",
        level: "SHALL",
        isIn23: true,
        says: "send messages as commands on an encrypted connection",
        differs:
          "as in libzmq, which drops such commands, a sealed message is a message frame; a command is read, too (ARCHITECTURE, Security)",
      },
      {
        id: "37.WIRE.3",
        level: "SHALL",
        isIn23: true,
        says: "let the names of commands be seen",
      },
    ],
  },
  {
    title: "Security",
    clauses: [
      {
        id: "37.SECURITY.1",
        level: "MUST",
        isIn23: true,
        says:
          "not let itself be talked down to an older version or a weaker mechanism",
      },
      {
        id: "37.SECURITY.2",
        level: "MAY",
        isIn23: true,
        says: "limit what a peer costs before its handshake is done",
      },
      {
        id: "37.SECURITY.3",
        level: "MAY",
        isIn23: true,
        says: "log and block addresses that fail again and again",
        outside:
          "every failure is an event with its address; what to do about it is the application's to choose",
      },
      {
        id: "37.SECURITY.4",
        level: "SHALL",
        isIn23: true,
        says:
          "send metadata only once the handshake has secured the connection",
      },
      {
        id: "37.SECURITY.5",
        level: "SHOULD",
        isIn23: true,
        says: "pad encrypted messages to a size at random",
        differs:
          "as in libzmq, their size is that of the message: CURVE's MESSAGE has no place for padding",
      },
      {
        id: "37.SECURITY.6",
        level: "SHOULD",
        isIn23: true,
        says: "send noise on an encrypted connection that is quiet",
        differs: "as in libzmq, nothing is sent; there is no command for it",
      },
    ],
  },
];
