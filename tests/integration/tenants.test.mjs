// SPDX-License-Identifier: Apache-2.0
// Two businesses on one installation: the second starts with nothing switched on, and neither reaches the other.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, eventually, runCli } from '../support/portico.mjs';

let world, demo, other;
before(async () => { world = await World.start(); demo = await world.owner(); });
after(() => world?.stop());

test('the operator makes a tenant by the command line, and its owner signs in', async () => {
  const made = await runCli(['tenant', 'create', 'Second Studio', '--owner', 'olive@second.test', '--data', world.data]);
  assert.equal(made.code, 0, made.out);
  other = world.client();
  await other.signIn('olive@second.test', /with the password (\S+)/.exec(made.out)[1]);
  assert.equal((await other.get('/api/v1/me')).json.tenant.name, 'Second Studio');
  assert.match((await runCli(['tenant', 'list', '--data', world.data])).out, /second-studio/);
});

test('nothing is switched on by itself', async () => {
  const plugins = (await other.get('/api/v1/plugins')).json.items;
  for (const plugin of plugins) assert.equal(plugin.enabled, plugin.id === 'audit-log', plugin.id);
  const begun = await other.post('/api/v1/connections/begin', { plugin: 'google-contacts' });
  assert.equal(begun.json.code, 'plugin_disabled');
  assert.equal((await other.post('/api/v1/plugins/audit-log/disable', {})).status, 409);
});

test('an admin switches a plugin on, staff cannot', async () => {
  const staff = { email: 'sol@second.test', name: 'Sol', role: 'staff', password: 'a long enough phrase' };
  assert.equal((await other.post('/api/v1/users', staff)).status, 201);
  const sol = world.client();
  await sol.signIn(staff.email, staff.password);
  assert.equal((await sol.post('/api/v1/plugins/google-contacts/enable', {})).status, 403);
  assert.equal((await other.post('/api/v1/plugins/google-contacts/enable', {})).status, 200);
  assert.equal((await other.post('/api/v1/connections/begin', { plugin: 'google-contacts' })).status, 200);
});

test('neither sees the other', async () => {
  assert.deepEqual((await other.get('/api/v1/contacts')).json.items, []);
  const [contact] = (await demo.get('/api/v1/contacts')).json.items;
  const [foreign, unknown] = [contact.id, '0'.repeat(32)].map((id) => other.get(`/api/v1/contacts/${id}`));
  assert.equal((await foreign).status, 404);
  const without = (answer) => ({ ...answer.json, instance: '' });
  assert.deepEqual(without(await foreign), without(await unknown));
  const types = (await other.get('/api/v1/audit-events?limit=200')).json.items.map((event) => event.type);
  assert.ok(!types.includes('contact.created'));
});

test('an empty installation prints a link for its first owner that works once', async () => {
  const empty = await World.start({ sim: false });
  try {
    const [, token] = await eventually('the link', () => /\/setup\?token=(\S+)/.exec(empty.log));
    const input = { token, tenantName: 'My Studio', timeZone: 'Europe/Berlin', name: 'Ida', email: 'ida@first.test', password: 'a long enough phrase', ofAge: true };
    const first = empty.client();
    assert.equal((await first.post('/api/v1/setup', input)).status, 201);
    assert.equal((await first.get('/api/v1/me')).json.tenant.timeZone, 'Europe/Berlin');
    const again = await empty.client().post('/api/v1/setup', { ...input, email: 'eve@first.test' });
    assert.equal(again.json.code, 'setup_token_invalid', again.text);
    first.csrf = (await first.get('/api/v1/me')).json.csrfToken;
    await first.post('/api/v1/plugins/google-contacts/enable', {});
    const begun = await first.post('/api/v1/connections/begin', { plugin: 'google-contacts' });
    assert.equal(begun.json.code, 'google_not_configured', begun.text);
  } finally {
    await empty.stop();
  }
});
