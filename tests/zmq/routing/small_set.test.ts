/** Tests of the small set: it behaves like a `Set`. */
import { assertEquals } from "@std/assert";
import { SmallSet } from "../../../src/zmq/routing/small_set.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

test("a small set behaves like a Set under any additions and deletions", () => {
  const step = fc.tuple(fc.constantFrom("add", "delete"), fc.nat({ max: 4 }));
  check(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const members = [{}, {}, {}, {}, {}];
      const small = new SmallSet<object>();
      const set = new Set<object>();
      for (const [what, index] of steps) {
        const one = members[index]!;
        if (what === "add") {
          small.add(one);
          set.add(one);
        } else assertEquals(small.delete(one), set.delete(one));
        assertEquals(small.isEmpty, set.size === 0);
        const found: object[] = [];
        small.forEach((member) => found.push(member));
        assertEquals(found.length, set.size);
        assertEquals(new Set(found), set);
        assertEquals(small.values(), found);
        for (const member of members) {
          assertEquals(small.has(member), set.has(member));
        }
      }
    }),
  );
});
