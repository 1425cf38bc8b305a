// SPDX-License-Identifier: Apache-2.0
// Whose account it is: another one than expected signs in; two people share one; what stays when somebody leaves.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { scanFiles } from '../support/canary.mjs';
import { accountName, connect, throughGoogle } from '../support/google.mjs';
import { World, eventually, password, runCli } from '../support/portico.mjs';

const other = 'sam.stylist@gmail.test';
const google = async (account = accountName) => (await world.google(account)).accounts[0];
const grants = async (account) => (await google(account)).grants.length;
const mine = async (client) => (await client.get('/api/v1/connections')).json.items;
const pending = async (client) => (await client.get('/api/v1/connections/pending')).json.items;
const clients = async () => (await owner.get('/api/v1/contacts?limit=500')).json.items;
const named = async (name) => (await clients()).find((each) => each.displayName === name);
const control = async (path, body) => assert.equal((await world.simulator().post(`/__sim/${path}`, body)).status, 200);

const settled = async () => {
  const { items } = (await owner.get('/api/v1/sync')).json;
  return items.length > 0 && items.every((each) => each.pending === 0 && each.lastPushAt);
};

let world, owner;
before(async () => { world = await World.start(); owner = await world.owner(); });
after(() => world?.stop());

// Presses "connect again" for the known account, and signs in as somebody else.
async function signInAs(account, client, plugin, more = {}) {
  const begun = await client.post('/api/v1/connections/begin', { plugin, returnTo: '/connections', ...more });
  assert.equal(begun.status, 200, begun.text);
  const back = await throughGoogle(world.simulator(), begun.json.authorizationUrl, { account });
  return (await client.navigate(back.pathname + back.search)).headers.location;
}

test('another account than the connected one changes nothing before the user says so', async () => {
  await connect(world, owner, 'google-contacts');
  const location = await slip({ loginHint: accountName });
  assert.match(location, /\/connections\?otherAccount=google-contacts/);
  assert.deepEqual((await mine(owner)).map((each) => each.account), [accountName]);
  const [asked] = await pending(owner);
  assert.deepEqual([asked.signedInAs, asked.belongsTo, asked.pluginName], [other, accountName, 'Google Contacts']);
  assert.deepEqual(scanFiles(world.data, other).hits, [], 'sealed until there is an answer');

  // Somebody else's browser, the same user's too, can do nothing with it.
  const second = await world.owner();
  assert.deepEqual(await pending(second), []);
  assert.equal((await second.post(`/api/v1/connections/pending/${asked.id}/accept`, {})).status, 404);

  assert.equal(await grants(other), 1);
  assert.equal((await owner.post(`/api/v1/connections/pending/${asked.id}/discard`, {})).status, 204);
  assert.equal(await grants(other), 0, 'the consent ended at Google');
  assert.equal(await grants(), 1);
  assert.deepEqual(await pending(owner), []);
});

// Our address asks for the known account; the person at Google's page takes another one.
async function slip(more = {}) {
  const begun = await owner.post('/api/v1/connections/begin', { plugin: 'google-contacts', returnTo: '/connections', ...more });
  assert.equal(begun.status, 200, begun.text);
  const url = new URL(begun.json.authorizationUrl);
  assert.equal(url.searchParams.get('login_hint'), accountName);
  url.searchParams.delete('login_hint');
  url.searchParams.set('prompt', 'select_account consent');
  const back = await throughGoogle(world.simulator(), url.href, { account: other });
  return (await owner.navigate(back.pathname + back.search)).headers.location;
}

test('the user goes back for the right account, or connects both', async () => {
  await slip();
  const [first] = await pending(owner);
  const again = await owner.post(`/api/v1/connections/pending/${first.id}/retry`, {});
  assert.equal(new URL(again.json.authorizationUrl).searchParams.get('login_hint'), accountName);
  const back = await throughGoogle(world.simulator(), again.json.authorizationUrl, { account: accountName });
  assert.match((await owner.navigate(back.pathname + back.search)).headers.location, /connected=google-contacts/);
  assert.equal((await mine(owner)).length, 1);

  await slip();
  const [second] = await pending(owner);
  const accepted = await owner.post(`/api/v1/connections/pending/${second.id}/accept`, {});
  assert.equal(accepted.json.returnTo, '/connections?connected=google-contacts');
  assert.deepEqual((await mine(owner)).map((each) => each.account).sort(), [accountName, other]);
  await eventually('clients in the other account', async () => (await google(other)).contacts.length >= 5);

  // One more account can also be asked for.
  const theirs = (await mine(owner)).find((each) => each.account === other);
  assert.equal((await owner.delete(`/api/v1/connections/${theirs.id}`)).json.revoked, 'confirmed');
  assert.match(await signInAs(other, owner, 'google-contacts', { anotherAccount: true }), /connected=google-contacts/);
  const extra = (await mine(owner)).find((each) => each.account === other);
  await owner.delete(`/api/v1/connections/${extra.id}`);
});

test('who shares an account with others leaves alone, and is told so', async () => {
  const tenant = await runCli(['tenant', 'create', 'Second Studio', '--owner', 'olive@second.test', '--data', world.data]);
  assert.equal(tenant.code, 0, tenant.out);
  const olive = world.client();
  await olive.signIn('olive@second.test', /with the password (\S+)/.exec(tenant.out)[1]);
  assert.equal((await olive.post('/api/v1/plugins/google-contacts/enable', {})).status, 200);
  await connect(world, olive, 'google-contacts');
  const colleague = { email: 'cleo@demo.test', name: 'Cleo', role: 'staff', password };
  assert.equal((await owner.post('/api/v1/users', colleague)).status, 201);
  const cleo = world.client();
  await cleo.signIn(colleague.email, password);
  await connect(world, cleo, 'google-contacts');

  const [own] = await mine(owner);
  assert.equal((await owner.get(`/api/v1/connections/${own.id}/leaving`)).json.sharedHere, true);
  const receipt = (await owner.delete(`/api/v1/connections/${own.id}`)).json;
  assert.equal(receipt.revoked, 'sharedHere');
  assert.match(receipt.revokeUrl, /myaccount\.google\.com/);
  assert.ok(!JSON.stringify(receipt).includes('cleo') && !JSON.stringify(receipt).includes('olive'));
  assert.equal(await grants(), 1, 'the others keep theirs');
  for (const client of [olive, cleo]) assert.equal((await mine(client))[0].state, 'connected');

  // It is Cleo's account as well: she may end it for everyone, and the other business notices.
  const [hers] = await mine(cleo);
  assert.equal((await cleo.delete(`/api/v1/connections/${hers.id}?endFor=everyone`)).json.revoked, 'confirmed');
  assert.equal(await grants(), 0);
  assert.equal((await olive.post('/api/v1/sync/run', { plugin: 'google-contacts' })).status, 202);
  await eventually('Olive is told', async () => (await mine(olive))[0].state === 'revoked');
  assert.equal((await olive.delete(`/api/v1/connections/${(await mine(olive))[0].id}`)).json.revoked, 'confirmed');
});

test('what was imported and never used goes on request; the rest stays, and the receipt says so', async () => {
  for (const name of ['Never Used', 'Has Notes']) {
    await control('contacts', { account: accountName, action: 'create', person: { names: [{ givenName: name.split(' ')[0], familyName: name.split(' ')[1] }], emailAddresses: [{ value: `${name.split(' ')[0].toLowerCase()}@phone.test` }] } });
  }
  await connect(world, owner, 'google-contacts');
  const used = await eventually('both clients here', async () => (await named('Never Used')) && named('Has Notes'));
  assert.equal((await owner.post('/api/v1/contacts', { card: { '@type': 'Card', version: '1.0', name: { full: 'Made Here' } } })).status, 201);
  await eventually('all clients there', async () => await settled() && JSON.stringify((await google()).contacts).includes('Made'));
  assert.equal((await owner.post(`/api/v1/contacts/${used.id}/notes`, { text: 'rang' })).status, 201);
  const [own] = await mine(owner);
  const view = (await owner.get(`/api/v1/connections/${own.id}/leaving`)).json;
  assert.deepEqual([view.clientsImported, view.clientsUsed, view.sharedHere], [2, 1, false]);
  assert.equal(view.contactsCreated, 1);

  const there = (await google()).contacts.filter((each) => !each.deleted).length;
  const begun = await owner.delete(`/api/v1/connections/${own.id}?imported=remove`);
  assert.equal(begun.status, 202, begun.text);
  const { receipt } = await left(begun.json.id);
  assert.deepEqual([receipt.left.clientsRemoved, receipt.left.clientsKept, receipt.left.createdKept], [1, 1, view.contactsCreated]);
  assert.equal(receipt.revoked, 'confirmed');
  assert.equal(await named('Never Used'), undefined);
  assert.ok(await named('Has Notes'));
  assert.equal((await google()).contacts.filter((each) => !each.deleted).length, there, 'Google keeps them all');
});

const left = (id) => eventually('the receipt', async () => (await owner.get('/api/v1/connections/leavings')).json.items.find((each) => each.id === id && each.receipt));

test('events created in the calendar go before the access ends, and nothing of anybody else', async () => {
  await connect(world, owner, 'google-calendar');
  const staff = (await owner.get('/api/v1/staff')).json.items.find((each) => each.userId);
  const day = new Date(Date.now() + 86_400_000 * 9).toISOString().slice(0, 10);
  assert.equal((await owner.post('/api/v1/block-times', { staffId: staff.id, title: 'Stocktaking', start: `${day}T07:00`, durationMinutes: 30 })).status, 201);
  const events = async () => (await google()).calendars.flatMap((each) => each.events).filter((each) => each.status !== 'cancelled');
  const ours = async () => (await events()).filter((each) => each.id.startsWith('crm'));
  await eventually('our events there', async () => (await ours()).some((each) => each.summary === 'Stocktaking') && settled());
  const foreign = (await events()).length - (await ours()).length;
  assert.ok(foreign > 0);

  const [own] = await mine(owner);
  const view = (await owner.get(`/api/v1/connections/${own.id}/leaving`)).json;
  assert.equal(view.eventsCreated, (await ours()).length);
  const begun = await owner.post('/api/v1/connections/disconnect-google', { account: accountName, created: 'remove' });
  assert.equal(begun.status, 202, begun.text);
  const done = await left(begun.json.id);
  assert.equal(done.receipt.left.createdRemoved, view.eventsCreated);
  assert.equal(done.receipt.revoked, 'confirmed');
  assert.deepEqual(await ours(), []);
  assert.equal((await events()).length, foreign);
  assert.equal(await grants(), 0);
  assert.deepEqual(await mine(owner), []);
  assert.ok((await owner.get(`/api/v1/block-times?from=2020-01-01&to=2035-01-01`)).text.includes('Stocktaking'), 'here it stays');
  assert.equal((await owner.delete(`/api/v1/connections/leavings/${begun.json.id}`)).status, 204);
});

test('while Google cannot be reached the user is told, waits or does not, and nothing is lost', async () => {
  await connect(world, owner, 'google-calendar');
  await eventually('our events there', settled);
  await control('faults', { match: { method: 'DELETE', path: '/calendar/v3/*' }, times: 1000, respond: { status: 503, body: {} } });
  const [own] = await mine(owner);
  const begun = await owner.delete(`/api/v1/connections/${own.id}?created=remove`);
  assert.equal(begun.status, 202, begun.text);
  await eventually('the problem is said', async () => (await owner.get('/api/v1/connections/leavings')).json.items.find((each) => each.id === begun.json.id)?.problem);
  assert.equal((await mine(owner))[0].leaving, true);
  assert.equal((await owner.delete(`/api/v1/connections/${own.id}?created=remove`)).json.code, 'leaving');
  await owner.post('/api/v1/sync/run', { plugin: 'google-calendar' });
  const uses = async () => (await owner.get('/api/v1/connections/uses?limit=200')).json.items.filter((each) => each.method !== 'DELETE').length;
  const before = await uses();
  await eventually('the run is over', async () => (await owner.get('/api/v1/sync')).json.items.every((each) => each.pending === 0));
  assert.equal(await uses(), before, 'nothing but the removal goes to Google');
  assert.equal((await owner.post(`/api/v1/connections/leavings/${begun.json.id}/finish`, {})).status, 202);
  const { receipt } = await left(begun.json.id);
  assert.ok(receipt.left.createdKept > 0 && receipt.left.createdRemoved === 0);
  assert.equal(receipt.revoked, 'confirmed');
  assert.equal(await grants(), 0);
});

test('P10 after leaving, the address of the account is in no database, write-ahead log, log or file', async () => {
  for (const account of [accountName, other]) {
    assert.deepEqual(scanFiles(world.data, account).hits, [], account);
    assert.ok(!world.log.includes(account));
  }
  assert.ok(scanFiles(world.data, 'olive@second.test').hits.length > 0, 'the search does find what is there');
});
