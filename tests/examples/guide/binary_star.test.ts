/**
 * The example `guide/clone`: which of two servers is active.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  BinaryStar,
  type Role,
  type State,
} from "../../../examples/guide/clone/binary_star.ts";
import { test } from "../../support/harness.ts";

const SILENT_MS = 100;

/** A star in a given state, at time 0. */
function star(role: Role, state: State, term = 1): BinaryStar {
  const star = new BinaryStar(role, SILENT_MS, 0);
  if (state === "passive") star.receive("active", term, 0);
  if (state === "active") {
    star.receive("active", term - 1, 0);
    star.lose();
    star.ask(0);
    star.receive("passive", 0, 0);
  }
  assertEquals([star.state, star.term], [
    state,
    state === "waiting" ? 0 : term,
  ]);
  return star;
}

const RECEIVED: [Role, State, number, State, number, State, number][] = [
  // Our state, what the other server sends, and our state after that.
  ["primary", "waiting", 0, "waiting", 0, "active", 1],
  ["backup", "waiting", 0, "waiting", 0, "waiting", 0],
  ["primary", "waiting", 0, "active", 3, "passive", 3],
  ["backup", "waiting", 0, "active", 3, "passive", 3],
  ["primary", "waiting", 0, "passive", 2, "waiting", 2],
  ["backup", "passive", 1, "active", 1, "passive", 1],
  ["backup", "passive", 1, "waiting", 0, "active", 2],
  ["primary", "passive", 4, "waiting", 0, "active", 5],
  ["primary", "passive", 1, "passive", 1, "active", 2],
  ["backup", "passive", 1, "passive", 1, "passive", 1],
  ["primary", "active", 1, "passive", 1, "active", 1],
  ["backup", "active", 2, "waiting", 0, "active", 2],
  // Both active: the later term wins, then the primary.
  ["primary", "active", 1, "active", 2, "passive", 2],
  ["backup", "active", 2, "active", 1, "active", 2],
  ["primary", "active", 2, "active", 2, "active", 2],
  ["backup", "active", 2, "active", 2, "passive", 2],
];
for (const [role, state, term, theirs, theirTerm, then, thenTerm] of RECEIVED) {
  test(`binary star: a ${role}, ${state} in term ${term}, receives ${theirs} in ${theirTerm}: ${then}`, () => {
    const ours = star(role, state, term);
    ours.receive(theirs, theirTerm, 1);
    assertEquals([ours.state, ours.term], [then, thenTerm]);
  });
}

const ASKED: [Role, State, alone: State][] = [
  ["primary", "waiting", "active"],
  ["backup", "waiting", "waiting"],
  ["primary", "passive", "active"],
  ["backup", "passive", "active"],
  ["backup", "active", "active"],
];
for (const [role, state, alone] of ASKED) {
  test(`binary star: a ${role}, ${state}, gets a request of a client: ${alone} if it is alone`, () => {
    const near = star(role, state);
    assertEquals(near.ask(SILENT_MS), state === "active");
    assertEquals(near.state, state);
    assertEquals(near.ask(SILENT_MS + 1), alone === "active");
    assertEquals(near.state, alone);

    const lost = star(role, state);
    lost.lose();
    assertEquals(lost.ask(1), alone === "active");
  });
}
