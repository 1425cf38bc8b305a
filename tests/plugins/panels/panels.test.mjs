// SPDX-License-Identifier: Apache-2.0
// A plugin's panel through the real processes: what a good one draws, and that each way of doing it wrong ends in a
// problem with a reason, in time, and leaves everything else alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, eventually } from '../../support/portico.mjs';
import { ThirdParty } from '../../support/third_party.mjs';

const api = '/api/v1', plugin = `${api}/plugins/${ThirdParty.id}`;
let third, world, owner, client;

before(async () => {
  third = new ThirdParty();
  world = await World.start({ sim: false, plugins: third.plugins, keys: third.keys, serve: ['--demo'] });
  owner = await world.owner();
  client = (await owner.get(`${api}/contacts`)).json.items[0].id;
  assert.equal((await owner.post(`${plugin}/enable`)).status, 200);
});
after(async () => { await world?.stop(); third?.remove(); });

const panel = (who = owner) => who.get(`${plugin}/ui/client.panel/v1?contact=${client}`);
async function behave(mode) {
  const answer = await owner.request('PUT', `${plugin}/settings`, { body: { values: { mode } } });
  assert.equal(answer.status, 200, answer.text);
}
const nodes = (node) => [node, ...(node.children ?? []).flatMap(nodes)];

test('a good panel is drawn, its markup is text, and what is unknown is left out', async () => {
  const answer = await panel();
  assert.equal(answer.status, 200, answer.text);
  const drawn = nodes(answer.json.tree);
  assert.deepEqual(drawn.map((node) => node.type), ['stack', 'progress', 'facts', 'text', 'action', 'link']);
  assert.equal(drawn.find((node) => node.type === 'text').text, '<b>Ten</b> stamps, <script>alert(1)</script> one visit free.');
  assert.equal(drawn.find((node) => node.type === 'link').host, 'lund.example');
});

test('its button does what it says, once, and leaves a trace in the audit', async () => {
  const button = nodes((await panel()).json.tree).find((node) => node.type === 'action');
  const answer = await owner.post(`${plugin}/actions/${button.action}`, { args: button.args });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json.result.notice, 'Stamp number 1 is on the card.');
  const facts = nodes((await panel()).json.tree).find((node) => node.type === 'facts');
  assert.deepEqual(facts.items, [{ label: 'Stamps', value: '1' }]);
  await eventually('the action in the audit', async () =>
    (await owner.get(`${api}/audit-events?type=plugin.action_used`)).json.items?.some((event) => event.subjectId === ThirdParty.id));
  const refused = await owner.post(`${plugin}/actions/stamp`, { args: { client, more: 1 } });
  assert.equal(refused.status >= 400 && refused.status < 500, true, refused.text);
});

for (const [mode, code, words] of [
  ['list', 'bad_panel', /must be an object/], ['script', 'bad_panel', /href/], ['type', 'bad_panel', /text must be text/],
  ['many', 'bad_panel', /200 nodes/], ['long', 'bad_panel', /64 KiB/], ['deep', 'bad_panel', /8 levels/], ['action', 'bad_panel', /no action/],
  ['silence', 'bad_panel', /type/], ['nonsense', 'plugin_unavailable', /JSON/], ['huge', undefined, /./], ['throw', undefined, /./],
]) {
  test(`a panel that is wrong (${mode}) is a problem with a reason`, async () => {
    await behave(mode);
    const answer = await panel();
    assert.ok(answer.status >= 400, answer.text);
    assert.match(answer.headers['content-type'], /problem\+json/);
    if (code) assert.equal(answer.json.code, code, answer.text);
    assert.match(answer.json.detail, words);
    assert.equal(answer.json.tree, undefined);
    await behave('good');
    assert.equal((await panel()).status, 200);  // and nothing is left of it
  });
}

test('a slow panel ends in time, and the page beside it does not wait', async () => {
  await behave('slow');
  const start = Date.now();
  const slow = panel();
  const beside = await owner.get(`${api}/contacts/${client}`);
  const besideTook = Date.now() - start;
  assert.equal(beside.status, 200);
  const answer = await slow;
  const took = Date.now() - start;
  assert.ok(answer.status >= 400, answer.text);
  assert.ok(took >= 4_000 && took < 20_000, `the panel took ${took} ms`);
  assert.ok(besideTook < took / 2, `beside it ${besideTook} ms, the panel ${took} ms`);
  await behave('good');
  assert.equal((await panel()).status, 200);
});

for (const mode of ['crash', 'hang']) {
  test(`a panel whose plugin fails (${mode}) is a problem, and comes back`, async () => {
    await behave(mode);
    const answer = await panel();
    assert.ok(answer.status >= 500, answer.text);
    await behave('good');
    await eventually('the panel comes back', async () => (await panel()).status === 200, 60_000);
    assert.equal((await owner.get(`${api}/contacts/${client}`)).status, 200);
  });
}

test('what is not enabled draws nothing', async () => {
  assert.equal((await owner.post(`${plugin}/disable`)).status, 200);
  assert.equal((await panel()).json.code, 'plugin_disabled');
  assert.equal((await owner.post(`${plugin}/enable`)).status, 200);
});
