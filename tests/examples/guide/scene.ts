/**
 * Test support. Plays a whole example of the guide on the runtime that runs the
 * test, in a process of its own.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Child } from "../../../examples/guide/support/child.ts";
import type { TestContext } from "../../support/harness.ts";

/** A scene starts several processes, one after the other. */
export const SCENE = { timeoutMs: 60_000 } as const;

/** Plays `main.ts` of an example; gives the lines that it printed, once it has ended well. */
export async function playScene(
  t: TestContext,
  name: string,
): Promise<readonly string[]> {
  const main = new URL(
    `../../../examples/guide/${name}/main.ts`,
    import.meta.url,
  );
  const scene = t.use(new Child(main));
  assertEquals(await scene.ended, 0, scene.lines.join("\n"));
  return scene.lines;
}
