/**
 * Test support. A browser: the Chromium of the system, driven by
 * playwright-core, from Node only. It talks to loopback and nothing else.
 *
 * @module
 */
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import type {
  Browser,
  BrowserContext,
  BrowserServer,
  Page,
} from "playwright-core";
import { runtime, type TestContext } from "./harness.ts";

export type { BrowserContext, Page };

const PLACES = [
  process.env.CHROMIUM,
  // It draws no window, and needs a third of the processor time.
  "/usr/bin/chromium-headless-shell",
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

/** The hash of the key of the server's certificate in `tests/fixtures/tls`, which no authority of the system has signed. */
function trustedKey(): string {
  const file = new URL("../fixtures/tls/server.pem", import.meta.url);
  const { publicKey } = new X509Certificate(readFileSync(file));
  const key = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(key).digest("base64");
}

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A page of another origin, which is not of another network: those are refused
  // by Chromium itself.
  "--host-resolver-rules=MAP elsewhere.test 127.0.0.1",
  `--ignore-certificate-errors-spki-list=${trustedKey()}`,
];

/** The browser of this process, once a test has needed it. */
let browser: Promise<Browser> | undefined;
/** What runs it. */
let server: BrowserServer | undefined;

if (noBrowser === false) {
  const { after } = await import("node:test");
  // `close` lets Chromium end by itself, for which it sometimes takes 30 s.
  after(async () => {
    await browser;
    await server?.kill();
  });
}

/**
 * A window with cookies and storage of its own, closed when the test ends; errors
 * of the page are collected. All windows of a process are of one browser.
 */
export async function openBrowser(
  t: TestContext,
  size: { width: number; height: number } = { width: 1280, height: 900 },
): Promise<{ page: Page; errors: string[] }> {
  browser ??= launch();
  const context = await (await browser).newContext({
    viewport: size,
    locale: "en-GB",
  });
  t.cleanup(() => context.close());
  context.setDefaultTimeout(8000);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  return { page, errors };
}

async function launch(): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  const options = { executablePath, headless: true, args: FLAGS };
  server = await chromium.launchServer(options);
  return await chromium.connect(server.wsEndpoint());
}
