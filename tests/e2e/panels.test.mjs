// SPDX-License-Identifier: Apache-2.0
// Somebody else's plugin in a real browser: its panel on the client page, its button, what a broken one does (nothing, to
// anything else), and the page on which an admin agrees again when an update asks for more.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { World } from '../support/portico.mjs';
import { ThirdParty } from '../support/third_party.mjs';
import { Owner, shots } from './owner.mjs';

const api = '/api/v1';
let third, world, screens, owner, client;

before(async () => {
  third = new ThirdParty();
  world = await World.start({ sim: false, plugins: third.plugins, keys: third.keys, serve: ['--demo'] });
  owner = await world.owner();
  client = (await owner.get(`${api}/contacts`)).json.items[0].id;
  await owner.post(`${api}/plugins/${ThirdParty.id}/disable`);  // the demo enables what it finds
  screens = await Owner.start(world);
});
after(async () => { await screens?.stop(); await world?.stop(); third?.remove(); });

const open = (options) => screens.open(options);
const look = (...what) => screens.look(...what);
const panelOf = (page) => page.getByTestId(`panel-${ThirdParty.id}`);

async function behave(mode) {
  const answer = await owner.request('PUT', `${api}/plugins/${ThirdParty.id}/settings`, { body: { values: { mode } } });
  assert.equal(answer.status, 200, answer.text);
}

test('an admin reads who made it, enables it, and its panel is on the client page', async () => {
  const { page, context, faults, hosts } = await open();
  await page.goto(`${world.origin}/plugins`);
  await page.getByTestId(`plugin-${ThirdParty.id}`).click();
  await page.getByText('Signed by lund', { exact: false }).first().waitFor();
  await page.getByText('To know whose stamps these are.', { exact: false }).waitFor();
  await page.getByTestId('enable').click();
  await page.getByTestId('disable').waitFor();

  await page.goto(`${world.origin}/clients/${client}`);
  await panelOf(page).getByText('<b>Ten</b> stamps, <script>alert(1)</script> one visit free.').waitFor();
  assert.equal(await panelOf(page).locator('script, b').count(), 0);
  assert.equal(await panelOf(page).getByText('of a later version').count(), 0);
  const link = panelOf(page).getByRole('link', { name: /How it works/ });
  assert.match(await link.innerText(), /lund\.example/);
  assert.equal(await link.getAttribute('rel'), 'noopener noreferrer');

  await panelOf(page).getByRole('button', { name: 'Add a stamp' }).click();
  await page.getByText('Stamp number 1 is on the card.').waitFor();
  await panelOf(page).locator('dd').getByText('1', { exact: true }).waitFor();
  assert.deepEqual(faults, []);
  assert.deepEqual([...hosts], [world.origin]);  // nobody else's server was asked for anything
  await context.close();
});

test('its title is in the language of the reader', async () => {
  for (const [locale, title] of [['en-GB', 'Stamp card'], ['de-DE', 'Stempelkarte']]) {
    const { page, context } = await open({ locale });
    await page.goto(`${world.origin}/clients/${client}`);
    await panelOf(page).getByRole('heading', { name: title, exact: true }).waitFor();
    await context.close();
  }
});

test('the panel in every form', () => look(`/clients/${client}`, (page) => panelOf(page).getByRole('button').first().waitFor(), 'panel'));

test('broken panels stay in their box', async () => {
  const { page, context, faults } = await open();
  for (const mode of ['script', 'many', 'crash', 'slow']) {
    await behave(mode);
    await page.goto(`${world.origin}/clients/${client}`);
    await page.getByRole('button', { name: 'Edit' }).waitFor();  // the page is there before the panel has failed
    const box = panelOf(page).getByTestId('panel-failed');
    await box.waitFor();
    assert.match(await box.innerText(), /This panel could not be shown\.\s+\S/);
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('First name').waitFor();  // and everything else works
  }
  await behave('good');
  await page.goto(`${world.origin}/clients/${client}`);
  await panelOf(page).getByRole('button').first().waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test('a broken panel in every form', async () => {
  await behave('script');
  await look(`/clients/${client}`, (page) => panelOf(page).getByTestId('panel-failed').waitFor(), 'broken-panel');
  await behave('good');
});

test('the plugin page in every form', () => look(`/plugins/${ThirdParty.id}`, (page) => page.getByTestId('disable').waitFor(), 'plugin'));

test('an update that asks for more waits until an admin has seen what', async () => {
  await world.stopServing();
  third.release((manifest) => {
    manifest.records[0].access.push('write');
    manifest.records[0].reason = 'To note the stamps with the client.';
  });
  await world.serve(new URL(world.origin).port);
  owner = await world.owner();
  await look(`/plugins/${ThirdParty.id}`, (page) => page.getByTestId('consent-changes').waitFor(), 'consent');

  const { page, context } = await open();
  await page.goto(`${world.origin}/clients/${client}`);
  await page.getByRole('button', { name: 'Edit' }).waitFor();
  assert.equal(await panelOf(page).count(), 0);
  await page.goto(`${world.origin}/plugins/${ThirdParty.id}`);
  const changes = page.getByTestId('consent-changes');
  await changes.getByText('To note the stamps with the client.', { exact: false }).waitFor();
  assert.match(await changes.innerText(), /Adds, changes and deletes: Clients/);
  await page.getByTestId('consent-agree').click();
  await page.getByTestId('disable').waitFor();
  assert.equal(await changes.count(), 0);
  await page.goto(`${world.origin}/clients/${client}`);
  await panelOf(page).locator('dd').getByText('1', { exact: true }).waitFor();  // it goes on with what it had

  await page.goto(`${world.origin}/plugins/${ThirdParty.id}`);
  await page.getByTestId('disable').click();
  await page.getByTestId('disable-erase').click();
  await page.getByText('everything it noted for itself').waitFor();
  await page.screenshot({ path: join(shots, 'disable.png') });
  await page.getByTestId('disable-confirm').click();
  await page.getByTestId('enable').click();
  await page.getByTestId('disable').waitFor();
  await page.goto(`${world.origin}/clients/${client}`);
  await panelOf(page).locator('dd').getByText('0', { exact: true }).waitFor();  // its stamps are gone
  await context.close();
});
