/**
 * Interoperability. What libzmq 4.3.5 says in each scene to peers of ZMTP
 * 2.0 and 1.0. Recorded by `record_old_versions.ts`; not to be changed by hand.
 *
 * @module
 */
import type { Age } from "../../support/peers/ageing.ts";

/** By version, then by socket type: bytes in hex, with texts between quotes. */
export const RECORDED: Readonly<Record<Age, Readonly<Record<string, string>>>> =
  {
    "2.0": {
      PAIR:
        `ff 00 00 00 00 00 00 00 01 7f 03 00 00 00 01 01 61 01 00 00 01 62 00 03 "end"`,
      PUB: `ff 00 00 00 00 00 00 00 01 7f 03 01 00 00`,
      SUB:
        `ff 00 00 00 00 00 00 00 01 7f 03 02 00 00 00 04 01 "abc" 00 01 01 00 fe 01 "${
          "x".repeat(253)
        }" 00 04 00 "abc" 00 04 01 "end"`,
      REQ:
        `ff 00 00 00 00 00 00 00 03 7f 03 03 00 02 "me" 01 00 00 08 "question" 01 00 01 07 "another" 00 03 "end"`,
      REP:
        `ff 00 00 00 00 00 00 00 03 7f 03 04 00 02 "me" 01 00 01 06 "answer" 00 03 "end"`,
      DEALER:
        `ff 00 00 00 00 00 00 00 03 7f 03 05 00 02 "me" 01 00 00 01 61 00 03 "end"`,
      ROUTER:
        `ff 00 00 00 00 00 00 00 03 7f 03 06 00 02 "us" 01 05 "hello" 00 03 "end"`,
      PULL: `ff 00 00 00 00 00 00 00 01 7f 03 07 00 00`,
      PUSH: `ff 00 00 00 00 00 00 00 01 7f 03 08 00 00 01 fd "${
        "x".repeat(253)
      }" 00 fd "${"x".repeat(253)}" 01 fe "${"x".repeat(254)}" 00 fe "${
        "x".repeat(254)
      }" 01 ff "${"x".repeat(255)}" 00 ff "${
        "x".repeat(255)
      }" 03 00 00 00 00 00 00 01 00 "${
        "x".repeat(256)
      }" 02 00 00 00 00 00 00 01 00 "${"x".repeat(256)}" 00 03 "end"`,
      XPUB: `ff 00 00 00 00 00 00 00 01 7f 03 09 00 00 01 03 "abc" 00 03 "end"`,
      XSUB:
        `ff 00 00 00 00 00 00 00 01 7f 03 0a 00 00 00 04 01 "abc" 00 04 00 "abc" 01 02 "up" 00 03 "end"`,
    },
    "1.0": {
      PAIR:
        `ff 00 00 00 00 00 00 00 01 7f 03 00 01 00 02 01 61 01 01 02 00 62 04 00 "end"`,
      PUB: `ff 00 00 00 00 00 00 00 01 7f 03 01 01 00`,
      SUB:
        `ff 00 00 00 00 00 00 00 01 7f 03 02 01 00 05 00 01 "abc" 02 00 01 ff 00 00 00 00 00 00 00 ff 00 01 "${
          "x".repeat(253)
        }" 05 00 00 "abc" 05 00 01 "end"`,
      REQ:
        `ff 00 00 00 00 00 00 00 03 7f 03 03 03 00 "me" 01 01 09 00 "question" 01 01 08 01 "another" 04 00 "end"`,
      REP:
        `ff 00 00 00 00 00 00 00 03 7f 03 04 03 00 "me" 01 01 07 01 "answer" 04 00 "end"`,
      DEALER:
        `ff 00 00 00 00 00 00 00 03 7f 03 05 03 00 "me" 01 01 02 00 61 04 00 "end"`,
      ROUTER:
        `ff 00 00 00 00 00 00 00 03 7f 03 06 03 00 "us" 06 01 "hello" 04 00 "end"`,
      PULL: `ff 00 00 00 00 00 00 00 01 7f 03 07 01 00`,
      PUSH: `ff 00 00 00 00 00 00 00 01 7f 03 08 01 00 fe 01 "${
        "x".repeat(253)
      }" fe 00 "${"x".repeat(253)}" ff 00 00 00 00 00 00 00 ff 01 "${
        "x".repeat(254)
      }" ff 00 00 00 00 00 00 00 ff 00 "${
        "x".repeat(254)
      }" ff 00 00 00 00 00 00 01 00 01 "${
        "x".repeat(255)
      }" ff 00 00 00 00 00 00 01 00 00 "${
        "x".repeat(255)
      }" ff 00 00 00 00 00 00 01 01 01 "${
        "x".repeat(256)
      }" ff 00 00 00 00 00 00 01 01 00 "${"x".repeat(256)}" 04 00 "end"`,
      XPUB: `ff 00 00 00 00 00 00 00 01 7f 03 09 01 00 04 01 "abc" 04 00 "end"`,
      XSUB:
        `ff 00 00 00 00 00 00 00 01 7f 03 0a 01 00 05 00 01 "abc" 05 00 00 "abc" 03 01 "up" 04 00 "end"`,
    },
    "1.0 without a greeting": {
      PAIR: `ff 00 00 00 00 00 00 00 01 7f 02 01 61 01 01 02 00 62 04 00 "end"`,
      PUB: `ff 00 00 00 00 00 00 00 01 7f`,
      SUB:
        `ff 00 00 00 00 00 00 00 01 7f 05 00 01 "abc" 02 00 01 ff 00 00 00 00 00 00 00 ff 00 01 "${
          "x".repeat(253)
        }" 05 00 00 "abc" 05 00 01 "end"`,
      REQ:
        `ff 00 00 00 00 00 00 00 03 7f "me" 01 01 09 00 "question" 01 01 08 01 "another" 04 00 "end"`,
      REP:
        `ff 00 00 00 00 00 00 00 03 7f "me" 01 01 07 01 "answer" 04 00 "end"`,
      DEALER: `ff 00 00 00 00 00 00 00 03 7f "me" 01 01 02 00 61 04 00 "end"`,
      ROUTER: `ff 00 00 00 00 00 00 00 03 7f "us" 06 01 "hello" 04 00 "end"`,
      PULL: `ff 00 00 00 00 00 00 00 01 7f`,
      PUSH: `ff 00 00 00 00 00 00 00 01 7f fe 01 "${"x".repeat(253)}" fe 00 "${
        "x".repeat(253)
      }" ff 00 00 00 00 00 00 00 ff 01 "${
        "x".repeat(254)
      }" ff 00 00 00 00 00 00 00 ff 00 "${
        "x".repeat(254)
      }" ff 00 00 00 00 00 00 01 00 01 "${
        "x".repeat(255)
      }" ff 00 00 00 00 00 00 01 00 00 "${
        "x".repeat(255)
      }" ff 00 00 00 00 00 00 01 01 01 "${
        "x".repeat(256)
      }" ff 00 00 00 00 00 00 01 01 00 "${"x".repeat(256)}" 04 00 "end"`,
      XPUB: `ff 00 00 00 00 00 00 00 01 7f 04 01 "abc" 04 00 "end"`,
      XSUB:
        `ff 00 00 00 00 00 00 00 01 7f 05 00 01 "abc" 05 00 00 "abc" 03 01 "up" 04 00 "end"`,
    },
  };
