/**
 * Interoperability. Who lets us in at a libzmq server: a ZAP handler (RFC 27) in
 * the peer's own context, whose answers the test gives.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { TestContext } from "../../support/harness.ts";
import type { Peer, PeerSocket } from "../../support/peers/peer.ts";
import { shown } from "./party.ts";

const ENDPOINT = "inproc://zeromq.zap.01";

/** What PLAIN clients call themselves here. */
export const USER = { plainUsername: "admin", plainPassword: "pässword" };

/** Opens the handler, which is gone when the test ends. */
export async function zapHandler(
  t: TestContext,
  peer: Peer,
): Promise<PeerSocket> {
  const handler = await peer.open(t, "REP");
  await handler.rebind(ENDPOINT);
  // A close alone would free the name only some time later.
  t.cleanup(() => handler.unbind(ENDPOINT));
  return handler;
}

/** Answers one request: lets `USER` in. */
export async function letUserIn(handler: PeerSocket): Promise<void> {
  const [version, id, , , , ...credentials] = await handler.receive();
  assertEquals(
    shown(credentials),
    shown(["PLAIN", USER.plainUsername, USER.plainPassword]),
  );
  await handler.send(version!, id!, "200", "OK", "", "");
}
