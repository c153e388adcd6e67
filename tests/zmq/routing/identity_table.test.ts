/** Tests of the identity table: RFC 28, ROUTER. */
import { assert, assertEquals } from "@std/assert";
import { IdentityTable } from "../../../src/zmq/routing/identity_table.ts";
import { hexes, pattern, toHex, utf8 } from "../../support/bytes.ts";
import { fakePipe } from "../../support/fake_holder.ts";
import { test } from "../../support/harness.ts";

test("a pipe is found by its id, and the id by its pipe", () => {
  const table = new IdentityTable();
  const { a, b } = fakePipe();
  table.add(utf8("one"), a);
  table.add(Uint8Array.of(0xff, 0, 0x80), b);
  assertEquals(table.find(utf8("one")), a);
  assertEquals(table.find(Uint8Array.of(0xff, 0, 0x80)), b);
  assertEquals(table.find(utf8("on")), undefined);
  assertEquals(table.find(new Uint8Array(0)), undefined);
  assertEquals(hexes([table.idOf(a)!, table.idOf(b)!]), ["6f6e65", "ff0080"]);
  assertEquals(new Set(table.pipes()), new Set([a, b]));
});

test("a removed pipe is found no longer; removing it again is no error", () => {
  const table = new IdentityTable();
  const { a } = fakePipe();
  table.add(utf8("one"), a);
  table.remove(a);
  table.remove(a);
  assertEquals([table.find(utf8("one")), table.idOf(a)], [
    undefined,
    undefined,
  ]);
});

test("removing an older pipe leaves the newer one of the same id", () => {
  const table = new IdentityTable();
  const { a, b } = fakePipe();
  table.add(utf8("one"), a);
  table.add(utf8("one"), b);
  table.remove(a);
  assertEquals(table.find(utf8("one")), b);
});

// RFC 28.ROUTER.6, 37.IDENTITY.4
test("generated ids have five bytes, begin with 0, and are all different", () => {
  const table = new IdentityTable();
  const ids = Array.from({ length: 1000 }, () => table.generate());
  assertEquals(new Set(ids.map(toHex)).size, 1000);
  for (const id of ids) {
    assertEquals([id.byteLength, id[0]], [5, 0]);
  }
});

test("a generated id avoids those that are taken", () => {
  const table = new IdentityTable();
  const next = (id: Uint8Array) => {
    const copy = id.slice();
    const view = new DataView(copy.buffer);
    view.setUint32(1, (view.getUint32(1) + 1) >>> 0);
    return copy;
  };
  const taken = next(Uint8Array.from(table.generate()));
  table.add(taken, fakePipe().a);
  assert(toHex(table.generate()) !== toHex(taken));
});

test("ids that a run has generated mean nothing in another", () => {
  const first = toHex(new IdentityTable().generate());
  const others = Array.from(
    { length: 3 },
    () => toHex(new IdentityTable().generate()),
  );
  assert(others.some((id) => id !== first));
});

test("an id of 255 bytes is as good as any", () => {
  const table = new IdentityTable();
  const { a } = fakePipe();
  table.add(pattern(255), a);
  assertEquals(table.find(pattern(255)), a);
  assertEquals(table.find(pattern(254)), undefined);
});
