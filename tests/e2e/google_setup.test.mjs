// SPDX-License-Identifier: Apache-2.0
// The operator's guided page for setting up Google, opened by the link of the command line, in each form and in German; and
// what users see of Google before and after.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect } from '../support/google.mjs';
import { World, runCli } from '../support/portico.mjs';
import { Owner, forms } from './owner.mjs';

const client = { clientId: '123456789012-salonclient.apps.googleusercontent.com', clientSecret: 'GOCSPX-0123456789abcdefghij' };
const another = { clientId: '210987654321-otherclient.apps.googleusercontent.com', clientSecret: 'GOCSPX-abcdefghij0123456789' };
const stranger = { storageState: { cookies: [], origins: [] } };
let world, screens, operator;
before(async () => {
  const clients = [client, another].map((each, i) => ({ ...each, project: `project-${i}`, anyLoopbackRedirect: true }));
  world = await World.start({ client: false, seed: { clients } });
  screens = await Owner.start(world);
  await (await screens.open()).context.close();  // signs in once
});
after(async () => { await screens?.stop(); await world?.stop(); });

const look = (...what) => screens.look(...what);
const checked = (page, name, state) => page.locator(`[data-testid="check-${name}"][data-state="${state}"]`).first().waitFor();
async function open(options = {}) {
  const { out } = await runCli(['google', 'setup', '--data', world.data]);
  const window = await screens.open({ ...forms.desktop, ...stranger, ...options });
  await window.page.goto(/https:\S+/.exec(out)[0]);
  await window.page.getByTestId('checks').waitFor();
  operator = { storageState: await window.context.storageState() };
  return window;
}
const file = (...uris) => ({ name: 'client_secret_123.json', mimeType: 'application/json',
  buffer: Buffer.from(JSON.stringify({ web: { client_id: client.clientId, client_secret: client.clientSecret, redirect_uris: uris } })) });
async function enter(page, { clientId, clientSecret }) {
  await page.getByLabel('Client id').fill(clientId);
  await page.getByLabel('Client secret', { exact: true }).fill(clientSecret);
  await page.getByTestId('save-client').click();
}

test('before: users read that Google is not set up, and nothing offers to connect it', async () => {
  await look('/connections', (page) => page.getByTestId('google-not-set-up').waitFor(), 'connections-not-set-up');
  const { page, context } = await screens.open();
  await page.goto(`${world.origin}/connections`);
  await page.getByText('portico google setup').waitFor();
  assert.equal(await page.getByTestId('connect-google').count(), 0);
  await context.close();
});

test('without the link the page tells how it is opened', async () => {
  await look('/setup/google', (page) => page.getByText('portico google setup').waitFor(), 'google-setup-closed', stranger);
});

test('the link opens the page, and leaves the address bar', async () => {
  const { page, context, faults, hosts } = await open();
  assert.equal(page.url(), `${world.origin}/setup/google`);
  assert.equal(await page.getByTestId('redirect-uri').textContent(), `${world.origin}/oauth/callback/google`);
  await page.getByTestId('wanted-apis').getByText('Google Picker API').waitFor();
  await page.getByTestId('wanted-scopes').getByText('https://www.googleapis.com/auth/calendar.events.owned', { exact: true }).waitFor();
  await page.getByTestId('verification').getByText('sensitive').waitFor();
  for (const href of await page.locator('a[target=_blank]').evaluateAll((links) => links.map((link) => link.href))) assert.match(href, /^https:\/\/console\.cloud\.google\.com\//);
  await page.reload();
  await page.getByTestId('checks').waitFor();
  await checked(page, 'client', 'attention');
  assert.deepEqual(faults, []);
  assert.deepEqual([...hosts], [world.origin]);
  await context.close();
  await look('/setup/google', (each) => checked(each, 'client', 'attention'), 'google-setup-empty', operator);
  await look('/setup/google', (each) => checked(each, 'client', 'attention'), 'google-setup-empty-de', { ...operator, locale: 'de-DE' });
});

test('a wrong secret is said; the downloaded file fills the form and is checked', async () => {
  const { page, context } = await open();
  await enter(page, { ...client, clientSecret: 'GOCSPX-wrongwrongwrongwrong' });
  await page.getByTestId('problem').getByText('does not accept').waitFor();
  const chooser = page.locator('input[type=file]');
  await chooser.setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"installed":{}}') });
  await page.getByText('for another kind of client').waitFor();
  await chooser.setInputFiles(file('https://elsewhere.example/oauth'));
  await page.getByTestId('not-registered').waitFor();
  await chooser.setInputFiles(file(`${world.origin}/oauth/callback/google`));
  await page.getByTestId('not-registered').waitFor({ state: 'detached' });
  assert.equal(await page.getByLabel('Client id').inputValue(), client.clientId);
  await page.getByTestId('save-client').click();
  await page.getByTestId('saved').getByText('Google accepts them').waitFor();
  await page.getByTestId('stored-client').getByText('123456789012-…ient').waitFor();
  await checked(page, 'known', 'ok');
  assert.equal(await page.getByTestId('redirect-uri').isVisible(), false);  // the steps at Google are folded away
  await page.getByTestId('steps').locator('summary').first().click();
  await page.getByTestId('redirect-uri').waitFor();
  assert.ok(!(await page.content()).includes(client.clientSecret), 'the secret is still in the page');
  await context.close();
});

test('a user connects; what is wrong at Google shows on the page, with what to do', async () => {
  await world.simulator().post('/__sim/options', { testingConsent: true, disabledApis: ['people'], dateSkewSeconds: 400 });
  await connect(world, await world.owner(), 'google-contacts');
  const { page, context } = await open();
  await checked(page, 'redirect', 'ok');
  await checked(page, 'clock', 'failing');
  await checked(page, 'consent', 'attention');
  for (;;) {  // until the first sync was refused
    await page.getByTestId('check-again').click();
    if (await page.locator('[data-testid="check-api"][data-state="failing"]').count()) break;
  }
  await page.getByText('Google People API is not enabled in your project').waitFor();
  await context.close();
  await look('/setup/google', (each) => checked(each, 'api', 'failing'), 'google-setup-faults', operator);
  await world.simulator().post('/__sim/options', { testingConsent: false, disabledApis: [], dateSkewSeconds: 0 });
});

test('another client is asked about first; forgetting and closing work', async () => {
  const { page, context, faults } = await open();
  await page.getByRole('button', { name: 'Set others' }).click();
  await enter(page, another);
  await page.getByRole('dialog').getByText('were made with the client of before: 1').waitFor();
  await page.getByTestId('replace-client').click();
  await page.getByText('wait because they belong to another client: 1').waitFor();
  await page.getByTestId('forget-client').click();
  await page.getByTestId('forget-client-confirm').click();
  await page.getByTestId('save-client').waitFor();
  await page.getByTestId('close-setup').click();
  await page.getByText('The page is closed').waitFor();
  await page.reload();
  await page.getByText('This page opens with a link').waitFor();
  await page.goto(`${world.origin}/setup/google#0123456789`);
  await page.reload();  // going to another fragment alone loads nothing
  await page.getByTestId('problem').getByText('older than 15 minutes').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
