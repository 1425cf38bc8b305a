// SPDX-License-Identifier: Apache-2.0
// The demo's owner in headless Chromium, in the four forms in which every screen is looked at. One session for all of a
// test's windows: the server ends a person's oldest sessions when there are too many.
import AxeBuilder from '@axe-core/playwright';
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { accountName } from '../support/google.mjs';
import { build, password } from '../support/portico.mjs';

export const shots = join(build, 'results/screenshots');
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
export const forms = {
  desktop: { viewport: { width: 1360, height: 900 } },
  'desktop-dark': { viewport: { width: 1360, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 } },
  'phone-dark': { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
};

// Without preload: axe would itself put in a stylesheet that is still on its way, which the page's policy refuses.
export const axeOf = (page) => new AxeBuilder({ page }).options({ preload: false }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']);

export async function throughConsent(page) {
  // Google asks which account only while it has not been suggested one.
  await page.locator('[data-testid^="account-"], [data-testid="continue"], [data-testid="pick"]').first().waitFor();
  const account = page.getByTestId(`account-${accountName}`);
  if (await account.count()) await account.click();
  const all = page.getByTestId('scope-all');
  if (await all.count()) await all.check();
  await page.getByTestId('continue').click();
}

export class Owner {
  static async start(world) {
    mkdirSync(shots, { recursive: true });
    const owner = new Owner();
    owner.world = world;
    owner.browser = await chromium.launch({ executablePath: process.env.PORTICO_CHROMIUM ?? '/usr/bin/chromium', args: flags });
    return owner;
  }
  stop() { return this.browser.close(); }

  // A fresh window that is signed in; collects what must not happen.
  async open(options = forms.desktop) {
    const context = await this.browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB', storageState: this.session, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    const faults = [], hosts = new Set();
    page.on('console', (message) => { if (message.type() === 'error' && /Content Security|Trusted Type|Refused to/.test(message.text())) faults.push(message.text()); });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => { const url = new URL(request.url()); if (url.protocol.startsWith('http')) hosts.add(url.origin); });
    if (!this.session) {
      await page.goto(this.world.url);
      await page.getByTestId('sign-in-email').fill('owner@demo.test');
      await page.getByTestId('sign-in-password').fill(password);
      await page.getByTestId('sign-in-submit').click();
      await page.getByTestId('sign-in-submit').waitFor({ state: 'detached' });
      this.session = await context.storageState();
    }
    return { context, page, faults, hosts };
  }

  // The state of a page in each form: a screenshot, no sideways scrolling, nothing that axe finds.
  async look(path, ready, name, options = {}) {
    for (const [form, view] of Object.entries(forms)) {
      const { page, context, faults } = await this.open({ ...view, ...options });
      await page.goto(this.world.origin + path);
      await ready(page);
      await page.evaluate(() => Promise.all(document.getAnimations().map((each) => each.finished.catch(() => {}))));
      const dialog = await page.locator('[role="dialog"]:visible').count();
      await page.screenshot({ path: join(shots, `${name}-${form}.png`), fullPage: !dialog });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${path} (${form}) scrolls sideways by ${wide} px`);
      const axe = axeOf(page);
      if (dialog) axe.include('[role="dialog"]');  // behind it nothing can be reached
      const { violations } = await axe.analyze();
      assert.deepEqual(violations.map((v) => `${path} (${form}): ${v.id}: ${v.nodes[0].html.slice(0, 160)}`), []);
      assert.deepEqual(faults, []);
      await context.close();
    }
  }
}
