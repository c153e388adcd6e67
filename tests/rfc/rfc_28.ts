/**
 * Test support. The clauses of RFC 28.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";

const INCOMING =
  "like libzmq, we still deliver what a peer sent before it disconnected; losing it would help no one";

/** REQ, REP, DEALER and ROUTER. */
export const RFC_28: Rfc = {
  number: 28,
  name: "REQREP",
  sections: [
    {
      title: "REQ",
      clauses: [
        {
          id: "28.REQ.1",
          level: "MAY",
          says: "have any number of REP and ROUTER peers",
        },
        {
          id: "28.REQ.2",
          level: "SHALL",
          says: "send one message, then receive one, in turn",
        },
        {
          id: "28.REQ.3",
          level: "SHALL",
          says: "put an empty delimiter frame before a request",
        },
        {
          id: "28.REQ.4",
          level: "SHALL",
          says:
            "have one or more frames of data behind the delimiter, in requests and replies",
        },
        {
          id: "28.REQ.5",
          level: "SHALL",
          says: "send requests to its peers by round robin",
        },
        {
          id: "28.REQ.6",
          level: "SHALL",
          says: "wait, or return an error, when it has no peer",
        },
        {
          id: "28.REQ.7",
          level: "SHALL NOT",
          says: "discard what it cannot send",
        },
        {
          id: "28.REQ.8",
          level: "SHALL",
          says: "take a reply only from the peer that it asked last",
        },
        {
          id: "28.REQ.9",
          level: "SHALL",
          says: "silently discard what other peers send",
        },
      ],
    },
    {
      title: "REP",
      clauses: [
        {
          id: "28.REP.1",
          level: "MAY",
          says: "have any number of REQ and DEALER peers",
        },
        {
          id: "28.REP.2",
          level: "SHALL NOT",
          says: "filter or change messages, either way",
        },
        {
          id: "28.REP.3",
          level: "SHALL",
          says: "receive one message, then send one, in turn",
        },
        {
          id: "28.REP.4",
          level: "SHALL",
          says:
            "have requests and replies of an envelope of any number of frames, the delimiter, and data",
        },
        {
          id: "28.REP.5",
          level: "SHALL",
          says: "receive from its peers by fair queuing",
        },
        {
          id: "28.REP.6",
          level: "SHALL",
          says: "take the envelope and the delimiter off, and keep them",
        },
        {
          id: "28.REP.7",
          level: "SHALL",
          says: "give the application the rest",
        },
        {
          id: "28.REP.8",
          level: "SHALL",
          says: "wait for one reply of the application",
        },
        {
          id: "28.REP.9",
          level: "SHALL",
          says: "put the envelope and the delimiter before the reply",
        },
        {
          id: "28.REP.10",
          level: "SHALL",
          says: "deliver the reply to the peer that asked",
        },
        {
          id: "28.REP.11",
          level: "SHALL",
          says:
            "discard the reply silently, or return an error, if that peer has gone",
        },
        { id: "28.REP.12", level: "SHALL NOT", says: "block on sending" },
      ],
    },
    {
      title: "DEALER",
      clauses: [
        {
          id: "28.DEALER.1",
          level: "MAY",
          says: "have any number of peers, and send and receive at any time",
        },
        {
          id: "28.DEALER.2",
          level: "SHALL NOT",
          says: "filter or change messages, either way",
        },
        {
          id: "28.DEALER.3",
          level: "SHALL",
          says:
            "keep a queue each way for each peer, independent of each other",
        },
        {
          id: "28.DEALER.4",
          level: "SHALL",
          says:
            "make the queues when it begins to connect, and keep them with and without a connection",
        },
        {
          id: "28.DEALER.5",
          level: "SHALL",
          says:
            "make them when a peer connects, and discard what waits for that peer when it goes",
        },
        {
          id: "28.DEALER.6",
          level: "SHALL",
          says:
            "discard, too, what such a peer sent and the application has not received",
          differs: INCOMING,
        },
        {
          id: "28.DEALER.7",
          level: "SHOULD",
          says: "limit both queues as configured",
        },
        {
          id: "28.DEALER.8",
          level: "SHALL",
          says:
            "count a peer as available only while its outgoing queue is not full",
        },
        {
          id: "28.DEALER.9",
          level: "SHALL",
          says: "send to available peers by round robin",
        },
        {
          id: "28.DEALER.10",
          level: "SHALL",
          says: "wait, or return an error, when no peer is available",
        },
        {
          id: "28.DEALER.11",
          level: "SHALL NOT",
          says: "accept messages when no peer is available",
        },
        {
          id: "28.DEALER.12",
          level: "SHALL NOT",
          says: "discard what it cannot queue",
        },
        {
          id: "28.DEALER.13",
          level: "SHALL",
          says: "receive from its peers by fair queuing",
        },
        {
          id: "28.DEALER.14",
          level: "SHALL",
          says: "deliver what it receives to the application",
        },
      ],
    },
    {
      title: "ROUTER",
      clauses: [
        {
          id: "28.ROUTER.1",
          level: "MAY",
          says: "have any number of peers, and send and receive at any time",
        },
        {
          id: "28.ROUTER.2",
          level: "SHALL",
          says:
            "keep a queue each way for each peer, independent of each other",
        },
        {
          id: "28.ROUTER.3",
          level: "SHALL",
          says:
            "make the queues when it begins to connect, and keep them with and without a connection",
        },
        {
          id: "28.ROUTER.4",
          level: "SHALL",
          says:
            "make them when a peer connects, and discard what waits for that peer when it goes",
        },
        {
          id: "28.ROUTER.5",
          level: "SHALL",
          says:
            "discard, too, what such a peer sent and the application has not received",
          differs: INCOMING,
        },
        {
          id: "28.ROUTER.6",
          level: "SHALL",
          says: "know each peer by an identity of its own",
        },
        {
          id: "28.ROUTER.7",
          level: "SHOULD",
          says: "let a peer choose its identity in its metadata",
        },
        {
          id: "28.ROUTER.8",
          level: "SHOULD",
          says: "limit both queues as configured",
        },
        {
          id: "28.ROUTER.9",
          level: "SHALL",
          says: "receive from its peers by fair queuing",
        },
        {
          id: "28.ROUTER.10",
          level: "SHALL",
          says: "put the identity of its peer before each message",
        },
        {
          id: "28.ROUTER.11",
          level: "SHALL",
          says: "deliver the result to the application",
        },
        {
          id: "28.ROUTER.12",
          level: "SHALL",
          says:
            "take the first frame of what is sent for the identity of the peer",
        },
        {
          id: "28.ROUTER.13",
          level: "SHALL",
          says: "send the rest to that peer, if it is there and has room",
        },
        {
          id: "28.ROUTER.14",
          level: "SHALL",
          says:
            "drop the message, or return an error, as configured, if the peer is not there or has no room",
        },
        {
          id: "28.ROUTER.15",
          level: "SHALL NOT",
          says:
            "block on sending: with the option mandatory it may be asked to wait, as in libzmq",
        },
      ],
    },
  ],
};
