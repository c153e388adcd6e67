/**
 * Test support. The clauses of RFC 29.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";

const INCOMING =
  "like libzmq, we still deliver what a peer sent before it disconnected; losing it would help no one";
const BACK =
  "as in libzmq: a full queue stops the reading, so that the publisher, who knows its limit, drops";

/** PUB, XPUB, SUB and XSUB. */
export const RFC_29: Rfc = {
  number: 29,
  name: "PUBSUB",
  sections: [
    {
      title: "PUB",
      clauses: [
        { id: "29.PUB.1", level: "SHALL", says: "only send" },
        {
          id: "29.PUB.2",
          level: "SHALL",
          says: "keep one outgoing queue for each subscriber",
        },
        {
          id: "29.PUB.3",
          level: "SHALL",
          says:
            "make the queue when it begins to connect, and keep it with and without a connection",
        },
        {
          id: "29.PUB.4",
          level: "MAY",
          says: "have any number of SUB and XSUB peers",
        },
        {
          id: "29.PUB.5",
          level: "SHALL",
          says:
            "make it when a subscriber connects, and discard what waits in it when that one goes",
        },
        {
          id: "29.PUB.6",
          level: "SHOULD",
          says: "limit the queue as configured",
        },
        {
          id: "29.PUB.7",
          level: "SHALL",
          says: "silently discard messages of its subscribers",
        },
        {
          id: "29.PUB.8",
          level: "MAY",
          says:
            "send everything to everybody, or to each only what it has subscribed to: the latter",
        },
        { id: "29.PUB.9", level: "SHALL NOT", says: "change messages" },
        {
          id: "29.PUB.10",
          level: "SHALL",
          says: "silently drop a message for a subscriber whose queue is full",
        },
        {
          id: "29.PUB.11",
          level: "SHALL",
          says:
            "compare subscriptions, byte by byte, with the beginning of the first frame",
        },
        {
          id: "29.PUB.12",
          level: "SHALL",
          says: "take subscriptions and cancellations from its subscribers",
        },
        {
          id: "29.PUB.13",
          level: "SHALL NOT",
          says: "block on sending",
        },
        {
          id: "29.PUB.14",
          level: "SHALL NOT",
          says: "deliver those to the application",
        },
      ],
    },
    {
      title: "XPUB",
      clauses: [
        {
          id: "29.XPUB.1",
          level: "MAY",
          says:
            "have any number of SUB and XSUB peers, and both send and receive",
        },
        {
          id: "29.XPUB.2",
          level: "SHALL",
          says:
            "keep a queue each way for each subscriber, independent of each other",
        },
        {
          id: "29.XPUB.3",
          level: "SHALL",
          says:
            "make the queues when it begins to connect, and keep them with and without a connection",
        },
        {
          id: "29.XPUB.4",
          level: "SHALL",
          says:
            "make them when a subscriber connects, and discard what waits for it when it goes",
        },
        {
          id: "29.XPUB.5",
          level: "SHOULD",
          says: "limit both queues as configured",
        },
        { id: "29.XPUB.6", level: "SHALL NOT", says: "change messages" },
        {
          id: "29.XPUB.7",
          level: "MAY",
          says: "send to each only what it has subscribed to",
        },
        {
          id: "29.XPUB.8",
          level: "SHALL",
          says:
            "compare subscriptions, byte by byte, with the beginning of the first frame",
        },
        {
          id: "29.XPUB.9",
          level: "SHALL",
          says: "silently drop a message for a subscriber whose queue is full",
        },
        { id: "29.XPUB.10", level: "SHALL NOT", says: "block on sending" },
        {
          id: "29.XPUB.11",
          level: "SHALL",
          says: "receive from its subscribers by fair queuing",
          differs:
            "as in libzmq, subscriptions and messages come in the order in which they are read; an XPUB must know them at once to filter, so they are not left in a queue",
        },
        {
          id: "29.XPUB.12",
          level: "SHALL",
          says: "deliver messages of its subscribers to the application",
        },
        {
          id: "29.XPUB.13",
          level: "SHALL",
          says: "take subscriptions and cancellations from its subscribers",
        },
        {
          id: "29.XPUB.14",
          level: "SHALL",
          says: "deliver those to the application",
        },
        {
          id: "29.XPUB.15",
          level: "MAY",
          says:
            "report several subscriptions to the same topic as one, as configured",
        },
        {
          id: "29.XPUB.16",
          level: "SHALL",
          says: "make up the cancellations of a subscriber that goes",
        },
        {
          id: "29.XPUB.17",
          level: "SHALL",
          says:
            "discard what a disconnected subscriber sent and the application has not received",
          differs: INCOMING,
        },
      ],
    },
    {
      title: "SUB",
      clauses: [
        { id: "29.SUB.1", level: "SHALL", says: "only receive" },
        {
          id: "29.SUB.2",
          level: "SHALL",
          says: "keep one incoming queue for each publisher",
        },
        {
          id: "29.SUB.3",
          level: "SHALL",
          says:
            "make the queue when it begins to connect, and keep it with and without a connection",
        },
        {
          id: "29.SUB.4",
          level: "SHALL",
          says:
            "make it when a publisher connects, and discard what waits in it when that one goes",
          differs: INCOMING,
        },
        {
          id: "29.SUB.5",
          level: "SHOULD",
          says: "limit the queue as configured",
        },
        {
          id: "29.SUB.6",
          level: "SHALL",
          says: "silently discard messages of a publisher whose queue is full",
          differs: BACK,
        },
        {
          id: "29.SUB.7",
          level: "MAY",
          says: "have any number of PUB and XPUB peers",
        },
        {
          id: "29.SUB.8",
          level: "SHALL",
          says: "receive from its publishers by fair queuing",
        },
        { id: "29.SUB.9", level: "SHALL NOT", says: "change messages" },
        {
          id: "29.SUB.10",
          level: "MAY",
          says: "filter messages by prefix",
        },
        {
          id: "29.SUB.11",
          level: "SHALL",
          says: "deliver messages to the application",
        },
        {
          id: "29.SUB.12",
          level: "MAY",
          says: "send subscriptions and cancellations to publishers",
        },
      ],
    },
    {
      title: "XSUB",
      clauses: [
        {
          id: "29.XSUB.1",
          level: "MAY",
          says:
            "have any number of PUB and XPUB peers, and both send and receive",
        },
        {
          id: "29.XSUB.2",
          level: "SHALL",
          says:
            "keep a queue each way for each publisher, independent of each other",
        },
        {
          id: "29.XSUB.3",
          level: "SHALL",
          says:
            "make the queues when it begins to connect, and keep them with and without a connection",
        },
        {
          id: "29.XSUB.4",
          level: "SHALL",
          says:
            "make them when a publisher connects, and discard what waits for it when it goes",
        },
        {
          id: "29.XSUB.5",
          level: "SHALL",
          says:
            "discard, too, what such a publisher sent and the application has not received",
          differs: INCOMING,
        },
        {
          id: "29.XSUB.6",
          level: "SHALL NOT",
          says: "change incoming messages",
        },
        {
          id: "29.XSUB.7",
          level: "SHALL",
          says: "silently discard messages of a publisher whose queue is full",
          differs: BACK,
        },
        {
          id: "29.XSUB.8",
          level: "SHALL",
          says: "receive from its publishers by fair queuing",
        },
        {
          id: "29.XSUB.9",
          level: "MAY",
          says: "filter messages by prefix",
          differs:
            "as in libzmq, an XSUB does not filter: it stands in proxies, whose subscribers differ",
        },
        {
          id: "29.XSUB.10",
          level: "SHALL",
          says: "deliver messages to the application",
        },
        {
          id: "29.XSUB.11",
          level: "SHALL NOT",
          says: "change messages that go out",
        },
        {
          id: "29.XSUB.12",
          level: "SHALL",
          says: "send each message to all publishers",
        },
        {
          id: "29.XSUB.13",
          level: "SHALL",
          says: "silently drop a message for a publisher whose queue is full",
        },
        { id: "29.XSUB.14", level: "SHALL NOT", says: "block on sending" },
        {
          id: "29.XSUB.15",
          level: "SHALL",
          says: "take subscriptions from the application",
        },
        {
          id: "29.XSUB.16",
          level: "SHALL",
          says: "send subscriptions and cancellations to publishers",
        },
        {
          id: "29.XSUB.17",
          level: "SHOULD",
          says:
            "cancel all its subscriptions at a publisher before it closes the connection",
          differs:
            "as in libzmq, the end of the connection says it: the publisher makes the cancellations up (29.XPUB.16)",
        },
        {
          id: "29.XSUB.18",
          level: "SHOULD",
          says: "limit both queues as configured",
        },
      ],
    },
  ],
};
