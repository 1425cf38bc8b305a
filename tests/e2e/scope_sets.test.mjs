// SPDX-License-Identifier: Apache-2.0
// A choice among scopes, as an admin makes it for everybody and as each person makes it where no admin does: what is
// asked for follows it, and is said before Google's page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, eventually } from '../support/portico.mjs';
import { ThirdParty } from '../support/third_party.mjs';
import { Owner, throughConsent } from './owner.mjs';

let third, world, screens, owner;
before(async () => {
  third = new ThirdParty();
  world = await World.start({ plugins: third.plugins, keys: third.keys });
  owner = await world.owner();
  screens = await Owner.start(world);
});
after(async () => { await screens?.stop(); await world?.stop(); third?.remove(); });

const own = 'Create, move and delete the events', apart = 'Make one more calendar';
const open = async (page) => { await page.getByTestId('connect-google-calendar').click(); await page.getByTestId('continue-google-calendar').waitFor(); };
const words = (page) => page.getByRole('dialog').innerText();

test('an admin chooses, and everybody is asked for that', async () => {
  const { page, context, faults } = await screens.open();
  await page.goto(`${world.origin}/plugins/google-calendar`);
  await page.getByRole('combobox', { name: 'Where appointments go in Google Calendar' }).click();
  await page.getByRole('option', { name: 'In a calendar of their own' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await eventually('the choice', async () => (await owner.get('/api/v1/plugins/google-calendar')).json.settings.values.where === 'dedicated');
  await screens.look('/plugins/google-calendar', (each) => each.getByTestId('asks').getByText('(In a calendar of their own)', { exact: false }).waitFor(), 'plugin-scope-sets');
  await page.goto(`${world.origin}/connections`);
  await open(page);
  assert.match(await words(page), new RegExp(apart));
  assert.doesNotMatch(await words(page), new RegExp(own));
  assert.equal(await page.getByRole('dialog').getByRole('radio').count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test('without an admin’s choice each person makes it when connecting', async () => {
  await world.stopServing();
  third.release((manifest) => { delete manifest.connections[0].scope_setting; delete manifest.settings.properties.where; }, 'google-calendar');
  await world.serve();
  owner = await world.owner();
  await screens.look('/connections', open, 'disclosure-scope-sets');
  const { page, context, faults } = await screens.open();
  let asked;
  page.on('request', (request) => { if (request.url().includes('/o/oauth2/v2/auth?')) asked ??= new URL(request.url()).searchParams.get('scope'); });
  await page.goto(`${world.origin}/connections`);
  await open(page);
  assert.equal(await page.getByRole('radio', { name: 'In the main calendar of each person' }).isChecked(), true);
  assert.match(await words(page), new RegExp(own));
  await page.getByRole('radio', { name: 'In a calendar of their own' }).check();
  assert.match(await words(page), new RegExp(apart));
  assert.doesNotMatch(await words(page), new RegExp(own));
  await page.getByTestId('continue-google-calendar').click();
  await throughConsent(page);
  await page.getByTestId('connection-google-calendar').waitFor();
  assert.match(asked, /calendar\.app\.created/);
  assert.doesNotMatch(asked, /calendar\.events\.owned/);
  assert.deepEqual(faults, []);
  await context.close();
});
