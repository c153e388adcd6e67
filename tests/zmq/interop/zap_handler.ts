/**
 * Interoperability. Who lets us in at a libzmq server: a ZAP handler (RFC 27) in
 * the peer's own context, whose answers the test gives.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { TestContext } from "../../support/harness.ts";
import type { Frame, Peer, PeerSocket } from "../../support/peers/peer.ts";
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

/** Answers one request, which must have these credentials: accepts the peer. */
export async function accept(
  handler: PeerSocket,
  credentials: readonly Frame[],
): Promise<void> {
  const [version, id, , , , ...asked] = await handler.receive();
  assertEquals(shown(asked), shown(credentials));
  await handler.send(version!, id!, "200", "OK", "", "");
}
