/**
 * A process that has no file descriptors left reports that it cannot accept, and
 * accepts newcomers again once there is room.
 */
import { assertEquals } from "@std/assert";
import { join } from "node:path";
import * as zmq from "../../../src/zmq/mod.ts";
import {
  crowd,
  leave,
  startWithFewDescriptors,
} from "../../support/few_descriptors.ts";
import { platform, test } from "../../support/harness.ts";

const PROGRAM = new URL("./programs/few_descriptors.ts", import.meta.url);

for (const transport of ["tcp", "ipc"]) {
  test(
    `a listener that ran out of descriptors reports it, and goes on (${transport})`,
    { skip: platform === "win32" && "it has no such limit", timeoutMs: 60_000 },
    async (t) => {
      const address = transport === "tcp"
        ? "tcp://127.0.0.1:*"
        : `ipc://${join(await t.tempDir(), "s")}`;
      const lines = startWithFewDescriptors(t, PROGRAM, address);
      const endpoint = (await lines.next("endpoint")).endpoint as string;
      const sockets = crowd(t, endpoint);
      assertEquals(await lines.next("code"), {
        code: "EMFILE",
        address: endpoint,
      });
      await leave(sockets);
      const push = t.use(new zmq.Push({ linger: 0 }));
      push.connect(endpoint);
      await push.send("late");
      assertEquals(await lines.next("received"), { received: "late" });
    },
  );
}
