/**
 * Test support. The clauses of RFC 26.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";

const RANDOM =
  "16 random bytes of libsodium each, in mechanism/curve_server.ts and curve_client.ts";
const COUNTER =
  "the counter has 64 bits; at a billion commands a second it lasts 500 years";

/** CurveZMQ. */
export const RFC_26: Rfc = {
  number: 26,
  name: "CURVEZMQ",
  sections: [
    {
      title: "Overall",
      clauses: [
        {
          id: "26.CURVE.1",
          level: "MAY",
          says: "close the connection at any time, and connect again later",
        },
        {
          id: "26.CURVE.2",
          level: "SHALL",
          says: "as the server, send ERROR to a client that it refuses",
        },
        {
          id: "26.CURVE.3",
          level: "SHALL NOT",
          says: "connect again with the same credentials after an ERROR",
          differs: "see 37.ERROR.2",
        },
        {
          id: "26.CURVE.4",
          level: "SHALL NOT",
          says: "send ERROR to the server",
        },
        {
          id: "26.CURVE.5",
          level: "MUST",
          says: "know the server's public key before it connects",
        },
        {
          id: "26.CURVE.6",
          level: "MAY",
          says: "know clients by their keys",
        },
      ],
    },
    {
      title: "HELLO",
      clauses: [
        {
          id: "26.HELLO.1",
          level: "SHALL",
          says: "be the first command, of 200 bytes, and of version 1.0",
        },
        {
          id: "26.HELLO.2",
          level: "SHALL",
          says: "have a padding of 70 zeros",
          differs:
            "72, as in libzmq: with 70 the command would have 198 bytes and not 200",
        },
        {
          id: "26.HELLO.3",
          level: "SHALL",
          says: "make a new pair of keys for each connection",
        },
        {
          id: "26.HELLO.4",
          level: "SHALL",
          says: "forget it with the connection, and neither store nor share it",
          unseen:
            "it is a private field of the connection's own mechanism, mechanism/curve_client.ts",
        },
        {
          id: "26.HELLO.5",
          level: "SHALL",
          says: "prefix the nonce with CurveZMQHELLO---",
        },
        {
          id: "26.HELLO.6",
          level: "SHALL",
          says: "seal 64 zeros from C' to S",
        },
        {
          id: "26.HELLO.7",
          level: "SHALL",
          says:
            "check all fields, and disconnect clients that send what is malformed: all but the padding, which, as in libzmq, means nothing",
        },
        {
          id: "26.HELLO.8",
          level: "SHALL",
          says:
            "make a new pair of keys, as the server, and send both in WELCOME",
        },
        {
          id: "26.HELLO.9",
          level: "SHALL NOT",
          says: "keep that pair, but get it back with the cookie",
          unseen:
            "mechanism/curve_server.ts has no field for it; INITIATE of another connection, whose cookie it cannot open, fails",
        },
        {
          id: "26.HELLO.10",
          level: "SHALL",
          says: "count its nonces up, from the first command to the last",
        },
        {
          id: "26.HELLO.11",
          level: "SHALL NOT",
          says: "send more than 2^64 - 1 commands in a connection",
          unseen: COUNTER,
        },
        {
          id: "26.HELLO.12",
          level: "SHALL",
          says:
            "check that a peer's nonces grow, and disconnect one that uses a nonce again",
          differs:
            "those of MESSAGE only, each of which must be the next; of HELLO and INITIATE libzmq checks none, and some clients use a number twice: nothing is lost by it, each is sealed with a key of its own",
        },
      ],
    },
    {
      title: "WELCOME",
      clauses: [
        {
          id: "26.WELCOME.1",
          level: "SHALL",
          says: "answer HELLO, and have 168 bytes",
        },
        {
          id: "26.WELCOME.2",
          level: "SHALL",
          says:
            "prefix the nonce with WELCOME-, and seal S' and the cookie from S to C'",
        },
        {
          id: "26.WELCOME.3",
          level: "SHALL",
          says: "use no long nonce twice",
          unseen: RANDOM,
        },
        {
          id: "26.WELCOME.4",
          level: "SHALL",
          says: "prefix the nonce of the cookie with COOKIE--",
          unseen: "only the server itself opens it: mechanism/curve_server.ts",
        },
        {
          id: "26.WELCOME.5",
          level: "MUST",
          says:
            "forget the key of the cookie after a short time, or with INITIATE",
          unseen:
            "mechanism/curve_server.ts overwrites it with INITIATE; before, handshakeInterval ends the connection",
        },
        {
          id: "26.WELCOME.6",
          level: "SHALL",
          says: "make a new cookie for each WELCOME",
        },
        {
          id: "26.WELCOME.7",
          level: "SHALL",
          says:
            "check all fields, and disconnect from servers that send what is malformed",
        },
      ],
    },
    {
      title: "INITIATE",
      clauses: [
        {
          id: "26.INITIATE.1",
          level: "SHALL",
          says: "answer WELCOME, and have 257 bytes at least",
        },
        {
          id: "26.INITIATE.2",
          level: "SHALL",
          says:
            "prefix the nonce with CurveZMQINITIATE, and seal C, the vouch and the metadata from C' to S'",
        },
        {
          id: "26.INITIATE.3",
          level: "SHALL",
          says:
            "prefix the nonce of the vouch with VOUCH---, and seal C' and S from C to S'",
        },
        {
          id: "26.INITIATE.4",
          level: "SHALL",
          says: "use no vouch nonce twice",
          unseen: RANDOM,
        },
        {
          id: "26.INITIATE.5",
          level: "SHALL",
          says: "have metadata as in NULL (37.NULL.7 to 9)",
        },
        {
          id: "26.INITIATE.6",
          level: "SHALL",
          says:
            "check all fields, and disconnect clients that send what is malformed",
        },
        {
          id: "26.INITIATE.7",
          level: "MAY",
          says: "authenticate clients by their key",
        },
        {
          id: "26.INITIATE.8",
          level: "SHALL NOT",
          says:
            "answer a client that is not authenticated other than by closing the connection",
          differs:
            "its section on ERROR asks for an ERROR, as libzmq sends; so do we, but for status 300",
        },
      ],
    },
    {
      title: "READY",
      clauses: [
        {
          id: "26.READY.1",
          level: "SHALL",
          says: "answer INITIATE, and have 30 bytes at least",
        },
        {
          id: "26.READY.2",
          level: "SHALL",
          says:
            "prefix the nonce with CurveZMQREADY---, and seal the metadata from S' to C'",
        },
        {
          id: "26.READY.3",
          level: "SHALL",
          says:
            "check all fields, and disconnect from servers that send what is malformed",
        },
        {
          id: "26.READY.4",
          level: "SHALL",
          says: "count the server's nonces up as well, and check them",
        },
        {
          id: "26.READY.5",
          level: "SHALL NOT",
          says: "send more than 2^64 - 1 commands in a connection",
          unseen: COUNTER,
        },
      ],
    },
    {
      title: "MESSAGE",
      clauses: [
        {
          id: "26.MESSAGE.1",
          level: "MAY",
          says: "be sent once READY was received or sent",
        },
        {
          id: "26.MESSAGE.2",
          level: "SHALL",
          says: "have 33 bytes at least",
        },
        {
          id: "26.MESSAGE.3",
          level: "SHALL",
          says:
            "prefix the nonce with CurveZMQMESSAGES from the server, and CurveZMQMESSAGEC from the client",
        },
        {
          id: "26.MESSAGE.4",
          level: "MUST",
          says: "leave bits 7 to 1 of the flags in it zero",
          differs:
            "as in libzmq, bit 1 says that a command is in it: PING and SUBSCRIBE of 3.1, which came after this RFC",
        },
        {
          id: "26.MESSAGE.5",
          level: "SHALL",
          says:
            "check all fields, and disconnect peers that send what is malformed",
        },
        {
          id: "26.MESSAGE.6",
          level: "SHALL NOT",
          says: "answer a malformed MESSAGE by ERROR",
        },
      ],
    },
    {
      title: "ERROR",
      clauses: [
        {
          id: "26.ERROR.1",
          level: "SHALL",
          says: "be the name, and a reason with its size in a byte",
        },
      ],
    },
  ],
};
