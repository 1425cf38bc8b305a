// SPDX-License-Identifier: Apache-2.0
// A plugin whose code asks beyond its manifest, and beyond what its user granted, in the real runner and with the real
// vault: each attempt is refused by name, the provider hears of none, and its user sees each of them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect } from '../support/google.mjs';
import { World } from '../support/portico.mjs';
import { ThirdParty } from '../support/third_party.mjs';

const id = 'test-overreach', contacts = 'https://www.googleapis.com/auth/contacts';
const denied = -2; // PORTICO_E_DENIED
let third, world, owner;

before(async () => {
  third = new ThirdParty();
  third.add(id, 'test-plugins');
  world = await World.start({ plugins: third.plugins, keys: third.keys });
  owner = await world.owner();
  assert.equal((await owner.post(`/api/v1/plugins/${id}/enable`)).status, 200);
});
after(async () => { await world?.stop(); third?.remove(); });

const asked = async () => (await world.simulator().get('/__sim/requests')).json.requests.map(({ method, host, path }) => `${method} ${host}${path}`);
const tryAll = async () => {
  await world.simulator().post('/__sim/requests/clear', {});
  return owner.post(`/api/v1/plugins/${id}/actions/try`, { args: {} });
};

// What it tries (tests/plugins/overreach/overreach.cpp): the reason of the refusal, and what its words must name.
const refusals = {
  'a host': ['egress_denied', /evil\.example\.org.*no rule names this host/],
  'another service\'s host': ['egress_denied', /no rule of this host has this path/],
  'a user in front of the host': ['egress_url', /names a user/],
  'another port': ['egress_denied', /:8443.*no rule names this host/],
  'a dot behind the host': ['egress_url', /not a plain lower-case host name/],
  'plain HTTP': ['egress_url', /must start with https/],
  'the token endpoint': ['egress_denied', /oauth2\.googleapis\.com/],
  'the token\'s own description': ['egress_denied', /www\.googleapis\.com: credentials/],
  'a method': ['egress_denied', /DELETE.*no rule of this path has this method/],
  'a path': ['egress_denied', /otherContacts : no rule of this host has this path/],
  'a path that climbs': ['egress_url', /dot segment/],
  'a path that climbs in disguise': ['egress_url', /dot segment/],
  'a path with an encoded slash': ['egress_url', /hides a slash/],
  'a value that the pattern does not have': ['egress_denied', /no rule of this host has this path/],
  'a query parameter': ['egress_denied', /query parameter 'alt'/],
  'another value of a required parameter': ['egress_denied', /exactly one query parameter personFields=names/],
  'a required parameter twice': ['egress_denied', /exactly one query parameter personFields=names/],
  'a header': ['egress_denied', /the header if-match/],
  'a method in a header': ['egress_denied', /the header x-http-method-override/],
  'a token of its own': ['egress_denied', /the header authorization/],
  'a host in a header': ['egress_denied', /the header host/],
  'a scope that was not granted': ['scope_not_granted', /calendar\.events\.freebusy/],
  'more content than it said': ['body_too_large', /at most 1000 bytes/],
};

test('P42 without a connection of its user it is not even asked', async () => {
  const answer = await tryAll();
  assert.equal(answer.status, 409, answer.text);
  assert.equal(answer.json.code, 'connection_needed');
  assert.deepEqual(await asked(), []);
});

test('P42 what its manifest does not say or its user did not grant is refused by name, and the provider hears of none of it', async () => {
  assert.match((await connect(world, owner, id, { scopes: [contacts] })).location, /connected=/);
  const answer = await tryAll();
  assert.equal(answer.status, 200, answer.text);
  const { 'what the manifest allows': allowed, 'an ability': ability, ...outcomes } = answer.json.result;
  assert.deepEqual(allowed, { answered: 200 }, 'it can ask at all');
  assert.equal(ability.code, 'not_offered');
  assert.deepEqual(Object.keys(outcomes).sort(), Object.keys(refusals).sort(), 'every attempt is expected here, and made');
  for (const [what, [code, words]] of Object.entries(refusals)) {
    assert.deepEqual([outcomes[what].status, outcomes[what].code], [denied, code], `${what}: ${JSON.stringify(outcomes[what])}`);
    assert.match(outcomes[what].words, words, what);
  }
  assert.deepEqual(await asked(), ['GET people.googleapis.com/v1/people/me/connections']);
});

test('P42 its user sees each attempt, with the reason of its refusal', async () => {
  const { items } = (await owner.get('/api/v1/connections/uses?limit=500')).json;
  const count = (all) => Object.fromEntries([...new Set(all)].sort().map((each) => [each, all.filter((other) => other === each).length]));
  assert.ok(items.every((use) => use.plugin === id));
  assert.deepEqual(count(items.map((use) => use.refusal || 'none')), count(['none', ...Object.values(refusals).map(([code]) => code)]));
});

test('P42 what its user grants later is refused no more, and nothing else comes with it', async () => {
  assert.match((await connect(world, owner, id)).location, /connected=/);
  const { result } = (await tryAll()).json;
  const passed = Object.keys(result).filter((what) => 'answered' in result[what]).sort();
  assert.deepEqual(passed, ['a scope that was not granted', 'what the manifest allows']);
  assert.deepEqual((await asked()).sort(), ['GET people.googleapis.com/v1/people/me/connections', 'POST www.googleapis.com/calendar/v3/freeBusy']);
});
