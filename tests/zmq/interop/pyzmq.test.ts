/**
 * Interoperability with Debian's python3-zmq.
 */
import { pyzmqPeer } from "../../support/peers/kinds.ts";
import { suites } from "./suites.ts";

suites(pyzmqPeer());
