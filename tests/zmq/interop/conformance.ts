/**
 * Interoperability. The cells of the conformance table: every legal pair of
 * socket types, over each transport, with each mechanism, bound on either side.
 * Each is one connection over which the types say all they have to say.
 *
 * @module
 */
import * as zmq from "../../../src/zmq/mod.ts";
import { platform, test, type TestContext } from "../../support/harness.ts";
import type { PeerKind } from "../../support/peers/kinds.ts";
import {
  type Frame,
  Peer,
  type PeerOptions,
  type PeerSocket,
} from "../../support/peers/peer.ts";
import { type Cell, cellsOf, isDraft, PEERS, testName } from "./cells.ts";
import { converse, optionsFor } from "./conversations.ts";
import { link, type Ours } from "./party.ts";
import { accept, USER, zapHandler } from "./zap_handler.ts";

const server = zmq.curveKeyPair();
const client = zmq.curveKeyPair();

/** The options of the side that binds, which both sides understand. */
const AS_SERVER: Readonly<Record<Cell["mechanism"], PeerOptions>> = {
  NULL: {},
  PLAIN: { plainServer: true },
  CURVE: { curveServer: true, curveSecretKey: server.secretKey },
};

/** The options of the side that connects. */
const AS_CLIENT: Readonly<Record<Cell["mechanism"], PeerOptions>> = {
  NULL: {},
  PLAIN: USER,
  CURVE: {
    curveServerKey: server.publicKey,
    curvePublicKey: client.publicKey,
    curveSecretKey: client.secretKey,
  },
};

/** The clients that our servers accept; libzmq's have a ZAP handler for that. */
const OUR_GUESTS: Readonly<
  Record<Cell["mechanism"], Record<string, unknown>>
> = {
  NULL: {},
  PLAIN: {
    authenticate: ({ username, password }: zmq.AuthRequest) =>
      username === USER.plainUsername && password === USER.plainPassword,
  },
  CURVE: { curveAllowedKeys: [client.publicKey] },
};

/** The credentials of ours that libzmq's ZAP handler must receive. */
const CREDENTIALS: Readonly<Record<Cell["mechanism"], readonly Frame[]>> = {
  NULL: [],
  PLAIN: ["PLAIN", USER.plainUsername, USER.plainPassword],
  CURVE: ["CURVE", zmq.z85Decode(client.publicKey)],
};

/** Declares the tests of the cells of one peer, in a process of its own. */
export function conformance(kind: PeerKind): void {
  const { name } = kind;
  if (kind.missing) {
    test(testName({ peer: name }), { skip: kind.missing }, () => {});
    return;
  }
  const isIpcMissing = platform === "win32" && PEERS[name]!.includes("ipc");
  if (isIpcMissing) {
    test(testName({ transport: "ipc", peer: name }), {
      skip: "libzmq's ipc and Node's are not the same on Windows",
    }, () => {});
  }
  if (kind.draftless) {
    test(
      testName({ isDraft: true, peer: name }),
      { skip: kind.draftless },
      () => {},
    );
  }
  const peer = new Peer(kind);
  for (const cell of cellsOf(name)) {
    if (isIpcMissing && cell.transport === "ipc") continue;
    if (kind.draftless && isDraft(cell)) continue;
    test(testName(cell), async (t) => {
      const [ours, theirs] = await join(t, peer, cell);
      await converse(ours, theirs);
    });
  }
}

/** Joins the two sides as the cell has it. */
async function join(
  t: TestContext,
  peer: Peer,
  { ours, theirs, transport, mechanism, binds }: Cell,
): Promise<[Ours, PeerSocket]> {
  const both = optionsFor(ours, theirs);
  const [asServer, asClient] = [AS_SERVER[mechanism], AS_CLIENT[mechanism]];
  const options = binds === "ours"
    ? {
      ours: { ...both, ...asServer, ...OUR_GUESTS[mechanism] },
      theirs: { ...both, ...asClient },
    }
    : { ours: { ...both, ...asClient }, theirs: { ...both, ...asServer } };
  const how = { binds, transport, ...options };
  const handler = mechanism !== "NULL" && binds === "theirs"
    ? await zapHandler(t, peer)
    : undefined;
  const [[our, their]] = await Promise.all([
    link(t, peer, ours, theirs, how),
    handler && accept(handler, CREDENTIALS[mechanism]),
  ]);
  return [our, their];
}
