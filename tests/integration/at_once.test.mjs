// SPDX-License-Identifier: Apache-2.0
// "At once": what must have happened when a person reads that their account is disconnected or their data deleted. It is
// the order of events that is asserted: by the answer, not some time after it; and nothing later undoes it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, eventually } from '../support/portico.mjs';

const plugins = ['google-contacts', 'google-calendar'];
let world, owner;
before(async () => { world = await World.start(); owner = await world.owner(); });
after(() => world?.stop());

const sim = async (path, body) => {
  const answer = body ? await world.simulator().post(`/__sim/${path}`, body) : await world.simulator().get(`/__sim/${path}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const asked = async () => (await sim('requests')).requests.map(({ method, path, status }) => `${method} ${path} ${status}`);
const rows = (database, tables) => world.sql(database, tables.map((table) => `SELECT '${table} ' || count(*) FROM ${table}`).join(' UNION ALL ')).split('\n');
const work = () => world.sql('crm/portico.db', "SELECT count(*) FROM jobs WHERE kind LIKE 'sync.%'");
const idle = () => eventually('nothing left to synchronise', () => work() === '0');

// The sealed tokens as they lie in the vault's files.
const sealed = () => world.sql('vault/vault.db', 'SELECT hex(token_sealed) FROM grants').split('\n').map((hex) => Buffer.from(hex, 'hex').subarray(100, 160));
const onDisk = (parts) => ['vault.db', 'vault.db-wal'].map((name) => join(world.data, 'vault', name)).filter((path) => existsSync(path) && parts.some((part) => readFileSync(path).includes(part)));

// Both plugins connected and at rest, and a request of one of them under way at Google, which will answer when released.
async function underWay() {
  for (const plugin of plugins) await connect(world, owner, plugin);
  await eventually('both streams', async () => (await owner.get('/api/v1/sync')).json.items.length === 2);
  await idle();
  const [{ resourceName, etag, metadata }] = (await world.google(accountName)).accounts[0].contacts;
  const late = { resourceName, etag, metadata, names: [{ givenName: 'Too', familyName: 'Late' }] };
  await sim('faults/clear', {});
  await sim('faults', { match: { method: 'GET', path: '/v1/people/me/connections' }, times: 1, respond: { hold: true, status: 200, headers: { 'content-type': 'application/json' }, body: { connections: [late], nextSyncToken: 'late', totalItems: 1 } } });
  await owner.post('/api/v1/sync/run', { plugin: 'google-contacts' });
  await eventually('a request under way', async () => (await sim('faults')).faults.every((fault) => fault.left === 0));
  const tokens = sealed();
  assert.equal(tokens.length, 2);
  assert.ok(onDisk(tokens).length > 0, 'they are on the disk, and the search sees them');
  return tokens;
}

// All of it is true now: nothing here waits.
async function gone(tokens) {
  assert.equal((await asked()).at(-1), 'POST /revoke 200', 'the last that Google heard');
  assert.deepEqual((await world.google(accountName)).accounts[0].grants, [], 'invalid at Google');
  assert.deepEqual(rows('vault/vault.db', ['connections', 'grants', 'pending_revocations']), ['connections 0', 'grants 0', 'pending_revocations 0']);
  assert.deepEqual(rows('crm/portico.db', ['sync_streams', 'sync_links']), ['sync_streams 0', 'sync_links 0']);
  assert.deepEqual(onDisk(tokens), []);
}

// What was under way ends, and changes nothing.
async function staysGone() {
  await sim('requests/clear', {});
  await sim('release', {});
  await idle();
  assert.deepEqual((await asked()).filter((each) => !each.startsWith('GET /v1/people/me/connections')), [], 'Google is asked for nothing more');
  assert.deepEqual((await owner.get('/api/v1/contacts?q=Too')).json.items, [], 'what came too late is nowhere');
  assert.deepEqual(rows('vault/vault.db', ['connections', 'grants']), ['connections 0', 'grants 0']);
}

test('P33 when a disconnect is answered, the tokens are invalid at Google and gone here; what was under way brings nothing', async () => {
  const tokens = await underWay();
  const receipt = await owner.post('/api/v1/connections/disconnect-google', { account: accountName });
  await gone(tokens);
  assert.equal(receipt.json.revoked, 'confirmed', receipt.text);
  await staysGone();
});

test('P34 when a deletion is answered, with its receipt, nothing that could sign in at Google is left, nor what was noted of it', async () => {
  const tokens = await underWay();
  const erased = await owner.post('/api/v1/me/erasure', {});
  await gone(tokens);
  assert.deepEqual(rows('vault/vault.db', ['uses', 'connection_log', 'scope_uses']), ['uses 0', 'connection_log 0', 'scope_uses 0']);
  assert.ok(erased.json.receipts[0].number, erased.text);
  assert.equal(world.sql('vault/vault.db', `SELECT count(*) FROM receipts WHERE number = '${erased.json.receipts[0].number}'`), '1');
  await staysGone();
});

test('with nobody leaving, the same answer does bring something: the tests above can fail', async () => {
  await underWay();
  await sim('release', {});
  await idle();
  assert.equal((await owner.get('/api/v1/contacts?q=Too')).json.items.length, 1);
});
