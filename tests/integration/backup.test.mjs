// SPDX-License-Identifier: Apache-2.0
// `portico backup` and `portico restore`: what comes back, and what must not.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, eventually, runCli } from '../support/portico.mjs';

let world, owner, backup, removed;
before(async () => { world = await World.start(); owner = await world.owner(); backup = join(world.folder, 'backup'); });
after(() => world?.stop());

const connections = async () => (await owner.get('/api/v1/connections')).json.items;
const of = async (plugin) => (await connections()).find((c) => c.plugin === plugin);
const add = (name) => owner.post('/api/v1/contacts', { card: { '@type': 'Card', version: '1.0', name: { full: name } } });
const restore = (data, ...options) => runCli(['restore', backup, '--data', data, ...options]);
const doctor = async () => (await runCli(['doctor', '--data', world.data])).out;
// Bytes of the database file or of its log, as they lie on the disk.
const onDisk = (bytes) => ['vault.db', 'vault.db-wal'].map((name) => join(world.data, 'vault', name)).filter((path) => existsSync(path) && readFileSync(path).includes(bytes));
const sealedToken = (id) => Buffer.from(world.sql('vault/vault.db', `SELECT hex(token_sealed) FROM grants WHERE connection_id = '${id}'`), 'hex');

test('a backup is made while Portico runs, without the key, the ledger or anything in the clear', async () => {
  await connect(world, owner, 'google-contacts');
  await connect(world, owner, 'google-calendar');
  assert.equal((await add('Before Backup')).status, 201);
  const made = await runCli(['backup', backup, '--data', world.data]);
  assert.equal(made.code, 0, made.out);
  assert.deepEqual(readdirSync(join(backup, 'vault')), ['vault.db']);
  assert.equal(statSync(backup).mode & 0o777, 0o700);
  assert.equal(statSync(join(backup, 'vault/vault.db')).mode & 0o777, 0o600);
  const again = await runCli(['backup', backup, '--data', world.data]);
  assert.equal(again.code, 1);
  assert.match(again.out, /not empty/);
  assert.equal((await add('After Backup')).status, 201);
});

test('V13 the sealed token is on the disk before a disconnect, and nowhere after it', async () => {
  removed = await of('google-contacts');
  const sealed = sealedToken(removed.id).subarray(100, 160);
  assert.equal(sealed.length, 60);
  assert.ok(onDisk(sealed).length > 0, 'it was there');
  // Another plugin uses the account, so Google is not told: only the removal here keeps the token from being used again.
  const answer = await owner.delete(`/api/v1/connections/${removed.id}`);
  assert.ok(answer.status < 300, answer.text);
  assert.deepEqual(onDisk(sealed), []);
});

test('V14 a restored backup does not bring a removed connection or an ended session back', async () => {
  const running = await restore(world.data, '--replace');
  assert.equal(running.code, 1);
  assert.match(running.out, /another.*(owns|uses|is using)/i);
  await world.stopServing();
  const careful = await restore(world.data);
  assert.equal(careful.code, 1);
  assert.match(careful.out, /--replace/);
  const done = await restore(world.data, '--replace');
  assert.equal(done.code, 0, done.out);
  assert.match(done.out, /removed since then stay removed/);

  const before = owner;
  await world.serve(new URL(world.origin).port);
  assert.equal((await before.get('/api/v1/me')).status, 401, 'sessions have ended');
  owner = await world.owner();
  const names = (await owner.get('/api/v1/contacts?limit=200')).json.items.map((c) => c.displayName);
  assert.ok(names.includes('Before Backup') && !names.includes('After Backup'), names.join());
  assert.deepEqual((await connections()).map((c) => [c.plugin, c.state]), [['google-calendar', 'connected']]);
  assert.match(await doctor(), /FAULT connections: .*1 connection that had been removed since went again/);
  await world.stopServing();
  await world.serve();
  owner = await world.owner();
  assert.match(await doctor(), /ok +connections/);
});

test('V14 on a new machine, where nothing tells what was removed, every connection waits for its owner', async () => {
  await world.stopServing();
  const data = join(world.folder, 'new-machine');
  mkdirSync(data);
  const done = await restore(data);
  assert.equal(done.code, 0, done.out);
  assert.match(done.out, /ledger is missing/);
  assert.match(done.out, /key file is not in a backup/);
  copyFileSync(join(world.data, 'vault/vault.key'), join(data, 'vault/vault.key'));
  world.data = data;
  await world.serve();
  owner = await world.owner();
  assert.deepEqual((await connections()).map((c) => c.state), ['needsReconnect', 'needsReconnect']);
  assert.match((await of('google-contacts')).problem, /restored from a backup of \d{4}-\d\d-\d\d/);
  assert.match(await doctor(), /FAULT connections: .*2 connections must be connected again/);
  assert.match((await connect(world, owner, 'google-calendar')).location, /connected=/);
  assert.equal((await of('google-calendar')).state, 'connected');
  assert.equal((await of('google-contacts')).state, 'needsReconnect');
});

test('what is no backup, and a damaged one, change nothing', async () => {
  await world.stopServing();
  const files = () => ['crm/portico.db', 'vault/vault.db'].map((name) => readFileSync(join(world.data, name)));
  const before = files();
  const nothing = await runCli(['restore', world.folder, '--data', world.data, '--replace']);
  assert.match(nothing.out, /not a whole backup/);
  // The second of the two is damaged: the first must not be in place already.
  const damaged = join(backup, 'vault/vault.db');
  writeFileSync(damaged, readFileSync(damaged).fill(7, 100, 60_000));
  const refused = await restore(world.data, '--replace');
  assert.equal(refused.code, 1, refused.out);
  assert.match(refused.out, /vault\.db/);
  rmSync(damaged);
  assert.match((await restore(world.data, '--replace')).out, /vault\.db does not exist/);
  assert.deepEqual(files(), before);
  await world.serve();
  owner = await world.owner();
  await eventually('the data as it was', async () => (await of('google-calendar'))?.state === 'connected');
});
