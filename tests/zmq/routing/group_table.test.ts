/** Tests of the group table: exact groups, joining and leaving, nothing left behind. */
import { assertEquals } from "@std/assert";
import { GroupTable } from "../../../src/zmq/routing/group_table.ts";
import type { Pipe } from "../../../src/zmq/routing/pipe.ts";
import { utf8 } from "../../support/bytes.ts";
import { fakePipe } from "../../support/fake_holder.ts";
import { test } from "../../support/harness.ts";

function members(table: GroupTable, group: string): Pipe[] {
  return [...table.members(utf8(group))];
}

test("a group is matched exactly, byte by byte", () => {
  const table = new GroupTable();
  const { a } = fakePipe();
  table.join(utf8("news"), a);
  table.join(Uint8Array.of(0xff, 0xfe), a);
  assertEquals(members(table, "news"), [a]);
  for (const other of ["", "new", "newsy", "News"]) {
    assertEquals(members(table, other), []);
  }
  assertEquals([...table.members(Uint8Array.of(0xff, 0xfe))], [a]);
  assertEquals([...table.members(Uint8Array.of(0xff))], []);
});

test("joining twice is joining once", () => {
  const table = new GroupTable();
  const { a } = fakePipe();
  table.join(utf8("g"), a);
  table.join(utf8("g"), a);
  assertEquals(members(table, "g"), [a]);
  table.leave(utf8("g"), a);
  assertEquals(members(table, "g"), []);
});

test("leaving an unjoined group does nothing", () => {
  const table = new GroupTable();
  const { a, b } = fakePipe();
  table.join(utf8("g"), a);
  table.leave(utf8("g"), b);
  table.leave(utf8("h"), a);
  assertEquals(members(table, "g"), [a]);
});

test("a peer that leaves all groups is in none, and others stay", () => {
  const table = new GroupTable();
  const { a, b } = fakePipe();
  for (const group of ["g", "h"]) {
    table.join(utf8(group), a);
    table.join(utf8(group), b);
  }
  [...table.leaveAll(a)];
  [...table.leaveAll(a)];
  assertEquals([members(table, "g"), members(table, "h")], [[b], [b]]);
  [...table.leaveAll(b)];
  assertEquals([members(table, "g"), members(table, "h")], [[], []]);
});
