/**
 * Interoperability. The conformance table; `docs/conformance.md` shows it.
 */
import {
  otherRuntimePeer,
  pyzmqPeer,
  zeromqPeer,
} from "../../support/peers/kinds.ts";
import { runtime } from "../../support/harness.ts";
import { conformance } from "./conformance.ts";

conformance(zeromqPeer());
conformance(pyzmqPeer());
conformance(otherRuntimePeer(runtime));
