// A page in Chromium sends and receives a lot; its memory does not grow.
import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import * as zmq from "../../../src/zmq/mod.ts";
import { noBrowser } from "../../support/browser.ts";
import { test } from "../../support/harness.ts";
import { openSite, serveSite } from "./site.ts";

/** In each direction, in MB; BROWSER_FLOOD_MB=1000 was run by hand. */
const MB = Number(process.env.BROWSER_FLOOD_MB ?? 20);
const SIZE = 50_000;
const COUNT = MB * 1_000_000 / SIZE;
const LIMIT_MIB = 64;

/** The memory of a page, in bytes, by Chromium's `Runtime.getHeapUsage`. */
interface HeapUsage {
  readonly usedSize: number;
  readonly embedderHeapUsedSize?: number;
  readonly backingStorageSize?: number;
}

test(
  `${MB} MB both ways do not take ${LIMIT_MIB} MiB more of the page's memory`,
  {
    skip: noBrowser,
    timeoutMs: 60_000 + MB * 1000,
  },
  async (t) => {
    const dealer = t.use(new zmq.Dealer());
    await dealer.bind("ws://127.0.0.1:*");
    void (async () => {
      for await (const message of dealer) await dealer.send(message);
    })();
    const page = await openSite(t, await serveSite(t));
    const session = await page.page.context().newCDPSession(page.page);
    const usage = async () => {
      const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } =
        await session.send("Runtime.getHeapUsage") as HeapUsage;
      return usedSize + embedderHeapUsedSize + backingStorageSize;
    };
    await page.call("flood", dealer.lastEndpoint!, SIZE, 10); // what is loaded once
    await session.send("HeapProfiler.collectGarbage");
    const before = await usage();
    let most = 0;
    const sample = setInterval(async () => {
      most = Math.max(most, await usage().catch(() => 0));
    }, 100);
    t.cleanup(() => clearInterval(sample));
    const start = performance.now();
    const bytes = await page.call("flood", dealer.lastEndpoint!, SIZE, COUNT);
    const seconds = (performance.now() - start) / 1000;
    clearInterval(sample);
    await session.send("HeapProfiler.collectGarbage");
    const grown = (await usage() - before) / 2 ** 20;
    const peak = (most - before) / 2 ** 20;
    console.log(
      `${MB} MB in ${seconds.toFixed(1)} s; ${
        peak.toFixed(1)
      } MiB more at most, ${grown.toFixed(1)} MiB in the end`,
    );
    assertEquals(bytes, MB * 1_000_000);
    assert(peak < LIMIT_MIB && grown < LIMIT_MIB);
  },
);
