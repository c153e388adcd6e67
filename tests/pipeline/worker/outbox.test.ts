/** Unit: results are kept until they are settled. */
import { assertEquals } from "@std/assert";
import { Outbox } from "../../../src/pipeline/worker/outbox.ts";
import { test } from "../../support/harness.ts";

test("unsettled results are sent again, in order, as far as possible", () => {
  const sent: number[] = [];
  let room = Infinity;
  const outbox = new Outbox(([n]) => room-- > 0 && sent.push(n!) > 0);
  const post = (n: number) =>
    outbox.post({ id: `j${n}`, attempt: 1 }, Uint8Array.of(n));
  for (const n of [1, 2, 3]) post(n);
  outbox.settle({ id: "j2", attempt: 1 });
  outbox.settle({ id: "j3", attempt: 2 }); // another attempt
  assertEquals(outbox.claims.map(({ id }) => id), ["j1", "j3"]);
  outbox.resend();
  room = 1;
  outbox.resend();
  assertEquals(sent, [1, 2, 3, 1, 3, 1]);
  room = 0;
  post(4); // it cannot be sent, and is kept
  room = 9;
  outbox.resend();
  assertEquals(sent.slice(6), [1, 3, 4]);
  assertEquals(outbox.size, 3);
});
