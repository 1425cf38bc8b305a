// SPDX-License-Identifier: Apache-2.0
// The processes: what is there, what comes back, what survives a restart, and what ends when told to.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, ended, eventually, processes } from '../support/portico.mjs';

let world, owner;
before(async () => { world = await World.start(); owner = await world.owner(); });
after(() => world?.stop());

const tree = () => processes(world.portico.pid).filter((p) => p.state !== 'Z');
const named = (name) => tree().filter((p) => p.name.startsWith(name));
const ready = async () => (await world.client().get('/readyz')).json.parts.vault === 'ok';

test('a supervisor, a server, a vault and a runner for each plugin', async () => {
  await eventually('all of them', () => named('portico-server').length === 1 && named('portico-vault').length === 1 && named('portico-runner').length === 4);
  const status = (pid) => readFileSync(`/proc/${pid}/status`, 'utf8');
  for (const { pid } of named('portico-runner')) {
    assert.match(status(pid), /Seccomp:\s+2/);
    assert.match(status(pid), /NoNewPrivs:\s+1/);
    assert.match(status(pid), /CapEff:\s+0{16}/);
  }
  for (const name of ['portico-server', 'portico-vault']) assert.match(status(named(name)[0].pid), /Seccomp:\s+2/, `${name} confines itself`);
});

test('every plugin reached sandbox level 3', async () => {
  for (const plugin of (await owner.get('/api/v1/plugins')).json.items) assert.equal(plugin.sandbox.level, 3, JSON.stringify(plugin.sandbox));
});

test('what it keeps is for its own user alone', () => {
  const open = readdirSync(world.data).filter((name) => statSync(join(world.data, name)).mode & 0o077);
  assert.deepEqual(open, []);
});

for (const name of ['portico-runner', 'portico-vault', 'portico-server']) {
  test(`a killed ${name} comes back, and work goes on`, async () => {
    const [{ pid }] = await eventually(name, () => named(name).length && named(name));
    process.kill(pid, 'SIGKILL');
    await eventually(`another ${name}`, () => named(name).some((p) => p.pid !== pid) && !named(name).some((p) => p.pid === pid));
    await eventually('ready again', () => ready().catch(() => false));
    assert.equal((await owner.get('/api/v1/me')).status, 200, 'the session goes on');
    await eventually('all runners', () => named('portico-runner').length === 4);
    assert.match((await connect(world, owner, 'google-contacts')).location, /connected=/);
    await eventually('clients in Google', async () => (await world.google(accountName)).accounts[0].contacts.some((c) => !c.deleted));
    await owner.post('/api/v1/connections/disconnect-google', { account: accountName });
  });
}

test('sessions and data survive a restart; stopping ends every process', async () => {
  assert.match((await connect(world, owner, 'google-contacts')).location, /connected=/);
  const connections = async () => (await owner.get('/api/v1/connections')).json.items.map(({ id, state }) => ({ id, state }));
  const before_ = await connections();
  const children = tree();
  const made = await owner.post('/api/v1/contacts', { card: { '@type': 'Card', version: '1.0', name: { full: 'Survivor' } } });
  assert.equal(made.status, 201);
  const origin = world.origin;
  await world.stopServing('SIGINT');
  assert.equal(world.portico.exitCode, 0, world.log.slice(-2000));
  for (const { pid, name } of children) assert.throws(() => process.kill(pid, 0), undefined, `${name} is still there`);
  await world.serve(new URL(origin).port);
  assert.equal((await owner.get(`/api/v1/contacts/${made.json.id}`)).json.displayName, 'Survivor');
  assert.deepEqual(await connections(), before_);
  await owner.post('/api/v1/contacts', { card: { '@type': 'Card', version: '1.0', name: { full: 'Afterwards' } } });
  await eventually('Google asked with what was kept', async () => JSON.stringify((await world.google(accountName)).accounts[0].contacts).includes('Afterwards'));
});

test('killing the supervisor outright leaves nothing behind', async () => {
  const children = tree();
  world.portico.kill('SIGKILL');
  await ended(world.portico);
  await eventually('all gone', () => children.every(({ pid }) => { try { process.kill(pid, 0); return false; } catch { return true; } }));
  await world.serve();
  owner = await world.owner();
  assert.equal((await owner.get('/api/v1/contacts?q=Survivor')).json.items.length, 1);
});
