/**
 * Test support. The clauses of RFC 27, as they bind the server, which asks, and
 * the inproc transport between it and the handler, who is the user's.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";
import { ADMISSION, MECHANISMS, REQREP, ZAP } from "./files.ts";

const CURVE =
  "the frames of a question about CURVE: the key as bytes, the socket's own routing id";
const NULL =
  "the frames of a question about NULL end with the mechanism; ipc has no address";
const ASKED = "a ZAP handler that is a ${kind} is asked, and its status counts";
const ANSWER = "an answer ${what} lets nobody in: status 500";
const HANDLER =
  "what the user's handler does; answers that are not so let nobody in (27.REPLY)";

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
          tests: [[
            ZAP,
            "answers may come in another order than the questions",
          ]],
        },
        {
          id: "27.ARCH.2",
          level: "SHALL",
          says: "ask a REP or ROUTER",
          tests: [[ADMISSION, ASKED]],
        },
        {
          id: "27.ARCH.3",
          level: "SHALL",
          says: "ask at inproc://zeromq.zap.01",
          tests: [[ADMISSION, ASKED]],
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
          tests: [[
            ZAP,
            "answers may come in another order than the questions",
          ]],
        },
        {
          id: "27.ARCH.6",
          level: "SHALL",
          says: "have the handler before any server",
          differs:
            "as in libzmq, it may come later, and be replaced; without one PLAIN lets nobody in, and CURVE and NULL everybody, unless zapEnforceDomain is set",
          tests: [
            [ZAP, "a new handler takes the place of one that was closed"],
            [
              ADMISSION,
              "PLAIN without anybody to ask is refused; CURVE is let in",
            ],
            [
              ADMISSION,
              "zapEnforceDomain lets nobody in while there is no handler",
            ],
          ],
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
          tests: [[
            ZAP,
            "an answer to a question that nobody asked is passed over",
          ]],
        },
        {
          id: "27.ASK.2",
          level: "SHALL",
          says:
            "begin with an empty delimiter, which a ROUTER sees and a REP does not",
          tests: [[ADMISSION, ASKED], [
            ZAP,
            "an answer to a question that nobody asked is passed over",
          ]],
        },
        {
          id: "27.ASK.3",
          level: "SHALL",
          says: "tell the version 1.0",
          tests: [[ZAP, CURVE]],
        },
        {
          id: "27.ASK.4",
          level: "MAY",
          says: "tell an id, by which the answer is known",
          tests: [[
            ZAP,
            "answers may come in another order than the questions",
          ]],
        },
        {
          id: "27.ASK.5",
          level: "SHALL",
          says: "tell a domain that is not empty",
          differs:
            "as in libzmq, the domain is what zapDomain says, which at first is empty; NULL without a domain asks nobody",
          tests: [[ZAP, CURVE], [
            ZAP,
            "NULL without a domain asks nobody, though there is a handler",
          ]],
        },
        {
          id: "27.ASK.6",
          level: "SHALL",
          says:
            "tell the peer's address, IPv4 with dots or IPv6 in its canonical form",
          tests: [[ADMISSION, ASKED]],
        },
        {
          id: "27.ASK.7",
          level: "SHALL",
          says: "tell the identity of the connection, at most 255 bytes",
          differs:
            "as in libzmq, it is the routing id of the socket that asks: the peer's own comes after the decision, and says nothing before it",
          tests: [[ZAP, CURVE]],
        },
        {
          id: "27.ASK.8",
          level: "SHALL NOT",
          says: "leave the mechanism empty",
          tests: [[ZAP, NULL], [ZAP, CURVE], [ADMISSION, ASKED]],
        },
        {
          id: "27.ASK.9",
          level: "SHALL",
          says: "end with any number of frames of credentials",
          tests: [[ZAP, CURVE], [ADMISSION, ASKED]],
        },
        {
          id: "27.ASK.10",
          level: "SHALL",
          says: "have texts of at most 255 characters of ASCII",
          differs:
            "as in libzmq, domain, user and password may be UTF-8, of at most 255 bytes",
          tests: [[ZAP, CURVE, "dömain"]],
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
          tests: [[ZAP, ANSWER, "too short"], [ZAP, ANSWER, "too long"]],
        },
        {
          id: "27.REPLY.2",
          level: "SHALL",
          says: "be of version 1.0",
          tests: [[ZAP, ANSWER, "of another version"], [
            ZAP,
            ANSWER,
            "without a version",
          ]],
        },
        {
          id: "27.REPLY.3",
          level: "SHALL",
          says: "tell the id of the question as it was",
          tests: [[
            ZAP,
            "an answer to a question that nobody asked is passed over",
          ]],
        },
        {
          id: "27.REPLY.4",
          level: "SHALL",
          says: "have a status of 200, 300, 400 or 500",
          tests: [[ADMISSION, ASKED], [ZAP, ANSWER, "of status 201"], [
            ZAP,
            "what a peer is told: 400 and 500 with their status, 300 nothing",
          ]],
        },
        {
          id: "27.REPLY.5",
          level: "SHALL",
          says: "have a text, which may be empty",
          tests: [[ADMISSION, ASKED]],
        },
        {
          id: "27.REPLY.6",
          level: "SHALL",
          says: "have a user id only with 200, for the application",
          differs:
            "it is read and not handed on: a message has no place for it here; whoever needs it decides in authenticate and knows the user",
          tests: [[ZAP, CURVE, "somebody"]],
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
          tests: [[ADMISSION, ASKED]],
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
          tests: [[
            REQREP,
            "REP SHALL keep the envelope and prepend it to the reply (${over})",
          ]],
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
          tests: [[
            ZAP,
            "NULL without a domain asks nobody, though there is a handler",
          ]],
        },
        {
          id: "27.PLAIN.1",
          level: "SHALL",
          says:
            "ask about PLAIN with the mechanism PLAIN, and the user's name and password",
          tests: [[ADMISSION, ASKED], [
            MECHANISMS,
            "PLAIN: the server learns the name and the password",
          ]],
        },
        {
          id: "27.CURVE.1",
          level: "SHALL",
          says:
            "ask about CURVE with the mechanism CURVE, and the 32 bytes of the client's long-term key",
          tests: [[ZAP, CURVE], [
            MECHANISMS,
            "CURVE: the server learns the client's long-term key",
          ]],
        },
      ],
    },
  ],
};
