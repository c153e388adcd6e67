/**
 * The example `browser`, in Chromium, on each runtime.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Child } from "../../examples/guide/support/child.ts";
import { Sensor } from "../../examples/browser/sensor.ts";
import { noBrowser, openBrowser } from "../support/browser.ts";
import { test } from "../support/harness.ts";
import { zmq } from "@agentzero/agentzero";

const MAIN = new URL("../../examples/browser/main.ts", import.meta.url);

test(
  "browser: the program serves the page",
  { timeoutMs: 40_000 },
  async (t) => {
    const program = t.use(new Child(MAIN, ["0"]));
    const [, url] = await program.line(/^Open (.+)$/);
    const page = await (await fetch(url!)).text();
    assertEquals(page.includes("<title>Live values</title>"), true);
  },
);

test("browser: a page shows live values, and sends commands", {
  skip: noBrowser,
  timeoutMs: 60_000,
}, async (t) => {
  const program = t.use(new Child(MAIN, ["0"]));
  const [, url] = await program.line(/^Open (.+)$/);
  const { page, errors } = await openBrowser(t);
  await page.goto(url!);
  await page.getByText("One each 100 ms.").waitFor();
  await page.waitForFunction(
    "Number(document.querySelector('#count').value) > 5",
  );
  await page.getByRole("button", { name: "faster" }).click();
  await page.getByText("One each 50 ms.").waitFor();
  await page.getByRole("button", { name: "pause" }).click();
  await page.getByText("Paused.").waitFor();
  assertEquals(errors, []);
});

test("browser: the sensor stays within its limits", async (t) => {
  const sensor = t.use(new Sensor());
  const { commands } = await sensor.open();
  const request = t.use(new zmq.Request());
  request.connect(commands);
  const run = async (action: string) => {
    await request.send(JSON.stringify({ action }));
    return JSON.parse(String(await request.receive()));
  };
  for (const expected of [200, 400, 800, 1000, 1000]) {
    assertEquals((await run("slower")).intervalMs, expected);
  }
});
