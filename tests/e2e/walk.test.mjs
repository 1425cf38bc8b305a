// SPDX-License-Identifier: Apache-2.0
// The README's five minutes in a real browser, against the real server and the simulated Google; and what every page must
// be: free of accessibility faults that a machine can find, of sideways scrolling, of third parties and of CSP reports.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { accountName } from '../support/google.mjs';
import { World, build, eventually, password } from '../support/portico.mjs';
import { axeOf, throughConsent } from './owner.mjs';

const shots = join(build, 'results/screenshots');
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
let world, browser;
before(async () => {
  mkdirSync(shots, { recursive: true });
  world = await World.start();
  browser = await chromium.launch({ executablePath: process.env.PORTICO_CHROMIUM ?? '/usr/bin/chromium', args: flags });
});
after(async () => { await browser?.close(); await world?.stop(); });

// A fresh browser window; collects what must not happen.
async function open(options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB', viewport: { width: 1360, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const faults = [], hosts = new Set();
  page.on('console', (message) => { if (message.type() === 'error' && /Content Security|Trusted Type|Refused to/.test(message.text())) faults.push(message.text()); });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => { const url = new URL(request.url()); if (url.protocol.startsWith('http')) hosts.add(url.origin); });
  return { context, page, faults, hosts };
}

async function signIn(page) {
  await page.goto(world.url);
  await page.getByTestId('sign-in-email').fill('owner@demo.test');
  await page.getByTestId('sign-in-password').fill(password);
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('sign-in-submit').waitFor({ state: 'detached' });
}

const google = async () => (await world.google(accountName)).accounts[0];

test('the five-minute walk', async () => {
  const { page, faults, context } = await open();
  await signIn(page);

  await page.goto(`${world.url}/clients`);
  await page.getByTestId('client-row').first().waitFor();
  assert.ok((await page.getByTestId('client-row').count()) >= 5);
  await page.goto(`${world.url}/calendar`);
  await page.getByTestId('appointment').first().waitFor();
  await page.screenshot({ path: join(shots, 'calendar.png') });

  await page.goto(`${world.url}/connections`);
  await page.getByTestId('connect-google').click();
  for (let plugin = 0; plugin < 3; plugin++) {
    await page.locator('[data-testid^="continue-"]').click();  // our disclosure comes first, once per plugin
    await throughConsent(page);
    await page.waitForURL(/\/connections/);
  }
  for (const plugin of ['google-contacts', 'google-calendar', 'google-drive']) await page.getByTestId(`connection-${plugin}`).waitFor();
  await page.screenshot({ path: join(shots, 'connections.png'), fullPage: true });

  await page.goto(`${world.url}/clients`);
  await page.getByTestId('add-client').click();
  await page.getByLabel('First name').fill('Walter');
  await page.getByLabel('Last name').fill('Walker');
  await page.getByLabel('E-mail', { exact: true }).fill('walter@walk.test');
  await page.getByRole('dialog').getByRole('button', { name: /^(Save|Add)/ }).click();
  await eventually('Walter in Google Contacts', async () => (await google()).contacts.some((c) => c.emailAddresses?.[0]?.value === 'walter@walk.test'));

  await page.goto(`${world.url}/calendar`);
  const before_ = (await google()).calendars.find((c) => c.primary).events.filter((e) => e.id.startsWith('crm')).length;
  await page.getByRole('button', { name: /^Book Dana at 17:00/ }).click();
  const popover = page.getByTestId('slot-popover').last();
  await popover.getByRole('combobox', { name: 'Client' }).fill('Walter');
  await page.getByRole('option', { name: /Walter Walker/ }).click();
  await popover.getByRole('combobox', { name: 'Service' }).click();
  await page.getByRole('option', { name: /Consultation/ }).click();
  await page.getByTestId('slot-save').click();
  await eventually('the booking in Google Calendar', async () => (await google()).calendars.find((c) => c.primary).events.some((e) => /Walter Walker/.test(e.summary ?? '')));
  assert.ok((await google()).calendars.find((c) => c.primary).events.length > before_);

  await page.goto(`${world.url}/clients?q=walter`);
  await page.getByTestId('client-row').first().click();
  await page.getByTestId('attach-from-drive').click();
  await page.locator('[data-testid^="account-"], [data-testid="pick"]').first().waitFor();
  if (await page.getByTestId(`account-${accountName}`).count()) await page.getByTestId(`account-${accountName}`).click();
  await page.getByText('Price list 2026.pdf').click();
  await page.getByTestId('pick').click();
  await page.waitForURL(/\/clients\//);
  await page.getByTestId('file-row').filter({ hasText: 'Price list 2026.pdf' }).waitFor();
  await page.screenshot({ path: join(shots, 'client.png'), fullPage: true });

  await page.goto(`${world.url}/audit`);
  await page.getByTestId('audit-row').first().waitFor();
  await eventually('the picked file in the audit page', async () => { await page.reload(); await page.getByTestId('audit-row').first().waitFor(); return /file|Datei/i.test(await page.locator('main').innerText()); });
  await page.screenshot({ path: join(shots, 'audit.png'), fullPage: true });

  await page.goto(`${world.url}/connections`);
  await page.getByTestId('disconnect-google-drive').click();  // one of three: the account stays
  await page.getByTestId('receipt').waitFor();
  await page.keyboard.press('Escape');
  await page.getByTestId('receipt').waitFor({ state: 'detached' });
  await page.getByTestId('connection-google-drive').waitFor({ state: 'detached' });
  assert.ok((await google()).grants.length > 0);
  await page.getByTestId('disconnect-google').click();
  await page.getByTestId('leave-now').click();  // keeping everything is what is chosen already
  await page.getByTestId('receipt').waitFor();
  await page.screenshot({ path: join(shots, 'receipt.png') });
  await eventually('nothing left at Google', async () => (await google()).grants.length === 0);
  assert.equal(await page.locator('[data-testid^="connection-google"]').count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test('a booking is moved without dragging, and a clash is said in words', async () => {
  const { page, context } = await open();
  await signIn(page);
  await page.goto(`${world.url}/calendar`);
  await page.getByTestId('appointment').filter({ hasText: 'Hart' }).first().click();
  await page.getByTestId('move').click();
  await page.getByRole('button', { name: /^Move to Dana at 11:15/ }).click();
  await page.getByText(/Overlaps|double|already/i).first().waitFor();
  await page.keyboard.press('Escape');
  await page.goto(`${world.url}/calendar`);
  await page.getByTestId('appointment').filter({ hasText: 'Hart' }).first().click();
  await page.getByTestId('move').click();
  await page.getByRole('button', { name: /^Move to Dana at 16:00/ }).click();
  await eventually('the new time', async () => (await page.getByTestId('appointment').filter({ hasText: 'Hart' }).first().getAttribute('aria-label'))?.includes('16:00'));
  await context.close();
});

const pages = ['/clients', '/calendar', '/connections', '/plugins', '/audit', '/settings'];
for (const [name, options] of [['desktop light', {}], ['desktop dark', { colorScheme: 'dark' }], ['390 px light', { viewport: { width: 390, height: 844 } }], ['390 px dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }]]) {
  test(`every page is usable: ${name}`, async () => {
    const { page, faults, context } = await open(options);
    await signIn(page);
    for (const path of pages) {
      await page.goto(world.url + path);
      await page.locator('main h1').first().waitFor();
      await page.waitForLoadState('networkidle').catch(() => {});  // the event stream keeps one request open
      await page.screenshot({ path: join(shots, `${path.slice(1)}-${name.replaceAll(' ', '-')}.png`) });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${path} scrolls sideways by ${wide} px`);
      // What a sticky header half covers is not a small target: look from the top.
      await page.evaluate(() => { for (const element of document.querySelectorAll('*')) if (element.scrollTop) element.scrollTop = 0; });
      const { violations } = await axeOf(page).analyze();
      assert.deepEqual(violations.map((v) => `${path}: ${v.id}: ${v.nodes[0].html.slice(0, 160)}`), []);
    }
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test('one cookie, no third party', async () => {
  const { page, hosts, context } = await open();
  await signIn(page);
  for (const path of pages) {
    await page.goto(world.url + path);
    await page.locator('main h1').first().waitFor();
  }
  const cookies = await context.cookies();
  assert.deepEqual(cookies.map((c) => c.name), ['__Host-portico']);
  const [{ httpOnly, secure, sameSite, path }] = cookies;
  assert.deepEqual({ httpOnly, secure, sameSite, path }, { httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
  assert.deepEqual([...hosts], [world.origin]);
  await context.close();
});
