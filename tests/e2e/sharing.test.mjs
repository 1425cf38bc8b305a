// SPDX-License-Identifier: Apache-2.0
// What a person allows to be passed on from their accounts: said in plain words where they connect and where an admin
// enables, off at first, on and off again with one switch.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect } from '../support/google.mjs';
import { World, eventually } from '../support/portico.mjs';
import { Owner, throughConsent } from './owner.mjs';

const api = '/api/v1';
let world, screens, owner;
before(async () => {
  world = await World.start();
  owner = await world.owner();
  screens = await Owner.start(world);
  await (await screens.open()).context.close();  // signs in once
  await connect(world, owner, 'google-contacts');
});
after(async () => { await screens?.stop(); await world?.stop(); });

const allowed = async () => (await owner.get(`${api}/connections/sharing`)).json.items[0].allowed;
const section = (page) => page.getByTestId('sharing').getByText('Asks for what came from your Google account: clients’ names.', { exact: false }).waitFor();

test('an admin reads on the plugin’s page what it would be given, and where it goes', async () => {
  await screens.look('/plugins/google-calendar', (page) => page.getByTestId('asks').getByText('clients’ names', { exact: false }).waitFor(), 'plugin-passing-on');
});

test('it is off until I switch it on, and off at once when I switch it off', async () => {
  await screens.look('/connections', section, 'connections-passing-on');
  const { page, context, faults } = await screens.open();
  await page.goto(`${world.origin}/connections`);
  const choice = page.getByRole('switch', { name: 'Allow Google Calendar' });
  await choice.waitFor();
  assert.equal(await choice.isChecked(), false);
  assert.equal(await allowed(), false);
  await page.getByText('Not allowed: Google Calendar gets nothing of it.').waitFor();
  await choice.click({ force: true });  // it moves when the server has said yes
  await page.getByText('Allowed since', { exact: false }).waitFor();
  assert.equal(await allowed(), true);
  await screens.look('/connections', (each) => each.getByText('Allowed since', { exact: false }).waitFor(), 'connections-passing-on-allowed');
  await choice.click({ force: true });
  await page.getByText('Not allowed: Google Calendar gets nothing of it.').waitFor();
  await eventually('withdrawn', async () => !(await allowed()));
  assert.deepEqual(faults, []);
  await context.close();
});

test('who connects is asked right there, before Google: not ticked for them, and it holds when they come back', async () => {
  const choice = (page) => page.getByRole('checkbox', { name: 'Google Calendar may also have what came from my Google account: clients’ names.' });
  const ask = async (page) => { await page.getByTestId('connect-google-calendar').click(); await choice(page).waitFor(); };
  await screens.look('/connections', ask, 'disclosure-passing-on');
  const { page, context, faults } = await screens.open();
  await page.goto(`${world.origin}/connections`);
  await ask(page);
  assert.equal(await choice(page).isChecked(), false);
  await choice(page).check();
  await page.getByTestId('continue-google-calendar').click();
  await throughConsent(page);
  await page.getByTestId('connection-google-calendar').waitFor();
  assert.equal(await allowed(), true);
  assert.equal(await page.getByRole('switch', { name: 'Allow Google Calendar' }).isChecked(), true);
  assert.deepEqual(faults, []);
  await context.close();
});
