// SPDX-License-Identifier: Apache-2.0
// Another account than expected, and leaving with a choice, as a person sees it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, eventually, password } from '../support/portico.mjs';
import { Owner, throughConsent } from './owner.mjs';

const other = 'sam.stylist@gmail.test';
const google = async (account) => (await world.google(account)).accounts[0];
const control = async (path, body) => assert.equal((await world.simulator().post(`/__sim/${path}`, body)).status, 200);
const synced = () => eventually('everything is there', async () => (await api.get('/api/v1/sync')).json.items.every((each) => each.pending === 0 && each.lastPushAt));
const dialog = (testId) => async (page) => { await page.getByTestId(testId).waitFor(); };

let world, owner, api;
before(async () => { world = await World.start(); owner = await Owner.start(world); api = await world.owner(); });
after(async () => { await owner?.stop(); await world?.stop(); });

// Presses "connect another account"'s neighbour: our own "grant", but signs in as somebody else at Google.
async function signInAsOther(page) {
  await page.goto(`${world.url}/connections`);
  await page.getByTestId('connect-google-calendar').click();
  await page.getByTestId('continue-google-calendar').click();
  await page.locator('[data-testid^="account-"], [data-testid="continue"]').first().waitFor();
  // The right account is suggested; the person goes back to the list and slips.
  const url = new URL(page.url());
  assert.equal(url.searchParams.get('login_hint') ?? accountName, accountName);
  if (!(await page.getByTestId(`account-${other}`).count())) await page.goto(asked.replace(/login_hint=[^&]*/, 'prompt=select_account%20consent').replace(/&prompt=consent(&|$)/, '&'));
  await page.getByTestId(`account-${other}`).click();
  const all = page.getByTestId('scope-all');
  if (await all.count()) await all.check();
  await page.getByTestId('continue').click();
}
let asked;

test('somebody else signed in: the page asks, and each answer does what it says', async () => {
  await connect(world, api, 'google-contacts');
  const { page, faults } = await owner.open();
  page.on('request', (request) => { if (request.url().includes('/o/oauth2/v2/auth?')) asked ??= request.url(); });
  await signInAsOther(page);
  await page.getByTestId('other-account').waitFor();
  const words = await page.getByTestId('other-account').innerText();
  assert.match(words, new RegExp(`signed in as ${other}.*belongs to ${accountName}`, 's'));
  await owner.look('/connections', dialog('other-account'), 'other-account');

  await page.getByTestId('other-account-cancel').click();
  await page.getByTestId('other-account').waitFor({ state: 'detached' });
  assert.equal((await google(other)).grants.length, 0);
  assert.equal((await api.get('/api/v1/connections')).json.items.length, 1);

  asked = undefined;
  await signInAsOther(page);
  await page.getByTestId('other-account-retry').click();
  await throughConsent(page);
  await page.getByTestId('connection-google-calendar').waitFor();
  assert.deepEqual((await api.get('/api/v1/connections')).json.items.map((each) => each.account), [accountName, accountName]);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('one more account is connected when that is wanted', async () => {
  const { page } = await owner.open();
  await page.goto(`${world.url}/connections`);
  await page.getByTestId('connect-another-google-contacts').click();
  await page.getByTestId('continue-google-contacts').click();
  await page.getByTestId(`account-${other}`).click();
  await page.getByTestId('continue').click();
  await eventually('two accounts', async () => (await page.getByTestId('google-account').count()) === 2);
  await synced();  // before anything came or went there is nothing to choose
  await page.getByTestId('connection-google-contacts').filter({ hasText: other }).getByTestId('disconnect-google-contacts').click();
  await page.getByTestId('leave-now').click();
  await page.getByTestId('receipt').waitFor();
  await page.context().close();
});

test('who leaves chooses what stays, sees how far it is, and gets a receipt', async () => {
  for (const name of ['Never', 'Noted']) await control('contacts', { account: accountName, action: 'create', person: { names: [{ givenName: name, familyName: 'Here' }], emailAddresses: [{ value: `${name}@phone.test` }] } });
  await api.post('/api/v1/sync/run', { plugin: 'google-contacts' });
  const noted = await eventually('the clients', async () => (await api.get('/api/v1/contacts?limit=500')).json.items.find((each) => each.displayName === 'Noted Here'));
  await api.post(`/api/v1/contacts/${noted.id}/notes`, { text: 'rang' });
  assert.equal((await api.post('/api/v1/users', { email: 'cleo@demo.test', name: 'Cleo', role: 'staff', password })).status, 201);
  const cleo = world.client();
  await cleo.signIn('cleo@demo.test', password);
  await connect(world, cleo, 'google-drive');  // which has nothing to do with the clients
  await synced();

  const press = async (page) => { await page.getByTestId('disconnect-google').click(); await page.getByTestId('leave').waitFor(); };
  await owner.look('/connections', press, 'leave');
  await owner.look('/connections', press, 'leave-de', { locale: 'de-DE' });

  await control('faults', { match: { method: 'DELETE', path: '/calendar/v3/*' }, times: 1000, respond: { status: 503, body: {} } });
  const { page } = await owner.open();
  await page.goto(`${world.url}/connections`);
  await press(page);
  const words = await page.getByTestId('leave').innerText();
  assert.match(words, /2 clients came from this account.*1 of them/s);
  assert.match(words, /created \d+ events? and \d+ contacts? in this account/);
  assert.match(words, /Another person of this installation/);
  await page.getByTestId('leave-imported').check();
  await page.getByTestId('leave-created').check();
  await page.getByTestId('leave-now').click();
  await page.getByTestId('leaving-problem').waitFor();
  await owner.look('/connections', dialog('leaving-problem'), 'leaving');
  await control('faults/clear', {});
  await page.getByTestId('left').waitFor({ timeout: 60_000 });
  const receipt = await page.getByTestId('left').innerText();
  assert.match(receipt, /1 removed, 1 kept/);
  assert.match(receipt, /also connected by another person/);
  await owner.look('/connections', dialog('left'), 'left');
  assert.equal((await google(accountName)).calendars.flatMap((each) => each.events).filter((each) => each.id.startsWith('crm') && each.status !== 'cancelled').length, 0);
  assert.equal((await google(accountName)).grants.length, 1, 'of Cleo');
  await page.getByRole('button', { name: 'Put the receipt away' }).click();
  await page.getByTestId('left').waitFor({ state: 'detached' });
  await page.context().close();
});
