/** A list in JSON text has the items that JSON.parse finds. */
import { assertEquals } from "@std/assert";
import { itemsOf } from "../../../src/pipeline/model/json_items.ts";
import { test } from "../../support/harness.ts";
import { check, fc } from "../../support/property.ts";

test("every list is split into the texts of its items", () =>
  check(
    fc.property(
      fc.array(fc.jsonValue({ noUnicodeString: false, maxDepth: 4 })),
      fc.constantFrom(0, 1, 2),
      (list, indent) => {
        const { count, items } = itemsOf(
          JSON.stringify(list, null, indent),
          Infinity,
        )!;
        assertEquals(count, list.length);
        assertEquals(
          items,
          list.map((item, i) => {
            assertEquals(
              JSON.parse(items[i]!),
              JSON.parse(JSON.stringify(item)),
            );
            return items[i]!.trim();
          }),
        );
      },
    ),
  ));

test("items beyond those that are wanted are counted", () => {
  assertEquals(itemsOf('[1,"],",[2]]', 2), { count: 3, items: ["1", '"],"'] });
  assertEquals(itemsOf("[ ]", 2), { count: 0, items: [] });
});

test("what is not a list has no items", () => {
  for (const text of ["1", '"[1]"', '{"a":[1]}', "null"]) {
    assertEquals(itemsOf(text, 9), undefined);
  }
});
