/** Tests of the ids of new flows. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { newId } from "../../../src/pipeline/model/new_id.ts";
import { test } from "../../support/harness.ts";

test("ids are UUIDs of version 7, each another one", () => {
  const ids = Array.from({ length: 1000 }, () => newId());
  for (const id of ids) {
    assertMatch(
      id,
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  }
  assertEquals(new Set(ids).size, ids.length);
});

test("ids begin with their time, as in the example of RFC 9562", () => {
  assert(newId(0x017f22e279b0).startsWith("017f22e2-79b0-7"));
  assert(newId(1_700_000_000_000) < newId(1_700_000_000_001));
});
