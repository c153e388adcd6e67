/** Tests of the sorted list, compared with an array that is sorted each time. */
import { assertEquals } from "@std/assert";
import { SortedList } from "../../../src/pipeline/store/sorted_list.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

const ascending = (a: number, b: number) => a - b;

test("a list of any length is sorted under any additions and removals", () =>
  check(
    fc.property(
      fc.uniqueArray(fc.integer(), {
        minLength: 0,
        maxLength: 3000,
        size: "max",
      }),
      fc.infiniteStream(fc.nat()),
      (numbers, chances) => {
        const list = new SortedList<number>(ascending);
        const model: number[] = [];
        for (const n of numbers) {
          list.add(n);
          model.push(n);
          const chance = chances.next().value!;
          if (chance % 5 > 1) continue;
          const [gone] = model.splice(chance % model.length, 1);
          list.delete(gone!);
        }
        model.sort(ascending);
        assertEquals(list.size, model.length);
        assertEquals(list.first, model[0]);
        assertEquals([...list.backwards()], model.toReversed());
        for (
          const end of [...numbers.slice(0, 5), 0, 0.5, -Infinity, Infinity]
        ) {
          assertEquals(
            [...list.backwards(end)],
            model.filter((n) => n < end).reverse(),
          );
        }
      },
    ),
  ));

test("a list is sorted whether it grows at its end, its beginning or inside", () => {
  const count = 5000;
  for (
    const place of [
      (i: number) => i,
      (i: number) => -i,
      (i: number) => (i * 2741) % count,
    ]
  ) {
    const list = new SortedList<number>(ascending);
    const all = Array.from({ length: count }, (_, i) => place(i));
    for (const n of all) list.add(n);
    assertEquals([...list.backwards()], all.toSorted(ascending).reverse());
    for (const n of all) list.delete(n);
    assertEquals([list.size, list.first, [...list.backwards()]], [
      0,
      undefined,
      [],
    ]);
  }
});
