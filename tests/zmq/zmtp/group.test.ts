/** Tests of groups on the wire: JOIN and LEAVE of a DISH, and what a RADIO makes of them. RFC 37, RFC 48. */
import { assertEquals } from "@std/assert";
import { DISH, RADIO } from "../../../src/zmq/types.ts";
import { hexes, toHex } from "../../support/bytes.ts";
import { test } from "../../support/harness.ts";
import {
  bytes,
  command,
  greeting,
  handshake,
  message,
  ready,
} from "../../support/peers/zmtp_bytes.ts";
import { connection, play, takeOutput } from "../../support/pump.ts";

for (const minor of [0, 1]) {
  test(`a DISH joins and leaves with commands, at a peer of 3.${minor} too`, () => {
    const dish = connection(DISH);
    play(dish, [greeting({ minor }), ready("RADIO")]);
    dish.send([bytes(1, "group")]);
    dish.send([bytes(0, "group")]);
    dish.send([bytes(1)]);
    assertEquals(
      toHex(takeOutput(dish)),
      toHex(
        bytes(
          command("JOIN", "group"),
          command("LEAVE", "group"),
          command("JOIN"),
        ),
      ),
    );
  });
}

test("a RADIO gets JOIN and LEAVE as memberships, and no messages", () => {
  const { messages, error } = play(connection(RADIO), [
    handshake("DISH"),
    command("JOIN", "group"),
    message(bytes(1, "no group")),
    message("two", "frames"),
    command("LEAVE", "group"),
    command("JOIN"),
  ]);
  assertEquals(error, undefined);
  assertEquals(messages.map((frames) => hexes(frames).join()), [
    toHex(bytes(1, "group")),
    toHex(bytes(0, "group")),
    toHex(bytes(1)),
  ]);
});

test("a group has at most 255 bytes", () => {
  for (const name of ["JOIN", "LEAVE"]) {
    for (const size of [255, 256]) {
      const { error } = play(connection(RADIO), [
        handshake("DISH"),
        command(name, "x".repeat(size)),
      ]);
      assertEquals(
        error,
        size > 255 ? "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED" : undefined,
      );
    }
  }
});
