/**
 * Takes the pictures of the dashboard in docs/pipeline/images, from the example
 * examples/dashboard as it runs.
 *
 *     node scripts/screenshots.mjs [seconds to let it run before]
 *
 * It needs Chromium at /usr/bin/chromium, or where CHROMIUM says.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const FOLDER = "docs/pipeline/images";
const DESK = { width: 1280, height: 740 };

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
mkdirSync(FOLDER, { recursive: true });
const seconds = Number(process.argv[2] ?? 150);
const profile = mkdtempSync(join(tmpdir(), "agentzero-browser-"));
const example = spawn(
  process.execPath,
  ["--import", "tsx", "examples/dashboard/main.ts", "0"],
  { stdio: ["ignore", "pipe", "inherit"] },
);
try {
  const link = await firstLine(example.stdout);
  console.log(`The example runs for ${seconds} s`);
  await sleep(seconds * 1000);
  await takePictures(link);
} finally {
  example.kill("SIGTERM");
  rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
}

async function takePictures(link) {
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    viewport: DESK,
    locale: "en-GB",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  try {
    const page = browser.pages()[0] ?? await browser.newPage();
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await page.goto(link);
    await page.locator("#logs li").nth(20).waitFor();
    await picture(page, "dashboard_light");
    await picture(page, "dashboard_schedules", "section:has(#schedules)");

    await page.emulateMedia({ colorScheme: "dark" });
    await page.getByRole("button", { name: / dead of classify$/ }).click();
    await page.locator("#jobs tr", { hasText: "is not a picture" }).first()
      .getByRole("link").click();
    await page.getByRole("dialog").getByText("Timeline").waitFor();
    await picture(page, "dashboard_dark");

    await page.keyboard.press("Escape");
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.evaluate("scrollTo(0, 0)");
    await picture(page, "dashboard_phone");
  } finally {
    await browser.close();
  }
}

async function picture(page, name, part) {
  const path = `${FOLDER}/${name}.png`;
  await (part === undefined ? page : page.locator(part)).screenshot({ path });
  console.log(`${path}, ${Math.round(statSync(path).size / 1024)} KiB`);
}

async function firstLine(stream) {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  stream.resume();
  return text.split("\n")[0];
}
