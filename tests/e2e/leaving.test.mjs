// SPDX-License-Identifier: Apache-2.0
// Deletion on request in the browser: by somebody signed in, and by the link an administrator makes for somebody who is
// not any more.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, password } from '../support/portico.mjs';
import { Owner } from './owner.mjs';

const stranger = { storageState: { cookies: [], origins: [] } };
let world, screens, owner;
before(async () => {
  world = await World.start();
  owner = await world.owner();
  screens = await Owner.start(world);
  await (await screens.open()).context.close();  // signs in once
});
after(async () => { await screens?.stop(); await world?.stop(); });

const grants = async () => (await world.google(accountName)).accounts[0].grants.length;

test('a signed-in user deletes what is kept of their accounts', async () => {
  await connect(world, owner, 'google-contacts');
  const ask = async (page) => {
    await page.getByTestId('erase-accounts').click();
    await page.getByTestId('erase-confirm').waitFor();
  };
  await screens.look('/settings', (page) => page.getByTestId('erase-accounts').waitFor(), 'erase-settings');
  await screens.look('/settings', ask, 'erase-ask');
  const { page, context, faults } = await screens.open();
  await page.goto(`${world.origin}/settings`);
  await ask(page);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByTestId('erase-confirm').waitFor({ state: 'detached' });
  assert.equal(await grants(), 1);
  await ask(page);
  await page.getByTestId('erase-confirm').click();
  assert.match(await page.getByTestId('erased').innerText(), new RegExp(accountName.replaceAll('.', '\\.')));
  assert.equal(await grants(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test('an administrator makes a link for a former colleague, who uses it without signing in', async () => {
  const made = await owner.post('/api/v1/users', { email: 'former@salon.test', name: 'Former Colleague', role: 'staff', password });
  assert.equal(made.status, 201, made.text);
  const former = world.client();
  await former.signIn('former@salon.test', password);
  await connect(world, former, 'google-contacts');
  assert.equal((await owner.post(`/api/v1/users/${made.json.id}/deactivate`, {})).status, 200);

  let link;
  const make = async (page) => {
    await page.getByText('Former Colleague').click();
    await page.getByTestId('erasure-link').click();
    link = await page.getByLabel('Link, works once, for 24 hours').inputValue();
  };
  await screens.look('/settings?tab=users', make, 'erase-link');
  const there = new URL(link);
  const seen = (page) => page.getByTestId('erase-confirm').waitFor();
  await screens.look(there.pathname + there.search, seen, 'erase-page', stranger);
  await screens.look('/erase', (page) => page.getByText('The link is not complete', { exact: false }).waitFor(), 'erase-no-link', stranger);
  const { page, context, faults } = await screens.open(stranger);
  await page.goto(link);
  await page.getByText(accountName, { exact: false }).waitFor();
  await page.getByTestId('erase-confirm').click();
  await page.getByTestId('erased').waitFor();
  assert.equal(await grants(), 0);
  assert.deepEqual(await context.cookies(), []);
  await page.goto(link);
  await page.getByTestId('problem').waitFor();
  await page.screenshot({ path: `${process.env.PORTICO_BUILD}/results/screenshots/erase-used.png` });
  assert.deepEqual(faults, []);
  await context.close();
});
