/**
 * Test support. Requests and replies over `ws` or `wss`, with every mechanism.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../../../src/zmq/mod.ts";
import { test, within } from "../../../support/harness.ts";
import { once } from "../../sockets/pairs.ts";

const server = zmq.curveKeyPair();
const client = zmq.curveKeyPair();

/** The options of who binds, and of who connects. */
export const SECURITY = {
  NULL: [{}, {}],
  PLAIN: [
    { plainServer: true, authenticate: () => true },
    { plainUsername: "admin", plainPassword: "secret" },
  ],
  CURVE: [
    { curveServer: true, curveSecretKey: server.secretKey },
    {
      curveServerKey: server.publicKey,
      curvePublicKey: client.publicKey,
      curveSecretKey: client.secretKey,
    },
  ],
} as const;

/**
 * Declares the tests.
 *
 * @param sizes of the frames that go there and back, in bytes
 * @param ends more options of who binds, and of who connects
 */
export function requests(
  transport: "ws" | "wss",
  sizes: readonly number[],
  ends: readonly [object, object] = [{}, {}],
): void {
  for (const [mechanism, [bound, connected]] of Object.entries(SECURITY)) {
    test(`REQ and REP talk over ${transport}, with ${mechanism}`, async (t) => {
      const reply = t.use(new zmq.Reply({ ...ends[0], ...bound }));
      const request = t.use(new zmq.Request({ ...ends[1], ...connected }));
      await reply.bind(`${transport}://127.0.0.1:*/zmq`);
      const endpoint = new RegExp(`^${transport}://127\\.0\\.0\\.1:\\d+/zmq$`);
      assert(endpoint.test(reply.lastEndpoint!));
      const opened = once(reply, "handshake");
      request.connect(reply.lastEndpoint!);
      for (const size of sizes) {
        const body = new Uint8Array(size).map((_, i) => i * 7);
        await request.send([body, "last"]);
        const [question] = await within(reply.receive(), 10_000, "a question");
        await reply.send([question!, "!"]);
        const [answer] = await within(request.receive(), 10_000, "an answer");
        assertEquals(answer!.byteLength, size);
        assert(body.every((byte, i) => byte === answer![i]));
      }
      const { peer } = await opened;
      assert(
        peer.address.startsWith(`${transport}://127.0.0.1:`),
        peer.address,
      );
      assertEquals(peer.socketType, "REQ");
    });
  }
}
