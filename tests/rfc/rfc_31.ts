/**
 * Test support. The clauses of RFC 31.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";

/** PAIR. */
export const RFC_31: Rfc = {
  number: 31,
  name: "EXPAIR",
  sections: [
    {
      title: "PAIR",
      clauses: [
        {
          id: "31.PAIR.1",
          level: "MAY",
          says: "have one peer at most, and send and receive at any time",
        },
        {
          id: "31.PAIR.2",
          level: "SHALL NOT",
          says: "filter or change messages, either way",
        },
        {
          id: "31.PAIR.3",
          level: "SHALL",
          says: "keep a queue each way for its peer, independent of each other",
        },
        {
          id: "31.PAIR.4",
          level: "SHALL",
          says:
            "make the queues when it begins to connect, and keep them with and without a connection",
        },
        {
          id: "31.PAIR.5",
          level: "SHALL",
          says:
            "make them when a peer connects, and discard what waits for it when it goes",
        },
        {
          id: "31.PAIR.6",
          level: "SHALL",
          says:
            "discard, too, what that peer sent and the application has not received",
          differs:
            "like libzmq, we still deliver what a peer sent before it disconnected; losing it would help no one",
        },
        {
          id: "31.PAIR.7",
          level: "SHOULD",
          says: "limit both queues as configured",
        },
        {
          id: "31.PAIR.8",
          level: "SHALL",
          says:
            "count its peer as available only while the outgoing queue is not full",
        },
        {
          id: "31.PAIR.9",
          level: "SHALL",
          says: "wait, or return an error, when its peer is not available",
        },
        {
          id: "31.PAIR.10",
          level: "SHALL NOT",
          says: "accept messages when its peer is not available",
        },
        {
          id: "31.PAIR.11",
          level: "SHALL NOT",
          says: "discard what it cannot queue",
        },
        {
          id: "31.PAIR.12",
          level: "SHALL",
          says: "receive from its peer, if it has one",
        },
        {
          id: "31.PAIR.13",
          level: "SHALL",
          says: "deliver what it receives to the application",
        },
      ],
    },
  ],
};
