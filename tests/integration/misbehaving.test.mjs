// SPDX-License-Identifier: Apache-2.0
// A plugin that crashes, hangs, floods and eats memory beside google-contacts: the web and its sync go on, the admin
// reads what happened, and lifts the quarantine.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { bad, misbehavingPlugins } from '../support/misbehaving.mjs';
import { World, eventually, runCli } from '../support/portico.mjs';

let world, owner, plugins;

before(async () => {
  plugins = await misbehavingPlugins();
  world = await World.start({ plugins });
  owner = await world.owner();
  assert.equal((await owner.post(`/api/v1/plugins/${bad}/enable`, {})).status, 200);
  assert.match((await connect(world, owner, 'google-contacts')).location, /connected=/);
});
after(async () => { await world?.stop(); if (plugins) rmSync(plugins, { recursive: true }); });

const invoke = (action, args = {}) => owner.post(`/api/v1/plugins/${bad}/actions/${action}`, { args });
const state = async () => (await owner.get(`/api/v1/plugins/${bad}`)).json;
const works = () => eventually('it works again', async () => (await invoke('echo')).status === 200);

// Someone saves a client while the plugin misbehaves: it is in Google in the end, and the web answers all the while.
async function othersGoOn(name, misbehave) {
  const trouble = misbehave();
  const mail = `${name}@misbehaving.test`;
  const saved = await owner.post('/api/v1/contacts', { card: { '@type': 'Card', version: '1.0', name: { full: name }, emails: { e1: { address: mail } } } });
  assert.equal(saved.status, 201, saved.text);
  assert.equal((await owner.get('/icon.svg')).status, 200);
  assert.equal((await world.client().get('/readyz')).status, 200);
  await eventually(`${mail} in Google`, async () => JSON.stringify((await world.google(accountName)).accounts[0].contacts).includes(mail));
  assert.equal((await owner.get('/api/v1/plugins/google-contacts')).json.state, 'running');
  return trouble;
}

test('the sandbox was tested before anything started', async () => {
  assert.equal((await world.client().get('/readyz')).json.parts.sandbox, 'ok');
  const { out } = await runCli(['doctor', '--data', world.data]);
  assert.match(out, /ok\s+sandbox on this machine: level 3 \(minimum \d\), \d{3} attempts to escape refused/);
  assert.deepEqual((await state()).sandbox.missing, []);
});

test('it hangs: its callers are told, and only they wait', async () => {
  const [first, second] = await othersGoOn('hang', () => Promise.all([invoke('hang'), invoke('hang')]));
  for (const answer of [first, second]) assert.equal(answer.status, 503, answer.text);
  assert.match((await state()).health.lastFailure, /no answer came within its time|given up/);
  await works();
});

test('it floods its log', async () => {
  assert.equal((await othersGoOn('flood', () => invoke('flood'))).status, 200);
  assert.equal((await invoke('echo')).status, 200, 'the runner drops what is too much; it goes on');
});

test('it eats memory', async () => {
  const answer = await othersGoOn('memory', () => invoke('allocate', { bytes: 2 ** 30 }));
  assert.ok([429, 503].includes(answer.status), `${answer.status} ${answer.text}`);
  await works();
});

test('it crashes until it is quarantined; the admin reads why and lets it try again', async () => {
  await othersGoOn('crash', () => eventually('quarantine', async () => {
    await invoke('crash');
    return (await state()).state === 'quarantined';
  }, 60_000));
  const told = await state();
  assert.match(told.problem, /ended/);
  assert.equal((await invoke('echo')).status, 503);
  assert.equal((await world.client().get('/readyz')).status, 200, 'the rest is ready');
  assert.match((await runCli(['doctor', '--data', world.data])).out, /FAULT plugin conformance: quarantined/);
  assert.equal((await owner.post(`/api/v1/plugins/${bad}/enable`, {})).status, 200);
  assert.equal((await state()).state, 'running');
  assert.equal((await invoke('echo')).status, 200);
});
