/**
 * Test support. The clauses of RFC 30.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";
import { FAIR, KEPT, MARKS, PIPELINE, ROBIN } from "./files.ts";

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
          tests: [[PIPELINE, "PUSH passes over a peer whose queue is full"]],
        },
        {
          id: "30.PUSH.4",
          level: "SHALL",
          says:
            "make it when it begins to connect, and keep it with and without a connection",
          tests: [KEPT],
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
          tests: [[MARKS, "a mark counts messages, not frames"]],
        },
        {
          id: "30.PUSH.7",
          level: "MAY",
          says: "have any number of PULL peers",
          tests: [[PIPELINE, "PUSH SHALL route to its peers by round-robin"]],
        },
        {
          id: "30.PUSH.8",
          level: "SHALL",
          says: "count a peer as available only while its queue is not full",
          tests: [[PIPELINE, "PUSH passes over a peer whose queue is full"]],
        },
        {
          id: "30.PUSH.9",
          level: "SHALL",
          says: "send to available peers by round robin",
          tests: [[PIPELINE, "PUSH SHALL route to its peers by round-robin"], [
            ROBIN,
            "property: messages go round all that have room, as in a naive model",
          ]],
        },
        {
          id: "30.PUSH.10",
          level: "SHALL",
          says: "wait, or return an error, when no peer is available",
          tests: [[
            PIPELINE,
            "PUSH SHALL block on sending when it has no peers",
          ]],
        },
        {
          id: "30.PUSH.11",
          level: "SHALL NOT",
          says: "accept messages when no peer is available",
          tests: [[
            PIPELINE,
            "a message to a peer that has gone is not taken for sent",
          ]],
        },
        {
          id: "30.PUSH.12",
          level: "SHALL NOT",
          says: "discard what it cannot queue",
          tests: [[
            MARKS,
            "a slow receiver holds a sender up, and loses nothing",
          ]],
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
          tests: [[FAIR, "it takes one message of each peer in turn"]],
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
            "libzmq, too, still delivers what a peer sent before it went; losing work would help nobody",
          tests: [[
            PIPELINE,
            "what a peer sent before it closed can still be received",
          ]],
        },
        {
          id: "30.PULL.6",
          level: "SHOULD",
          says: "limit the queue as configured",
          tests: [[
            MARKS,
            "a slow receiver holds a sender up, and loses nothing",
          ]],
        },
        {
          id: "30.PULL.7",
          level: "MAY",
          says: "have any number of PUSH peers",
          tests: [[
            PIPELINE,
            "PULL SHALL receive by fair-queuing: a flood starves nobody",
          ]],
        },
        {
          id: "30.PULL.8",
          level: "SHALL",
          says: "receive from its peers by fair queuing",
          tests: [[
            PIPELINE,
            "PULL SHALL receive by fair-queuing: a flood starves nobody",
          ]],
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
