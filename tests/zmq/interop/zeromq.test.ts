/**
 * Interoperability with `npm:zeromq` (zeromq.js 6), in a Node process of its
 * own whatever runtime runs the tests: it aborts Bun, and hangs Deno.
 */
import { zeromqPeer } from "../../support/peers/kinds.ts";
import { suites } from "./suites.ts";

suites(zeromqPeer());
