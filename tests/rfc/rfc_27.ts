/**
 * Test support. The clauses of RFC 27, as they bind the server, which asks, and
 * the inproc transport between it and the handler, who is the user's.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";

const HANDLER =
  "what the user's handler does; an invalid reply refuses the peer (27.REPLY)";

/** ZAP. */
export const RFC_27: Rfc = {
  number: 27,
  name: "ZAP",
  note: "We are the server, which asks; the handler is the user's.",
  sections: [
    {
      title: "Architecture",
      clauses: [
        {
          id: "27.ARCH.1",
          level: "SHALL",
          says:
            "ask as a REQ or DEALER: as a DEALER, several questions at a time",
        },
        {
          id: "27.ARCH.2",
          level: "SHALL",
          says: "ask a REP or ROUTER",
        },
        {
          id: "27.ARCH.3",
          level: "SHALL",
          says: "ask at inproc://zeromq.zap.01",
        },
        {
          id: "27.ARCH.4",
          level: "SHALL",
          says: "have one handler in a process: here, in a context",
        },
        {
          id: "27.ARCH.5",
          level: "MAY",
          says: "have any number of servers",
        },
        {
          id: "27.ARCH.6",
          level: "SHALL",
          says: "have the handler before any server",
          differs:
            "as in libzmq, a handler may be bound later, and be replaced; without one, PLAIN refuses every peer, and CURVE and NULL accept every peer unless zapEnforceDomain is set",
        },
      ],
    },
    {
      title: "The question",
      clauses: [
        {
          id: "27.ASK.1",
          level: "SHALL",
          says: "be one question with one answer",
        },
        {
          id: "27.ASK.2",
          level: "SHALL",
          says:
            "begin with an empty delimiter, which a ROUTER sees and a REP does not",
        },
        {
          id: "27.ASK.3",
          level: "SHALL",
          says: "send the version 1.0",
        },
        {
          id: "27.ASK.4",
          level: "MAY",
          says: "send an id that identifies the reply",
        },
        {
          id: "27.ASK.5",
          level: "SHALL",
          says: "send a domain that is not empty",
          differs:
            "as in libzmq, the domain is zapDomain, by default empty; NULL without a domain makes no request",
        },
        {
          id: "27.ASK.6",
          level: "SHALL",
          says:
            "send the peer's address, IPv4 with dots or IPv6 in its canonical form",
        },
        {
          id: "27.ASK.7",
          level: "SHALL",
          says: "send the identity of the connection, at most 255 bytes",
          differs:
            "as in libzmq, it is the routing id of the socket that asks: the peer's own comes after the decision, and says nothing before it",
        },
        {
          id: "27.ASK.8",
          level: "SHALL NOT",
          says: "leave the mechanism empty",
        },
        {
          id: "27.ASK.9",
          level: "SHALL",
          says: "end with any number of frames of credentials",
        },
        {
          id: "27.ASK.10",
          level: "SHALL",
          says: "have texts of at most 255 characters of ASCII",
          differs:
            "as in libzmq, domain, user and password may be UTF-8, of at most 255 bytes",
        },
      ],
    },
    {
      title: "The answer",
      clauses: [
        {
          id: "27.REPLY.1",
          level: "SHALL",
          says:
            "have delimiter, version, id, status, text, user id and metadata",
        },
        {
          id: "27.REPLY.2",
          level: "SHALL",
          says: "be of version 1.0",
        },
        {
          id: "27.REPLY.3",
          level: "SHALL",
          says: "repeat the id of the request",
        },
        {
          id: "27.REPLY.4",
          level: "SHALL",
          says: "have a status of 200, 300, 400 or 500",
        },
        {
          id: "27.REPLY.5",
          level: "SHALL",
          says: "have a text, which may be empty",
        },
        {
          id: "27.REPLY.6",
          level: "SHALL",
          says: "have a user id only with 200, for the application",
          differs:
            "it is parsed, but not passed on: frames have no place for it here; authenticate knows the user",
        },
        {
          id: "27.REPLY.7",
          level: "SHALL",
          says: "have metadata in the form of ZMTP, for the client",
          differs:
            "as the user id; libzmq hands it to the server's application and not to the client, either",
        },
      ],
    },
    {
      title: "Sockets and proxies",
      clauses: [
        {
          id: "27.SOCKET.1",
          level: "SHALL",
          says:
            "hide the delimiter with a REP, and show it with a ROUTER, behind a routing id that the answer begins with",
        },
        {
          id: "27.SOCKET.2",
          level: "SHOULD",
          says:
            "forward messages as they are, with a ROUTER, as a handler that is a proxy",
          outside: HANDLER,
        },
        {
          id: "27.SOCKET.3",
          level: "MUST",
          says:
            "keep an envelope of any number of routing ids and send it back: what a REP does",
        },
      ],
    },
    {
      title: "Mechanisms",
      clauses: [
        {
          id: "27.NULL.1",
          level: "SHALL",
          says:
            "ask about NULL with the mechanism NULL and without credentials",
        },
        {
          id: "27.PLAIN.1",
          level: "SHALL",
          says:
            "ask about PLAIN with the mechanism PLAIN, and the user's name and password",
        },
        {
          id: "27.CURVE.1",
          level: "SHALL",
          says:
            "ask about CURVE with the mechanism CURVE, and the 32 bytes of the client's long-term key",
        },
      ],
    },
  ],
};
