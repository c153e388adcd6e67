/**
 * Test support. The clauses of RFC 23 that are not in RFC 37, too.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";

/** ZMTP 3.0, where it is not as 3.1. */
export const RFC_23: Rfc = {
  number: 23,
  name: "ZMTP 3.0",
  note:
    "We announce 3.1 and serve peers of 3.0. What 3.1 asks for as well is listed with [37](#rfc-37) and marked there; here is what differs.",
  sections: [
    {
      title: "Version negotiation",
      clauses: [
        {
          id: "23.VERSION.1",
          level: "MUST",
          says: "accept versions from 3.0 on",
        },
      ],
    },
    {
      title: "NULL",
      clauses: [
        {
          id: "23.NULL.1",
          level: "MUST",
          says: "send READY before it waits for the peer's",
        },
        {
          id: "23.NULL.2",
          level: "MAY",
          says:
            "send messages as soon as it has sent its READY: we take such messages, and wait with ours for the peer's READY",
        },
      ],
    },
    {
      title: "Publish-subscribe",
      clauses: [
        {
          id: "23.PUBSUB.1",
          level: "SHALL",
          says:
            "subscribe at such a peer with a message of the byte 1 and the topic",
        },
        {
          id: "23.PUBSUB.2",
          level: "SHALL",
          says: "cancel with a message of the byte 0 and the topic",
        },
        {
          id: "23.PUBSUB.3",
          level: "SHALL",
          says:
            "need as many cancellations as there were subscriptions to a topic",
        },
      ],
    },
  ],
};
