/**
 * Test support. The clauses of RFC 45.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";

/** ZeroMQ over WebSocket. */
export const RFC_45: Rfc = {
  number: 45,
  name: "ZWS",
  note:
    "ZeroMQ over WebSocket, a draft. It names `ZWS2.0/BEARER` without specifying it; CURVE, which it leaves out, is `ZWS2.0/CURVE`, as in libzmq.",
  sections: [
    {
      title: "Upgrade",
      clauses: [
        {
          id: "45.UPGRADE.1",
          level: "MUST",
          says: "offer, as the client, at least one of the subprotocols",
        },
        {
          id: "45.UPGRADE.2",
          level: "MUST",
          says: "ask for the host and path of the address",
        },
        {
          id: "45.UPGRADE.3",
          level: "MUST",
          says: "choose, as the server, one of the client's subprotocols",
        },
        {
          id: "45.UPGRADE.4",
          level: "SHOULD",
          says: "close a connection whose subprotocols are all unsupported",
        },
      ],
    },
    {
      title: "Dialects",
      clauses: [
        {
          id: "45.DIALECT.1",
          level: "MUST",
          says: "speak without a mechanism, under `ZWS2.0`",
          differs:
            "a socket that authenticates its peers refuses that; a command there begins a mechanism, as omq.ts does",
        },
        {
          id: "45.DIALECT.2",
          level: "MUST",
          says: "send the routing id first, without a mechanism",
        },
        {
          id: "45.DIALECT.3",
          level: "MAY",
          says: "speak NULL, under `ZWS2.0/NULL`",
        },
        {
          id: "45.DIALECT.4",
          level: "MAY",
          says: "speak PLAIN, under `ZWS2.0/PLAIN`",
        },
      ],
    },
    {
      title: "Frames",
      clauses: [
        {
          id: "45.FRAME.1",
          level: "MUST",
          says: "send each frame as one binary message of WebSocket",
        },
        {
          id: "45.FRAME.2",
          level: "SHALL",
          says:
            "begin it with a byte of flags: 0 for a last frame, 1 for one with more, 2 for a command",
        },
        {
          id: "45.FRAME.3",
          level: "SHALL",
          says: "let commands and messages mix after the handshake",
        },
      ],
    },
    {
      title: "Sockets",
      clauses: [
        {
          id: "45.SOCKET.1",
          level: "SHOULD",
          says: "accept only peers whose type fits",
        },
        {
          id: "45.SOCKET.2",
          level: "SHALL",
          says:
            "subscribe by a message of 1 and the topic, and unsubscribe by one of 0 and the topic",
          differs:
            "by commands, to a peer that begins with one under the bare name: it would not understand messages",
        },
        {
          id: "45.SOCKET.3",
          level: "MAY",
          says: "use TLS, for addresses of wss",
        },
      ],
    },
  ],
};
