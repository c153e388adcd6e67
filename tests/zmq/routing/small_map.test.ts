/** Tests of the small map: it behaves like a `Map`, but for the order. */
import { assertEquals } from "@std/assert";
import { SmallMap } from "../../../src/zmq/routing/small_map.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

test("a small map behaves like a Map under any changes", () => {
  const step = fc.tuple(
    fc.constantFrom("set", "delete"),
    fc.nat({ max: 4 }),
    fc.nat(),
  );
  check(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const keys = [{}, {}, {}, {}, {}];
      const small = new SmallMap<object, number>();
      const map = new Map<object, number>();
      for (const [what, index, value] of steps) {
        const key = keys[index]!;
        if (what === "set") {
          small.set(key, value);
          map.set(key, value);
        } else assertEquals(small.delete(key), map.delete(key));
        assertEquals(small.size, map.size);
        const found = small.keys();
        assertEquals(found.length, map.size);
        assertEquals(new Set(found), new Set(map.keys()));
        assertEquals(small.values(), found.map((one) => map.get(one)!));
        for (const one of keys) {
          assertEquals(small.has(one), map.has(one));
          assertEquals(small.get(one), map.get(one));
        }
      }
    }),
  );
});
