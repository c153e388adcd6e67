/**
 * Test support. A browser: the Chromium of the system, driven by
 * playwright-core, from Node only. It talks to loopback and to nobody else.
 *
 * @module
 */
import { existsSync } from "node:fs";
import process from "node:process";
import type { BrowserContext, Page } from "playwright-core";
import { runtime, type TestContext } from "./harness.ts";

export type { BrowserContext, Page };

const PLACES = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

const executablePath = PLACES.find((path) => path && existsSync(path));

/** Why there is no browser here; `false` if there is one. */
export const noBrowser: string | false = runtime !== "node"
  ? "the browser is driven from Node"
  : executablePath === undefined
  ? "chromium is missing"
  : false;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A window of a browser that has never been used; errors of the page are collected. */
export async function openBrowser(
  t: TestContext,
  size: { width: number; height: number } = { width: 1280, height: 900 },
): Promise<{ page: Page; errors: string[] }> {
  const { chromium } = await import("playwright-core");
  const context = await chromium.launchPersistentContext(await t.tempDir(), {
    executablePath,
    headless: true,
    args: FLAGS,
    viewport: size,
    locale: "en-GB",
  });
  t.cleanup(() => context.close());
  context.setDefaultTimeout(8000);
  const page = context.pages()[0] ?? await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  return { page, errors };
}
