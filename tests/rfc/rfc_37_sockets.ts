/**
 * Test support. The clauses of RFC 37 on sockets and heartbeats.
 *
 * @module
 */
import type { Section } from "./clause.ts";

/** What holds above the connection. */
export const SOCKETS: readonly Section[] = [
  {
    title: "Sockets",
    clauses: [
      {
        id: "37.SOCKET.1",
        level: "SHALL",
        isIn23: true,
        says: "both accept connections and make them, with every type",
      },
      {
        id: "37.SOCKET.2",
        level: "SHALL",
        isIn23: true,
        says: "connect in the background",
      },
      {
        id: "37.SOCKET.3",
        level: "SHOULD",
        isIn23: true,
        says: "connect again after a while when a connection breaks",
      },
      {
        id: "37.SOCKET.4",
        level: "SHALL",
        isIn23: true,
        says:
          "send and receive all frames of a message or none; a message to be sent is kept until its last frame is there",
      },
      {
        id: "37.SOCKET.5",
        level: "SHALL NOT",
        isIn23: true,
        says: "deliver a message to a peer more than once",
      },
      {
        id: "37.SOCKET.6",
        level: "SHALL",
        isIn23: true,
        says: "deliver messages between two peers in order",
      },
      {
        id: "37.SOCKET.7",
        level: "SHOULD",
        isIn23: true,
        says: "follow RFCs 28 to 31: see there",
        outside: "their clauses are listed with them",
      },
    ],
  },
  {
    title: "Publish-subscribe",
    clauses: [
      {
        id: "37.PUBSUB.1",
        level: "SHALL",
        isIn23: true,
        says: "filter messages at the publisher",
      },
      {
        id: "37.PUBSUB.2",
        level: "SHALL",
        says: "subscribe by the command SUBSCRIBE with the topic",
      },
      {
        id: "37.PUBSUB.3",
        level: "SHALL",
        says: "cancel by the command CANCEL with the topic",
      },
      {
        id: "37.PUBSUB.4",
        level: "SHALL",
        isIn23: true,
        says: "match all messages that begin with the topic",
      },
      {
        id: "37.PUBSUB.5",
        level: "SHALL",
        isIn23: true,
        says: "match every message with an empty topic",
      },
      {
        id: "37.PUBSUB.6",
        level: "SHALL",
        isIn23: true,
        says:
          "add subscriptions up: with overlapping ones a message comes once",
      },
      {
        id: "37.PUBSUB.7",
        level: "SHALL NOT",
        isIn23: true,
        says:
          "take two subscriptions to a topic for one: two need two cancellations",
      },
      {
        id: "37.PUBSUB.8",
        level: "SHALL NOT",
        isIn23: true,
        says: "take two of one peer for one at the publisher, either",
        differs:
          "as in libzmq, it is the subscriber that counts, and a publisher ends a peer's subscription with its first cancellation: libzmq's XSUB sends every subscription but only the last cancellation",
      },
    ],
  },
  {
    title: "Newer socket types",
    clauses: [
      {
        id: "37.DRAFT.1",
        level: "SHALL",
        says: "join and leave groups, and check them at the RADIO",
      },
      {
        id: "37.DRAFT.2",
        level: "MUST",
        says:
          "be atomic, and neither send nor take messages of several frames, with thread-safe types",
      },
    ],
  },
  {
    title: "Heartbeats",
    clauses: [
      {
        id: "37.PING.1",
        level: "MAY",
        says:
          "send PING with a time to live in tenths of a second, at any time after the handshake",
      },
      {
        id: "37.PING.2",
        level: "SHALL",
        says: "answer PING by PONG with the same context",
      },
      {
        id: "37.PING.3",
        level: "MUST NOT",
        says: "send a context of more than 16 bytes",
      },
      {
        id: "37.PING.4",
        level: "MAY",
        says: "close a connection on which no answer came in time",
      },
      {
        id: "37.PING.5",
        level: "SHOULD",
        says: "take all traffic, not PONG alone, for a sign of life",
      },
      {
        id: "37.PING.6",
        level: "SHOULD",
        says: "not send many PINGs that were not answered",
      },
      {
        id: "37.PING.7",
        level: "SHOULD",
        says: "give a peer up that is silent after a PING",
      },
      {
        id: "37.PING.8",
        level: "SHOULD",
        says: "give a peer up that is silent for the time to live in its PING",
      },
      {
        id: "37.PING.9",
        level: "SHOULD",
        says: "connect again after that as always",
      },
    ],
  },
  {
    title: "Older versions",
    clauses: [
      {
        id: "37.OLD.1",
        level: "MAY",
        isIn23: true,
        says: "speak ZMTP 1 and 2",
      },
      {
        id: "37.OLD.2",
        level: "MUST",
        isIn23: true,
        says:
          "close the connection to a peer of ZMTP 1 or 2 if a mechanism is set",
      },
    ],
  },
];
