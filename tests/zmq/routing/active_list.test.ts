/** Tests of the list of active pipes. */
import { assertEquals } from "@std/assert";
import { ActiveList } from "../../../src/zmq/routing/active_list.ts";
import type { Pipe } from "../../../src/zmq/routing/pipe.ts";
import { fakePipe } from "../../support/fake_holder.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

const pipes = (count: number) =>
  Array.from({ length: count }, () => fakePipe().a);

/** The turn of the next `count`, as numbers of pipes. */
function turns(
  list: ActiveList,
  all: readonly Pipe[],
  count: number,
): number[] {
  return Array.from({ length: count }, () => {
    const at = all.indexOf(list.current!);
    list.advance();
    return at;
  });
}

test("an empty list has no current entry", () => {
  const list = new ActiveList();
  assertEquals([list.current, list.size, [...list].length], [undefined, 0, 0]);
  list.advance();
  assertEquals(list.current, undefined);
});

test("entries take turns repeatedly", () => {
  const all = pipes(3);
  const list = new ActiveList();
  for (const pipe of all) list.add(pipe);
  assertEquals(turns(list, all, 7), [0, 1, 2, 0, 1, 2, 0]);
});

test("adding twice adds once; removing an unknown entry is not an error", () => {
  const [a, b] = pipes(2) as [Pipe, Pipe];
  const list = new ActiveList();
  list.add(a);
  list.add(a);
  assertEquals([list.size, list.has(a), list.has(b)], [1, true, false]);
  for (const pipe of [b, a, a]) list.remove(pipe);
  assertEquals([list.size, list.current], [0, undefined]);
});

test("an inactive pipe is skipped until it is active again", () => {
  const all = pipes(3);
  const list = new ActiveList();
  for (const pipe of all) list.add(pipe);
  list.deactivate(all[1]!);
  list.deactivate(all[1]!);
  assertEquals(turns(list, all, 4), [0, 2, 0, 2]);
  assertEquals([list.size, [...list].length], [3, 3]);
  list.activate(all[1]!);
  list.activate(all[1]!);
  assertEquals([...turns(list, all, 3)].sort(), [0, 1, 2]);
});

test("the next entry stays next when the current one is removed", () => {
  for (const leave of ["deactivate", "remove"] as const) {
    const all = pipes(4);
    const list = new ActiveList();
    for (const pipe of all) list.add(pipe);
    list.advance();
    list[leave](all[1]!);
    assertEquals(turns(list, all, 4), [2, 3, 0, 2], leave);
  }
});

test("the current entry stays current when an earlier one is removed", () => {
  const all = pipes(4);
  const list = new ActiveList();
  for (const pipe of all) list.add(pipe);
  turns(list, all, 2);
  list.remove(all[0]!);
  assertEquals(turns(list, all, 4), [2, 3, 1, 2]);
});

test("seeking deactivates entries that fail the test", () => {
  const all = pipes(4);
  const list = new ActiveList();
  for (const pipe of all) list.add(pipe);
  assertEquals(list.seek((pipe) => pipe === all[2]), all[2]);
  assertEquals(turns(list, all, 3), [2, 3, 2]);
  assertEquals(list.seek(() => false), undefined);
  assertEquals(list.current, undefined);
  list.activate(all[0]!);
  assertEquals(list.current, all[0]);
});

test("property: active pipes take turns, each once a round, under any additions and removals", () =>
  check(
    fc.property(
      fc.array(
        fc.tuple(
          fc.constantFrom("add", "remove", "activate", "deactivate", "advance"),
          fc.nat(7),
        ),
        { maxLength: 120 },
      ),
      (steps) => {
        const all = pipes(8);
        const list = new ActiveList();
        const known = new Set<Pipe>();
        const active = new Set<Pipe>();
        for (const [step, n] of steps) {
          const pipe = all[n]!;
          if (step === "advance") list.advance();
          else list[step as "add"](pipe);
          if (step === "add" && !known.has(pipe)) {
            known.add(pipe);
            active.add(pipe);
          }
          if (step === "activate" && known.has(pipe)) active.add(pipe);
          if (step === "remove" || step === "deactivate") active.delete(pipe);
          if (step === "remove") known.delete(pipe);
          assertEquals([...list].length, known.size);
          assertEquals(new Set(list), known);
          // A whole round gives every active pipe once, and ends where it began.
          const current = list.current;
          const round = turns(list, all, active.size);
          assertEquals(new Set(round.map((i) => all[i]!)), active);
          assertEquals(list.current, current);
        }
      },
    ),
    40,
  ));

test("pipes become inactive in constant time", () => {
  const all = Array.from({ length: 100_000 }, () => ({}) as Pipe);
  const list = new ActiveList();
  for (const pipe of all) list.add(pipe);
  // A list that moves the others for each takes minutes.
  for (const pipe of all) {
    assertEquals(list.current === pipe, true);
    list.deactivate(pipe);
  }
  assertEquals([list.current, list.size], [undefined, 100_000]);
});
