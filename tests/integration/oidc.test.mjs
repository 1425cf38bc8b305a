// SPDX-License-Identifier: Apache-2.0
// The vault's OAuth against an implementation that is not ours: it connects, refreshes and revokes over TLS.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { OidcServer, contactsScope, throughProvider } from './oidc_provider.mjs';
import { World, eventually } from '../support/portico.mjs';

const accessTokenSeconds = 3;  // so that a few calls need a few refreshes; one that comes late is tried once more
let world, owner, provider;
before(async () => {
  world = await World.start({ google: async (folder) => (provider = await OidcServer.start(folder)).url });
  provider.answerTo(`${world.origin}/oauth/callback/google`, accessTokenSeconds);
  owner = await world.owner();
});
after(async () => { await world?.stop(); await provider?.stop(); });

const begin = async () => (await owner.post('/api/v1/connections/begin', { plugin: 'google-contacts' })).json.authorizationUrl;
const connections = async () => (await owner.get('/api/v1/connections')).json.items;
const land = (back) => owner.navigate(back.pathname + back.search);

test('whoever cancels there is not connected here', async () => {
  const back = await throughProvider(world.simulator(), await begin(), 'zoe', { cancel: true });
  assert.equal(back.searchParams.get('error'), 'access_denied');
  assert.match((await land(back)).headers.location, /problem=consent_refused/);
  assert.deepEqual(await connections(), []);
});

test('W15 an answer that names another issuer connects nothing', async () => {
  const back = await throughProvider(world.simulator(), await begin(), 'zoe');
  assert.equal(back.searchParams.get('iss'), 'https://accounts.google.com');
  back.searchParams.set('iss', 'https://evil.test');
  assert.match((await land(back)).headers.location, /problem=oauth_issuer/);
  assert.deepEqual(provider.seen.tokens, []);
});

test('W14 a code without its own verifier is refused by the provider', async () => {
  const [mine, theirs] = [await begin(), await begin()];
  const back = await throughProvider(world.simulator(), theirs, 'mallory');
  back.searchParams.set('state', new URL(mine).searchParams.get('state'));
  assert.match((await land(back)).headers.location, /problem=oauth_code/);
  assert.match(provider.seen.refused.join(), /PKCE|verifier/i);
  assert.deepEqual(await connections(), []);
});

test('connects: the id_token holds, the scopes are those that were granted', async () => {
  assert.match((await land(await throughProvider(world.simulator(), await begin(), 'zoe'))).headers.location, /connected=google-contacts/);
  const [connection] = await connections();
  assert.equal(connection.account, 'zoe@oidc.test');
  assert.equal(connection.state, 'connected');
  assert.ok(connection.scopes.find((scope) => scope.scope === contactsScope).granted);
  await eventually('a request with the token', () => provider.seen.api.some((call) => call.good));
});

test('refreshes: each answer brings another refresh token, and the one before would end the grant', async () => {
  const [{ id }] = await connections();
  const refreshed = () => provider.seen.tokens.filter((grant) => grant === 'refresh_token').length;
  await eventually('three refreshes', async () => {
    await owner.post('/api/v1/sync/run', { plugin: 'google-contacts', connection: id, stream: 'contacts' });
    return refreshed() >= 3;
  }, 60_000);
  assert.equal((await connections())[0].state, 'connected');
  assert.ok(provider.seen.api.filter((call) => call.good).length >= 3);
  assert.equal(provider.seen.revoked, 0);
});

test('refreshes after a restart: the newest refresh token was kept', async () => {
  const port = new URL(world.origin).port;
  await world.stopServing();
  await world.serve(port);
  owner = await world.owner();
  const [{ id }] = await connections();
  const before = provider.seen.api.length;
  await owner.post('/api/v1/sync/run', { plugin: 'google-contacts', connection: id, stream: 'contacts' });
  await eventually('a request with a new token', () => provider.seen.api.length > before);
  assert.equal((await connections())[0].state, 'connected');
  assert.equal(provider.seen.revoked, 0);
});

test('revokes: the provider knows, and nothing is left here', async () => {
  const receipt = await owner.post('/api/v1/connections/disconnect-google', { account: 'zoe@oidc.test' });
  assert.equal(receipt.json.revoked, 'confirmed', receipt.text);
  await eventually('the provider to end the grant', () => provider.seen.revoked >= 1);
  assert.deepEqual(await connections(), []);
});
