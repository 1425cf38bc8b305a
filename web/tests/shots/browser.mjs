// SPDX-License-Identifier: Apache-2.0
// Chromium against the mock server, with a fixed clock, for looking at pages and for axe.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { startMock } from "../mock/server.mjs";

export const fixedNow = "2026-11-24T11:20:00Z";
const flags =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** Runs `use` with a mock and a signed-in page; reports CSP and script errors as `problems`. */
export async function withBrowser({ width, height, dark, language = "en-GB" }, use) {
  const profile = mkdtempSync(join(tmpdir(), "portico-shots-"));
  const mock = await startMock({ today: fixedNow.slice(0, 10) });
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: flags.split(" "),
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    locale: language,
    timezoneId: "Europe/London",
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(6_000);
  const problems = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  try {
    await page.clock.setFixedTime(fixedNow);
    await use({ page, mock, problems, signIn: () => signIn(page, mock.url) });
  } finally {
    await context.close();
    await mock.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

async function signIn(page, url) {
  await page.goto(`${url}/signin`);
  await page.getByTestId("sign-in-email").fill("owner@demo.test");
  await page.getByTestId("sign-in-password").fill("demo-password");
  await page.getByTestId("sign-in-submit").click();
  await page.waitForURL("**/calendar");
}
