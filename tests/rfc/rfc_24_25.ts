/**
 * Test support. The clauses of RFC 24 and RFC 25.
 *
 * @module
 */
import type { Rfc } from "./clause.ts";

const NAMES =
  "as 37, and all who speak it: a name has its size before it (37.COMMAND.2), and is not padded to 8";

/** PLAIN. */
export const RFC_24: Rfc = {
  number: 24,
  name: "PLAIN",
  note:
    "The RFC has few words in capitals; its grammar and flow are listed as SHALL.",
  sections: [
    {
      title: "The handshake",
      clauses: [
        {
          id: "24.PLAIN.1",
          level: "SHALL",
          says:
            "distinguish client and server by as-server, not by which side binds",
        },
        {
          id: "24.PLAIN.2",
          level: "SHALL",
          says:
            "begin, as the client, with HELLO: user name and password, each with its size in a byte",
        },
        {
          id: "24.PLAIN.3",
          level: "SHALL",
          says:
            "answer, as the server, with WELCOME, or ERROR, and close the connection",
        },
        {
          id: "24.PLAIN.4",
          level: "SHALL",
          says: "go on, as the client, with INITIATE and metadata",
        },
        {
          id: "24.PLAIN.5",
          level: "SHALL",
          says: "answer, as the server, with READY and metadata",
        },
        {
          id: "24.PLAIN.6",
          level: "MAY",
          says: "send messages once READY was received or sent",
        },
        {
          id: "24.PLAIN.7",
          level: "SHALL",
          says:
            "pad names of commands with blanks to 8 characters, says its text, against its grammar",
          differs: NAMES,
        },
        {
          id: "24.PLAIN.8",
          level: "SHOULD",
          says: "not be used on public networks",
          outside: "the user's to choose",
        },
      ],
    },
  ],
};

/** CURVE over ZMTP. */
export const RFC_25: Rfc = {
  number: 25,
  name: "CURVE",
  note: "It puts [26](#rfc-26) into ZMTP.",
  sections: [
    {
      title: "The handshake",
      clauses: [
        {
          id: "25.CURVE.1",
          level: "SHALL",
          says:
            "distinguish client and server by as-server, not by which side binds",
        },
        {
          id: "25.CURVE.2",
          level: "SHALL",
          says:
            "begin with the client's HELLO, and go on until each has shown who it is",
        },
        {
          id: "25.CURVE.3",
          level: "SHALL",
          says: "pad names of commands with blanks to 8 characters",
          differs: NAMES,
        },
      ],
    },
  ],
};
