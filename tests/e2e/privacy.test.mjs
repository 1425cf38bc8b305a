// SPDX-License-Identifier: Apache-2.0
// What people see of what is done with their data, in each form: the public privacy page and its versions, who is named
// on it, the news of a new version, the age that is asked for, their scopes, requests, connections and sign-ins.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect, scopesAsked } from '../support/google.mjs';
import { World, eventually } from '../support/portico.mjs';
import { Owner } from './owner.mjs';

const api = '/api/v1', address = '/privacy/demo';
const stranger = { storageState: { cookies: [], origins: [] } };
let world, screens, owner;
before(async () => {
  world = await World.start();
  owner = await world.owner();
  screens = await Owner.start(world);
  await (await screens.open()).context.close();  // signs in once
});
after(async () => { await screens?.stop(); await world?.stop(); });

const look = (...what) => screens.look(...what);
const lastUpdated = (page) => page.getByTestId('last-updated').waitFor();

test('from the sign-in page anybody gets to the privacy page', async () => {
  const { page, context, faults, hosts } = await screens.open(stranger);
  await page.goto(`${world.origin}/signin`);
  await page.getByRole('link', { name: 'Privacy' }).click();
  await page.waitForURL(world.origin + address);
  await page.getByTestId('no-controller').waitFor();
  await page.getByRole('heading', { name: 'Limited Use' }).waitFor();
  await page.getByText('https://www.googleapis.com/auth/contacts', { exact: false }).first().waitFor();
  assert.equal(await page.locator('html').getAttribute('lang') !== null, true);
  assert.deepEqual(await context.cookies(), []);
  assert.deepEqual(faults, []);
  assert.deepEqual([...hosts], [world.origin]);
  await context.close();
  await look(address, lastUpdated, 'privacy-unnamed', stranger);
});

test('an administrator names who is responsible, and each page leads there', async () => {
  await look('/settings?tab=business', (page) => page.getByTestId('controller-unset').waitFor(), 'settings-controller');
  const { page, context } = await screens.open();
  await page.goto(`${world.origin}/settings?tab=business`);
  await page.getByLabel('Name of the business or person').fill('Demo Salon Ltd');
  await page.getByLabel('Postal address').fill('1 High Street\nLondon');
  await page.getByLabel('E-mail for questions about data').fill('privacy@demo.test');
  await page.getByTestId('save-controller').click();
  await page.getByTestId('controller-unset').waitFor({ state: 'detached' });
  await page.getByTestId('privacy-news').waitFor();  // this is a new version
  await page.locator('footer').getByRole('link', { name: 'Privacy' }).click();
  await page.getByText('Demo Salon Ltd, 1 High Street', { exact: false }).waitFor();
  assert.equal(await page.getByTestId('no-controller').count(), 0);
  await context.close();
});

test('a new version is told of on every page until it was opened, with what changed', async () => {
  await owner.post(`${api}/plugins/google-drive/disable`, {});
  await look('/clients', (page) => page.getByTestId('privacy-news').waitFor(), 'privacy-news');
  const { page, context } = await screens.open();
  await page.goto(`${world.origin}/calendar`);
  await page.getByTestId('privacy-news').getByRole('link').click();
  await page.getByTestId('version-3').click();
  assert.match(await page.getByTestId('version').innerText(), /No longer said\s[\s\S]*Google Drive/);
  await eventually('the page was seen', async () => (await owner.get(`${api}/me`)).json.privacy.seen);
  await page.goto(`${world.origin}/calendar`);
  await page.getByTestId('appointment').first().waitFor();
  assert.equal(await page.getByTestId('privacy-news').count(), 0);
  await context.close();
  await look(address, async (page) => {
    await page.getByTestId('version-3').click();
    await page.getByTestId('version').getByText('No longer said').waitFor();
  }, 'privacy', stranger);
  await owner.post(`${api}/plugins/google-drive/enable`, {});
});

test('who was invited says that they are 13 or over before they get in', async () => {
  const mia = { email: 'mia@demo.test', name: 'Mia', role: 'staff', password: 'a long enough phrase' };
  assert.equal((await owner.post(`${api}/users`, mia)).status, 201);
  const enter = async (page) => {
    await page.getByTestId('sign-in-email').fill(mia.email);
    await page.getByTestId('sign-in-password').fill(mia.password);
    await page.getByTestId('sign-in-submit').click();
    await page.getByTestId('of-age').waitFor();
  };
  await look('/signin', enter, 'sign-in-age', stranger);
  const { page, context } = await screens.open(stranger);
  await page.goto(`${world.origin}/signin`);
  await enter(page);
  await page.getByTestId('sign-in-submit').click();  // without the tick
  assert.equal((await context.cookies()).length, 0);
  await page.getByTestId('of-age').check();
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('sign-in-submit').waitFor({ state: 'detached' });
  assert.equal((await context.cookies()).length, 1);
  await context.close();
  await look('/setup?token=x', (page) => page.getByLabel('I am 13 or over').waitFor(), 'setup', stranger);
});

test('scopes, requests, connections and sign-ins in plain words', async () => {
  const asked = scopesAsked((await owner.get(`${api}/plugins/google-calendar`)).json.asks.connections[0]);
  await connect(world, owner, 'google-contacts');
  await connect(world, owner, 'google-calendar', { scopes: [asked[0]] });
  await eventually('a use', async () => (await owner.get(`${api}/connections`)).json.items.some((each) => each.scopes.some((scope) => scope.lastUsedAt)));
  await look('/connections', async (page) => {
    await page.getByTestId('connection-google-calendar').getByTestId('scope').first().waitFor();
    await page.getByTestId('use-group').first().waitFor();
  }, 'my-connections');
  const { page, context } = await screens.open();
  await page.goto(`${world.origin}/connections`);
  const calendar = page.getByTestId('connection-google-calendar');
  await calendar.getByTestId('scope').first().waitFor();
  assert.ok((await calendar.locator('[data-granted="false"]').count()) > 0);
  assert.match(await page.getByTestId('connection-google-contacts').getByTestId('scope').first().innerText(), /Read, create, change and delete contacts/);
  await page.getByText('Kept for 396 days.', { exact: false }).waitFor();
  await context.close();
  await look('/connections', async (page) => {
    await page.getByText('Sign-ins', { exact: true }).click();
    await page.getByTestId('sign-in-note').first().waitFor();
  }, 'my-sign-ins');
  await look('/connections', async (page) => {
    await page.getByRole('radiogroup', { name: 'What was done in your name' }).getByText('Connections', { exact: true }).click();
    await page.getByTestId('connection-log').first().waitFor();
  }, 'my-log');
});

test('what was not used for 90 days is offered for removal', async () => {
  await world.stopServing();
  // Nobody waits so long: the vault's own note of the last use is put back.
  execFileSync('python3', ['-c', `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for table, column in (('connections', 'connected_at'), ('scope_uses', 'at')):
    db.execute(f'UPDATE {table} SET {column} = {column} - 91 * 86400000')
db.commit()`, join(world.data, 'vault/vault.db')]);
  await world.serve(new URL(world.origin).port);
  owner = await world.owner();
  await owner.post(`${api}/plugins/google-contacts/disable`, {});  // or it would be used at once
  await look('/connections', (page) => page.getByTestId('scope-unused').first().waitFor(), 'unused-scope');
});
