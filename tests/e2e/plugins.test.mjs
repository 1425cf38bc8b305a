// SPDX-License-Identifier: Apache-2.0
// Every page about plugins as an owner meets it, in each form: ours, somebody else's, one that asks for a password, one
// whose files were changed, one that crashed too often.
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { World, eventually } from '../support/portico.mjs';
import { ThirdParty } from '../support/third_party.mjs';
import { Owner } from './owner.mjs';

const api = '/api/v1', server = 'dav.example.org';
let third, world, screens, owner;
before(async () => {
  third = new ThirdParty();
  third.add('carddav');
  appendFileSync(join(third.plugins, 'google-drive/plugin.json'), '\n');  // no longer what was signed
  world = await World.start({ plugins: third.plugins, keys: third.keys });
  owner = await world.owner();
  screens = await Owner.start(world);
});
after(async () => { await screens?.stop(); await world?.stop(); third?.remove(); });

const look = (...what) => screens.look(...what);
const text = (page) => page.locator('main').innerText();
const noPlaceholder = async (page) => assert.doesNotMatch(await text(page), /\{settings|\{\{/);
async function chooseServer(name) {
  const answer = await owner.request('PUT', `${api}/plugins/carddav/settings`, { body: { values: { server: name } } });
  assert.equal(answer.status, 200, answer.text);
}

test('the list of plugins', () => look('/plugins', (page) => page.getByTestId('plugin-carddav').waitFor(), 'plugin-list'));

test('one of ours', () => look('/plugins/google-contacts', (page) => page.getByTestId('people-google-contacts').waitFor(), 'plugin-google'));

test('a choice is shown in words and saved as what it stands for', async () => {
  const { page, context } = await screens.open();
  await page.goto(`${world.origin}/plugins/google-contacts`);
  const choice = page.getByRole('combobox', { name: 'Which contacts take part' });
  assert.equal(await choice.inputValue(), 'Every contact of the Google account');
  await choice.click();
  await page.getByRole('option', { name: 'Only contacts that carry the label below' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await eventually('the choice', async () => (await owner.get(`${api}/plugins/google-contacts`)).json.settings.values.sync === 'label');
  await page.reload();
  assert.equal(await choice.inputValue(), 'Only contacts that carry the label below');
  await context.close();
});

test('one with many settings', () => look('/plugins/google-calendar', (page) => page.getByRole('button', { name: 'Save' }).waitFor(), 'plugin-settings'));

test('one whose files were changed', () => look('/plugins/google-drive', (page) => page.getByText('does not let it run').waitFor(), 'plugin-refused'));

test('before a server is chosen nobody connects, and it is said who chooses', async () => {
  await look('/plugins/carddav', async (page) => {
    await page.getByText('An administrator chooses the server').waitFor();
    await noPlaceholder(page);
  }, 'plugin-no-server');
  await look('/connections', async (page) => {
    await page.getByTestId('no-server-carddav').waitFor();
    await noPlaceholder(page);
  }, 'connections-no-server');
});

test('with a server the page names it, and the password form too', async () => {
  await chooseServer(server);
  await look('/plugins/carddav', async (page) => {
    await page.getByText(`the server that your admin chose (${server})`).first().waitFor();
    await noPlaceholder(page);
  }, 'plugin-server');
  await look('/connections', (page) => page.getByText(`Server: ${server}`).waitFor(), 'connections');
  await look('/connections', async (page) => {
    await page.getByTestId('connect-carddav').click();
    await page.getByTestId('continue-carddav').waitFor();
  }, 'password-disclosure');
  await look('/connections', async (page) => {
    await page.getByTestId('connect-carddav').click();
    await page.getByTestId('continue-carddav').click();
    await page.getByTestId('password-form').waitFor();
    assert.equal(await page.getByTestId('password-server').innerText(), server);
  }, 'password-form');
});

test('switching off, keeping or erasing', async () => {
  const ask = async (page) => {
    await page.getByTestId('disable').click();
    await page.getByTestId('disable-erase').waitFor();
  };
  await look('/plugins/google-contacts', ask, 'disable-keep');
  await look('/plugins/google-contacts', async (page) => {
    await ask(page);
    await page.getByTestId('disable-erase').click();
    await page.getByText('everything it noted for itself').waitFor();
  }, 'disable-erase');
});

test('an update that reaches the chosen server in a further way names the server', async () => {
  await world.stopServing();
  third.release((manifest) => {
    manifest.connections[0].rules.push({ host: '{settings.server}', method: 'OPTIONS', path: '/{+path}', vars: { path: '[^{}]*' } });
    manifest.limits.memory_mib = 256;
  }, 'carddav');
  await world.serve(new URL(world.origin).port);
  owner = await world.owner();
  await look('/plugins/carddav', async (page) => {
    const changes = page.getByTestId('consent-changes');
    await changes.locator('summary').click();
    assert.match(await changes.innerText(), new RegExp(`OPTIONS ${server}/`));
    await noPlaceholder(page);
  }, 'consent-server');
  await look('/plugins/carddav', async (page) => {
    await page.getByText('Das Update verlangt mehr').waitFor();
  }, 'consent-german', { locale: 'de-DE' });
});

test('one that crashed too often is at rest, and it is said what to do', async () => {
  const client = (await owner.get(`${api}/contacts`)).json.items[0].id;
  await owner.post(`${api}/plugins/${ThirdParty.id}/enable`, {});
  await owner.request('PUT', `${api}/plugins/${ThirdParty.id}/settings`, { body: { values: { mode: 'crash' } } });
  await eventually('the quarantine', async () => {
    await owner.get(`${api}/plugins/${ThirdParty.id}/ui/client.panel/v1?contact=${client}&locale=en`);
    return (await owner.get(`${api}/plugins/${ThirdParty.id}`)).json.state === 'quarantined';
  }, 120_000);
  await look(`/plugins/${ThirdParty.id}`, (page) => page.getByText('It crashed several times').waitFor(), 'plugin-quarantined');
});
