// SPDX-License-Identifier: Apache-2.0
// Deletion on request, signed in and not: nothing of a person's accounts is left, here and at Google.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, eventually, password } from '../support/portico.mjs';

let world, owner;
before(async () => { world = await World.start(); owner = await world.owner(); });
after(() => world?.stop());

const grants = async () => (await world.google(accountName)).accounts[0].grants;
const history = async (client) => (await Promise.all(['uses', 'log'].map((each) => client.get(`/api/v1/connections/${each}?limit=500`)))).flatMap((answer) => answer.json.items);
const audited = (type) => eventually(`${type} in the audit log`, async () => (await owner.get('/api/v1/audit-events?limit=200')).json.items.some((event) => event.type === type));

test('a signed-in user has everything of their accounts deleted, with receipts', async () => {
  const other = 'sam.stylist@gmail.test';
  for (const plugin of ['google-contacts', 'google-calendar']) await connect(world, owner, plugin);
  await connect(world, owner, 'google-drive', { account: other });
  const clients = (await owner.get('/api/v1/contacts')).json.items.length;
  await eventually('a use of the account', async () => (await history(owner)).some((entry) => entry.host === 'people.googleapis.com'));

  const erased = await owner.post('/api/v1/me/erasure', {});
  assert.equal(erased.status, 200, erased.text);
  assert.deepEqual(erased.json.receipts.map((receipt) => [receipt.account, receipt.revoked, receipt.removed.length]).sort(), [[accountName, 'confirmed', 2], [other, 'confirmed', 1]]);
  assert.ok(erased.json.entries > 0);
  assert.deepEqual(await grants(), []);
  assert.deepEqual((await world.google(other)).accounts[0].grants, []);
  assert.deepEqual((await owner.get('/api/v1/connections')).json.items, []);
  assert.deepEqual(await history(owner), []);
  assert.equal((await owner.get('/api/v1/contacts')).json.items.length, clients);
  await audited('user.data_erased');
});

test('somebody who cannot sign in any more uses a link, once', async () => {
  const made = await owner.post('/api/v1/users', { email: 'former@salon.test', name: 'Former Colleague', role: 'staff', password });
  assert.equal(made.status, 201, made.text);
  const former = world.client();
  await former.signIn('former@salon.test', password);
  await connect(world, former, 'google-contacts');
  assert.equal((await grants()).length, 1);
  assert.equal((await owner.post(`/api/v1/users/${made.json.id}/deactivate`, {})).status, 200);
  assert.equal((await former.get('/api/v1/connections')).status, 401);

  const link = await owner.post(`/api/v1/users/${made.json.id}/erasure-link`, {});
  assert.equal(link.status, 201, link.text);
  const token = new URL(link.json.url).searchParams.get('token');
  const nobody = world.client();
  const view = await nobody.post('/api/v1/erasure/view', { token });
  assert.equal(view.json.name, 'Former Colleague');
  assert.deepEqual(view.json.accounts.map((each) => each.account), [accountName]);
  const erased = await nobody.post('/api/v1/erasure', { token });
  assert.equal(erased.status, 200, erased.text);
  assert.equal(erased.json.receipts[0].revoked, 'confirmed');
  assert.deepEqual(await grants(), []);
  assert.equal((await nobody.post('/api/v1/erasure', { token })).json.code, 'erasure_link_expired');
  assert.equal((await nobody.post('/api/v1/erasure/view', { token: 'x'.repeat(43) })).json.code, 'erasure_link_expired');
  await audited('user.erasure_link_made');
});
