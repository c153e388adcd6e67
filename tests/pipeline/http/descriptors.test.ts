/**
 * A server that has no file descriptors left reports it, and serves newcomers
 * again once there is room.
 */
import { assertEquals } from "@std/assert";
import {
  crowd,
  leave,
  startWithFewDescriptors,
} from "../../support/few_descriptors.ts";
import { platform, test } from "../../support/harness.ts";

const PROGRAM = new URL("./programs/few_descriptors.ts", import.meta.url);
const STEP_MS = 20_000;

test(
  "a server of HTTP that ran out of descriptors reports it, and goes on",
  { skip: platform === "win32" && "it has no such limit", timeoutMs: 60_000 },
  async (t) => {
    const lines = startWithFewDescriptors(t, PROGRAM);
    const endpoint = (await lines.next("endpoint")).endpoint as string;
    const sockets = crowd(t, endpoint);
    assertEquals(await lines.next("code"), { code: "EMFILE" });
    await leave(sockets);
    const answer = await fetch(endpoint.replace("tcp:", "http:"), {
      signal: AbortSignal.timeout(STEP_MS),
    });
    assertEquals(await answer.text(), "hello");
  },
);
