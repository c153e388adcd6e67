/** The version of a release stands in three places, and is the same in all. */
import { assertEquals } from "@std/assert";
import denoJson from "../../deno.json" with { type: "json" };
import packageJson from "../../package.json" with { type: "json" };
import { RELEASE } from "../../src/zmq/release.ts";
import { test } from "../support/harness.ts";

test("the version is the same in deno.json, package.json and the source", () => {
  assertEquals([denoJson.version, packageJson.version], [RELEASE, RELEASE]);
});
