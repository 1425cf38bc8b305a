// SPDX-License-Identifier: Apache-2.0
// What happens to an account at Google is noticed without anybody using it: Google posts signed events to /risc
// (Cross-Account Protection), and the person, the audit log and the vault know.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, eventually } from '../support/portico.mjs';

let world, owner;
before(async () => {
  world = await World.start();
  owner = await world.owner();
});
after(() => world?.stop());

const connection = async (plugin) => (await owner.get('/api/v1/connections')).json.items.find((each) => each.plugin === plugin);
const tell = async (event, more = {}) => {
  const answer = await world.simulator().post('/__sim/risc', { account: accountName, event, url: `${world.origin}/risc`, ...more });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const post = (token, type = 'application/secevent+jwt') =>
  world.client().request('POST', '/risc', { raw: Buffer.from(token), headers: { 'content-type': type, origin: undefined, 'sec-fetch-site': undefined } });
const audited = async (type) => (await owner.get(`/api/v1/audit-events?type=${type}`)).json.items;

test('V20 a withdrawn token is noticed by its prefix and by its double hash', async () => {
  for (const [plugin, identify] of [['google-contacts', 'prefix'], ['google-calendar', 'hash_base64_sha512_sha512']]) {
    await connect(world, owner, plugin);
    assert.equal((await connection(plugin)).state, 'connected');
    assert.equal((await tell('oauth/event-type/token-revoked', { identify })).status, 202);
    const now = await connection(plugin);
    assert.equal(now.state, 'revoked');
    assert.match(now.problem, /withdrawn/);
  }
});

test('V20 a withdrawn permission ends all connections of the account, and everyone concerned is told', async () => {
  for (const plugin of ['google-contacts', 'google-calendar']) await connect(world, owner, plugin);
  const before = (await audited('connection.revoked')).length;
  assert.equal((await tell('oauth/event-type/tokens-revoked')).status, 202);
  for (const plugin of ['google-contacts', 'google-calendar']) assert.equal((await connection(plugin)).state, 'revoked');
  const log = (await owner.get('/api/v1/connections/log')).json.items;
  assert.equal(log[0].kind, 'revoked');
  await eventually('the audit log', async () => (await audited('connection.revoked')).length === before + 2);
});

test('V20 an event counts once, also after a restart', async () => {
  await connect(world, owner, 'google-contacts');
  const { token, status } = await tell('risc/event-type/account-disabled', { reason: 'hijacking' });
  assert.equal(status, 202);
  assert.equal((await connection('google-contacts')).state, 'needsReconnect');
  await connect(world, owner, 'google-contacts');
  await world.stopServing();
  await world.serve();
  owner = await world.owner();
  assert.equal((await post(token)).status, 202);
  assert.equal((await connection('google-contacts')).state, 'connected');
});

test('V20 what Google did not sign for us is refused in the words of the protocol', async () => {
  assert.equal((await tell('oauth/event-type/tokens-revoked', { forge: true })).status, 400);
  assert.equal((await tell('oauth/event-type/tokens-revoked', { audience: 'another-client' })).status, 400);
  const { token } = await world.simulator().post('/__sim/risc', { account: accountName, event: 'risc/event-type/verification' }).then((answer) => answer.json);
  const wrong = await post(`${token.slice(0, -8)}AAAAAAAA`);
  assert.equal(wrong.status, 400);
  assert.equal(wrong.json.err, 'authentication_failed');
  assert.ok(wrong.json.description.length > 10);
  assert.equal((await post(token, 'application/json')).json.err, 'invalid_request');
  assert.equal((await post('')).json.err, 'invalid_request');
  assert.equal((await post(token)).status, 202, 'a test event is taken');
  assert.equal((await connection('google-contacts')).state, 'connected');
});
