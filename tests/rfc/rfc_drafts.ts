/**
 * Test support. The clauses of the RFCs of the draft socket types: 41, 48, 49, 51
 * and 52.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";

const INCOMING =
  "as with the older types, what a peer sent before it disconnected is still delivered; losing it would help no one";
const BACK =
  "the connection is paused instead, as with SUB, and the RADIO drops";
const THREADS = "a JavaScript object belongs to one thread";
const NO_UDP = "that is for udp, which is not among the transports";

/** CLIENT and SERVER. */
export const RFC_41: Rfc = {
  number: 41,
  name: "CLIENTSERVER",
  sections: [
    {
      title: "CLIENT",
      clauses: [
        {
          id: "41.CLIENT.1",
          level: "MAY",
          says: "have any number of SERVER peers, and both send and receive",
        },
        {
          id: "41.CLIENT.2",
          level: "SHALL NOT",
          says: "filter or change messages",
        },
        {
          id: "41.CLIENT.3",
          level: "SHALL",
          says:
            "keep a queue each way for each peer, independent of each other",
        },
        {
          id: "41.CLIENT.4",
          level: "SHALL",
          says:
            "create the queues when it begins to connect, and keep them with and without a connection",
        },
        {
          id: "41.CLIENT.5",
          level: "SHALL",
          says:
            "create them when a peer connects, and discard what waits to be sent when that peer is gone",
        },
        {
          id: "41.CLIENT.6",
          level: "SHALL",
          says:
            "discard, too, what that peer sent and the application has not received",
          differs: INCOMING,
        },
        {
          id: "41.CLIENT.7",
          level: "SHOULD",
          says: "limit the queues as configured",
        },
        {
          id: "41.CLIENT.8",
          level: "MUST",
          says: "be usable from several threads",
          outside: THREADS,
        },
        {
          id: "41.CLIENT.9",
          level: "SHALL",
          says:
            "consider a peer available only while its outgoing queue is not full",
        },
        {
          id: "41.CLIENT.10",
          level: "SHALL",
          says: "send to available peers by round robin",
        },
        {
          id: "41.CLIENT.11",
          level: "SHALL",
          says:
            "block on sending, or return an error, when it has no available peer",
        },
        {
          id: "41.CLIENT.12",
          level: "SHALL NOT",
          says: "accept messages when it has no available peer",
        },
        {
          id: "41.CLIENT.13",
          level: "SHALL NOT",
          says: "discard messages that it cannot queue",
        },
        {
          id: "41.CLIENT.14",
          level: "MUST NOT",
          says: "send multipart messages",
        },
        {
          id: "41.CLIENT.15",
          level: "SHALL",
          says: "receive from its peers by fair queueing",
        },
        {
          id: "41.CLIENT.16",
          level: "SHALL",
          says: "deliver what it receives to the application",
        },
        {
          id: "41.CLIENT.17",
          level: "MUST",
          says: "discard multipart messages",
        },
        {
          id: "41.CLIENT.18",
          level: "MAY",
          says: "disconnect a peer that sends them; most types here do not",
        },
      ],
    },
    {
      title: "SERVER",
      clauses: [
        {
          id: "41.SERVER.1",
          level: "MAY",
          says: "have any number of CLIENT peers, and both send and receive",
        },
        {
          id: "41.SERVER.2",
          level: "SHALL NOT",
          says: "filter or change messages",
        },
        {
          id: "41.SERVER.3",
          level: "SHALL",
          says:
            "keep a queue each way for each peer, independent of each other",
        },
        {
          id: "41.SERVER.4",
          level: "SHALL",
          says:
            "create the queues when it begins to connect, and keep them with and without a connection",
        },
        {
          id: "41.SERVER.5",
          level: "SHALL",
          says:
            "create them when a peer connects, and discard what waits to be sent when that peer is gone",
        },
        {
          id: "41.SERVER.6",
          level: "SHALL",
          says:
            "discard, too, what that peer sent and the application has not received",
          differs: INCOMING,
        },
        {
          id: "41.SERVER.7",
          level: "SHALL",
          says:
            "identify each queue by a unique, non-zero integer of 32 bits: the routing id",
        },
        {
          id: "41.SERVER.8",
          level: "SHALL NOT",
          says: "let a peer choose its routing id",
        },
        {
          id: "41.SERVER.9",
          level: "SHOULD",
          says: "limit the queues as configured",
        },
        {
          id: "41.SERVER.10",
          level: "SHALL",
          says: "receive from its peers by fair queueing",
        },
        {
          id: "41.SERVER.11",
          level: "SHALL",
          says: "deliver what it receives to the application",
        },
        {
          id: "41.SERVER.12",
          level: "SHALL",
          says: "give the application the routing id of a message",
        },
        {
          id: "41.SERVER.13",
          level: "MUST",
          says: "discard multipart messages",
        },
        {
          id: "41.SERVER.14",
          level: "MAY",
          says: "disconnect a peer that sends them; most types here do not",
        },
        {
          id: "41.SERVER.15",
          level: "SHALL",
          says: "let the application set the routing id of a message",
        },
        {
          id: "41.SERVER.16",
          level: "SHALL",
          says:
            "put a message into the queue of that id, if there is one with room",
        },
        {
          id: "41.SERVER.17",
          level: "SHALL",
          says: "return an error if there is none",
        },
        {
          id: "41.SERVER.18",
          level: "SHALL",
          says: "block on sending if that queue is full",
        },
        {
          id: "41.SERVER.19",
          level: "SHALL NOT",
          says: "discard messages that it cannot queue",
        },
        {
          id: "41.SERVER.20",
          level: "MUST NOT",
          says: "send multipart messages",
        },
      ],
    },
  ],
};

/** RADIO and DISH. */
export const RFC_48: Rfc = {
  number: 48,
  name: "RADIO-DISH",
  sections: [
    {
      title: "RADIO",
      clauses: [
        {
          id: "48.RADIO.1",
          level: "MAY",
          says: "have any number of DISH peers, and only send",
        },
        {
          id: "48.RADIO.2",
          level: "SHALL",
          says: "keep one outgoing queue for each peer",
        },
        {
          id: "48.RADIO.3",
          level: "SHALL",
          says:
            "create the queue when it begins to connect, and keep it with and without a connection",
        },
        {
          id: "48.RADIO.4",
          level: "SHALL",
          says:
            "create it when a peer connects, and discard what waits in it when that peer is gone",
        },
        {
          id: "48.RADIO.5",
          level: "SHOULD",
          says: "limit the queues as configured",
        },
        {
          id: "48.RADIO.6",
          level: "SHALL",
          says: "silently discard what a DISH sends",
        },
        {
          id: "48.RADIO.7",
          level: "MUST",
          says: "be usable from several threads",
          outside: THREADS,
        },
        {
          id: "48.RADIO.8",
          level: "MUST",
          says: "let the application set the group of a message",
        },
        { id: "48.RADIO.9", level: "SHALL NOT", says: "change messages" },
        {
          id: "48.RADIO.10",
          level: "MAY",
          says: "send all messages to every DISH, over some transports",
          outside: NO_UDP,
        },
        {
          id: "48.RADIO.11",
          level: "MAY",
          says: "send a DISH only messages of groups that it has joined",
        },
        { id: "48.RADIO.12", level: "SHALL", says: "match groups exactly" },
        {
          id: "48.RADIO.13",
          level: "SHALL",
          says: "silently drop a message for a DISH whose queue is full",
        },
        { id: "48.RADIO.14", level: "SHALL NOT", says: "block on sending" },
        {
          id: "48.RADIO.15",
          level: "SHALL",
          says:
            "receive what peers join and leave, by the transport's protocol",
        },
        {
          id: "48.RADIO.16",
          level: "SHALL NOT",
          says: "deliver those commands to the application",
        },
      ],
    },
    {
      title: "DISH",
      clauses: [
        {
          id: "48.DISH.1",
          level: "MAY",
          says: "have any number of RADIO peers, and only receive",
        },
        {
          id: "48.DISH.2",
          level: "SHALL",
          says: "keep one incoming queue for each RADIO",
        },
        {
          id: "48.DISH.3",
          level: "SHALL",
          says:
            "create the queue when it begins to connect, and keep it with and without a connection",
        },
        {
          id: "48.DISH.4",
          level: "SHALL",
          says:
            "create it when a RADIO connects, and discard what waits in it when that RADIO is gone",
          differs: INCOMING,
        },
        {
          id: "48.DISH.5",
          level: "SHOULD",
          says: "limit the queues as configured",
        },
        {
          id: "48.DISH.6",
          level: "MUST",
          says: "be usable from several threads",
          outside: THREADS,
        },
        {
          id: "48.DISH.7",
          level: "MUST",
          says: "give the application the group of a message",
        },
        {
          id: "48.DISH.8",
          level: "SHALL",
          says: "silently discard messages of a RADIO whose queue is full",
          differs: BACK,
        },
        {
          id: "48.DISH.9",
          level: "SHALL",
          says: "receive from its peers by fair queueing",
        },
        { id: "48.DISH.10", level: "SHALL NOT", says: "change messages" },
        { id: "48.DISH.11", level: "MAY", says: "filter messages by group" },
        {
          id: "48.DISH.12",
          level: "SHALL",
          says: "attach the group to the message",
        },
        {
          id: "48.DISH.13",
          level: "SHALL",
          says: "deliver what it receives to the application",
        },
        {
          id: "48.DISH.14",
          level: "MAY",
          says:
            "send what it joins and leaves to RADIOs, by the transport's protocol",
        },
      ],
    },
    {
      title: "GROUP",
      clauses: [
        {
          id: "48.GROUP.1",
          level: "MUST",
          says: "have a length of 0 to 255 bytes",
        },
        { id: "48.GROUP.2", level: "MUST", says: "have bytes from 1 to 255" },
      ],
    },
  ],
};

/** SCATTER and GATHER. */
export const RFC_49: Rfc = {
  number: 49,
  name: "SCATTERGATHER",
  sections: [
    {
      title: "SCATTER",
      clauses: [
        {
          id: "49.SCATTER.1",
          level: "MAY",
          says: "have any number of GATHER peers, and only send",
        },
        {
          id: "49.SCATTER.2",
          level: "SHALL NOT",
          says: "filter or change messages",
        },
        {
          id: "49.SCATTER.3",
          level: "SHALL",
          says: "keep an outgoing queue for each peer",
        },
        {
          id: "49.SCATTER.4",
          level: "SHALL",
          says:
            "create the queue when it begins to connect, and keep it with and without a connection",
        },
        {
          id: "49.SCATTER.5",
          level: "SHALL",
          says:
            "create it when a peer connects, and discard what waits in it when that peer is gone",
        },
        {
          id: "49.SCATTER.6",
          level: "SHOULD",
          says: "limit the queues as configured",
        },
        {
          id: "49.SCATTER.7",
          level: "MUST",
          says: "be usable from several threads",
          outside: THREADS,
        },
        {
          id: "49.SCATTER.8",
          level: "SHALL",
          says:
            "consider a peer available only while its outgoing queue is not full",
        },
        {
          id: "49.SCATTER.9",
          level: "SHALL",
          says: "send to available peers by round robin",
        },
        {
          id: "49.SCATTER.10",
          level: "SHALL",
          says:
            "block on sending, or return an error, when it has no available peer",
        },
        {
          id: "49.SCATTER.11",
          level: "SHALL NOT",
          says: "accept messages when it has no available peer",
        },
        {
          id: "49.SCATTER.12",
          level: "SHALL NOT",
          says: "discard messages that it cannot queue",
        },
        {
          id: "49.SCATTER.13",
          level: "MUST NOT",
          says: "send multipart messages",
        },
      ],
    },
    {
      title: "GATHER",
      clauses: [
        {
          id: "49.GATHER.1",
          level: "MAY",
          says: "have any number of SCATTER peers, and only receive",
        },
        {
          id: "49.GATHER.2",
          level: "SHALL NOT",
          says: "filter or change messages",
        },
        {
          id: "49.GATHER.3",
          level: "SHALL",
          says: "keep an incoming queue for each peer",
        },
        {
          id: "49.GATHER.4",
          level: "SHALL",
          says:
            "create the queue when it begins to connect, and keep it with and without a connection",
        },
        {
          id: "49.GATHER.5",
          level: "SHALL",
          says:
            "create it when a peer connects, and discard what waits in it when that peer is gone",
          differs: INCOMING,
        },
        {
          id: "49.GATHER.6",
          level: "SHOULD",
          says: "limit the queues as configured",
        },
        {
          id: "49.GATHER.7",
          level: "MUST",
          says: "be usable from several threads",
          outside: THREADS,
        },
        {
          id: "49.GATHER.8",
          level: "SHALL",
          says: "receive from its peers by fair queueing",
        },
        {
          id: "49.GATHER.9",
          level: "SHALL",
          says: "deliver what it receives to the application",
        },
        {
          id: "49.GATHER.10",
          level: "MUST",
          says: "discard multipart messages",
        },
        {
          id: "49.GATHER.11",
          level: "MAY",
          says: "disconnect a peer that sends them; most types here do not",
        },
      ],
    },
  ],
};

/** PEER. */
export const RFC_51: Rfc = {
  number: 51,
  name: "P2P",
  sections: [
    {
      title: "PEER",
      clauses: [
        {
          id: "51.PEER.1",
          level: "MAY",
          says: "have any number of PEER peers",
        },
        {
          id: "51.PEER.2",
          level: "MAY",
          says: "send and receive in any order",
        },
        {
          id: "51.PEER.3",
          level: "SHALL NOT",
          says: "filter or change messages",
        },
        {
          id: "51.PEER.4",
          level: "SHALL",
          says:
            "keep a queue each way for each peer, independent of each other",
        },
        {
          id: "51.PEER.5",
          level: "SHALL",
          says:
            "create the queues when it begins to connect, and keep them with and without a connection",
        },
        {
          id: "51.PEER.6",
          level: "SHALL",
          says:
            "create them when a peer connects, and discard what waits to be sent when that peer is gone",
        },
        {
          id: "51.PEER.7",
          level: "SHALL",
          says:
            "discard, too, what that peer sent and the application has not received",
          differs: INCOMING,
        },
        {
          id: "51.PEER.8",
          level: "SHALL",
          says:
            "identify each queue by a unique, non-zero integer of 32 bits: the routing id",
        },
        {
          id: "51.PEER.9",
          level: "SHALL",
          says:
            "let the application connect and get the routing id in one call",
        },
        {
          id: "51.PEER.10",
          level: "SHALL NOT",
          says: "let a peer choose its routing id",
        },
        {
          id: "51.PEER.11",
          level: "SHOULD",
          says: "limit the queues as configured",
        },
        {
          id: "51.PEER.12",
          level: "SHALL",
          says: "receive from its peers by fair queueing",
        },
        {
          id: "51.PEER.13",
          level: "SHALL",
          says: "deliver what it receives to the application",
        },
        {
          id: "51.PEER.14",
          level: "SHALL",
          says: "give the application the routing id of a message",
        },
        { id: "51.PEER.15", level: "MUST", says: "discard multipart messages" },
        {
          id: "51.PEER.16",
          level: "MAY",
          says: "disconnect a peer that sends them; most types here do not",
        },
        {
          id: "51.PEER.17",
          level: "SHALL",
          says: "let the application set the routing id of a message",
        },
        {
          id: "51.PEER.18",
          level: "SHALL",
          says:
            "put a message into the queue of that id, if there is one with room",
        },
        {
          id: "51.PEER.19",
          level: "SHALL",
          says: "return an error if there is none",
        },
        {
          id: "51.PEER.20",
          level: "SHALL",
          says: "block on sending if that queue is full",
        },
        {
          id: "51.PEER.21",
          level: "SHALL NOT",
          says: "discard messages that it cannot queue",
        },
        {
          id: "51.PEER.22",
          level: "MUST NOT",
          says: "send multipart messages",
        },
      ],
    },
  ],
};

/** CHANNEL. */
export const RFC_52: Rfc = {
  number: 52,
  name: "CHANNEL",
  sections: [
    {
      title: "CHANNEL",
      clauses: [
        {
          id: "52.CHANNEL.1",
          level: "MAY",
          says: "have one CHANNEL peer at most",
        },
        {
          id: "52.CHANNEL.2",
          level: "MAY",
          says: "send and receive in any order",
        },
        {
          id: "52.CHANNEL.3",
          level: "SHALL NOT",
          says: "filter or change messages",
        },
        {
          id: "52.CHANNEL.4",
          level: "SHALL",
          says: "keep a queue each way for its peer, independent of each other",
        },
        {
          id: "52.CHANNEL.5",
          level: "SHALL",
          says:
            "create the queues when it begins to connect, and keep them with and without a connection",
        },
        {
          id: "52.CHANNEL.6",
          level: "SHALL",
          says:
            "create them when a peer connects, and discard what waits to be sent when that peer is gone",
        },
        {
          id: "52.CHANNEL.7",
          level: "SHALL",
          says:
            "discard, too, what that peer sent and the application has not received",
          differs: INCOMING,
        },
        {
          id: "52.CHANNEL.8",
          level: "SHOULD",
          says: "limit the queues as configured",
        },
        {
          id: "52.CHANNEL.9",
          level: "MUST",
          says: "be usable from several threads",
          outside: THREADS,
        },
        {
          id: "52.CHANNEL.10",
          level: "SHALL",
          says:
            "consider its peer available only while the outgoing queue is not full",
        },
        {
          id: "52.CHANNEL.11",
          level: "SHALL",
          says:
            "block on sending, or return an error, when it has no available peer",
        },
        {
          id: "52.CHANNEL.12",
          level: "SHALL NOT",
          says: "accept messages when it has no available peer",
        },
        {
          id: "52.CHANNEL.13",
          level: "SHALL NOT",
          says: "discard messages that it cannot queue",
        },
        {
          id: "52.CHANNEL.14",
          level: "MUST NOT",
          says: "send multipart messages",
        },
        {
          id: "52.CHANNEL.15",
          level: "SHALL",
          says: "receive from its peer, if it has one",
        },
        {
          id: "52.CHANNEL.16",
          level: "SHALL",
          says: "deliver what it receives to the application",
        },
        {
          id: "52.CHANNEL.17",
          level: "MUST",
          says: "discard multipart messages",
        },
      ],
    },
  ],
};
