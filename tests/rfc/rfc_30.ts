/**
 * Test support. The clauses of RFC 30.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";

/** PUSH and PULL. */
export const RFC_30: Rfc = {
  number: 30,
  name: "PIPELINE",
  sections: [
    {
      title: "PUSH",
      clauses: [
        { id: "30.PUSH.1", level: "SHALL", says: "only send" },
        {
          id: "30.PUSH.2",
          level: "SHALL NOT",
          says: "filter or change messages",
        },
        {
          id: "30.PUSH.3",
          level: "SHALL",
          says: "keep an outgoing queue for each peer",
        },
        {
          id: "30.PUSH.4",
          level: "SHALL",
          says:
            "make it when it begins to connect, and keep it with and without a connection",
        },
        {
          id: "30.PUSH.5",
          level: "SHALL",
          says:
            "make it when a peer connects, and discard what waits in it when that peer goes",
        },
        {
          id: "30.PUSH.6",
          level: "SHOULD",
          says: "limit the queue as configured",
        },
        {
          id: "30.PUSH.7",
          level: "MAY",
          says: "have any number of PULL peers",
        },
        {
          id: "30.PUSH.8",
          level: "SHALL",
          says: "count a peer as available only while its queue is not full",
        },
        {
          id: "30.PUSH.9",
          level: "SHALL",
          says: "send to available peers by round robin",
        },
        {
          id: "30.PUSH.10",
          level: "SHALL",
          says: "wait, or return an error, when no peer is available",
        },
        {
          id: "30.PUSH.11",
          level: "SHALL NOT",
          says: "accept messages when no peer is available",
        },
        {
          id: "30.PUSH.12",
          level: "SHALL NOT",
          says: "discard what it cannot queue",
        },
      ],
    },
    {
      title: "PULL",
      clauses: [
        { id: "30.PULL.1", level: "SHALL", says: "only receive" },
        {
          id: "30.PULL.2",
          level: "SHALL NOT",
          says: "filter or change messages",
        },
        {
          id: "30.PULL.3",
          level: "SHALL",
          says: "keep an incoming queue for each peer",
        },
        {
          id: "30.PULL.4",
          level: "SHALL",
          says:
            "make it when it begins to connect, and keep it with and without a connection",
        },
        {
          id: "30.PULL.5",
          level: "SHALL",
          says:
            "make it when a peer connects, and discard what waits in it when that peer goes",
          differs:
            "like libzmq, we still deliver what a peer sent before it disconnected; losing work would help no one",
        },
        {
          id: "30.PULL.6",
          level: "SHOULD",
          says: "limit the queue as configured",
        },
        {
          id: "30.PULL.7",
          level: "MAY",
          says: "have any number of PUSH peers",
        },
        {
          id: "30.PULL.8",
          level: "SHALL",
          says: "receive from its peers by fair queuing",
        },
        {
          id: "30.PULL.9",
          level: "SHALL",
          says: "deliver what it receives to the application",
        },
      ],
    },
  ],
};
