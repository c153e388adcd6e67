/**
 * Interoperability. The conformance table; `docs/conformance.md` shows it.
 */
import { pyzmqPeer, zeromqPeer } from "../../support/peers/kinds.ts";
import { conformance } from "./conformance.ts";

conformance(zeromqPeer());
conformance(pyzmqPeer());
