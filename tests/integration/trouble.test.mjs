// SPDX-License-Identifier: Apache-2.0
// States of trouble that are nobody's request's fault. Each is made, seen where people look (what the web shows,
// /readyz, `portico doctor`), ended, and nothing is lost by it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, eventually, freeze, processes, runCli } from '../support/portico.mjs';

let world, owner;
before(async () => {
  world = await World.start();
  owner = await world.owner();
  await connect(world, owner, 'google-contacts');
  await connect(world, owner, 'google-calendar');
  await arrives(await addClient('First of all'));
});
after(() => world?.stop());

const sim = (path, body) => world.simulator().post(`/__sim/${path}`, body);
const readyz = async (of = world) => of.client().get('/readyz');
const doctor = async (of = world) => (await runCli(['doctor', '--data', of.data])).out;
const vaultPid = (of = world) => processes(of.portico.pid).find((p) => p.name.startsWith('portico-vault') && p.state !== 'Z')?.pid;

async function addClient(name, as = owner) {
  const made = await as.post('/api/v1/contacts', { card: { '@type': 'Card', version: '1.0', name: { full: name } } });
  assert.equal(made.status, 201, made.text);
  return name;
}
// Once, however often it had to be tried.
async function arrives(name, of = world) {
  const there = async () => (await of.google(accountName)).accounts[0].contacts.filter((c) => !c.deleted && JSON.stringify(c).includes(name)).length;
  await eventually(`${name} in Google`, there, 90_000);
  assert.equal(await there(), 1, name);
}
// The condition as an admin's page, /readyz and the doctor tell it.
async function seen(key, of = world, as = owner) {
  const condition = await eventually(`the condition ${key}`, async () => (await as.get('/api/v1/conditions')).json.items.find((c) => c.key === key), 60_000);
  assert.ok(condition.text && condition.todo, JSON.stringify(condition));
  const ready = await readyz(of);
  assert.equal(ready.status, 200, 'people can go on with clients and appointments');
  assert.ok(ready.json.conditions.some((c) => c.key === key), ready.text);
  return { condition, ready: ready.json, doctor: await doctor(of) };
}
const gone = (key, as = owner) => eventually(`the end of ${key}`, async () => !(await as.get('/api/v1/conditions')).json.items.some((c) => c.key === key), 60_000);
const connection = async (plugin) => (await owner.get('/api/v1/connections')).json.items.find((c) => c.plugin === plugin);
const stream = async (plugin) => (await owner.get('/api/v1/sync')).json.items.find((s) => s.plugin === plugin);

test('a damaged permission asks its owner to connect again; the others go on, and what waits is sent then', async () => {
  const { id } = await connection('google-contacts');
  await world.stopServing();
  const sql = (text) => execFileSync('sqlite3', [join(world.data, 'vault/vault.db'), text], { encoding: 'utf8' }).trim();
  const sealed = sql(`SELECT hex(token_sealed) FROM grants WHERE connection_id = '${id}'`);
  const at = sealed.length - 40;
  const flipped = sealed.slice(0, at) + (parseInt(sealed.slice(at, at + 2), 16) ^ 1).toString(16).padStart(2, '0') + sealed.slice(at + 2);
  sql(`UPDATE grants SET token_sealed = x'${flipped}' WHERE connection_id = '${id}'`);
  const verified = await runCli(['vault', 'verify', '--data', world.data]);
  assert.equal(verified.code, 1);
  assert.match(verified.out, new RegExp(`token of connection ${id}`));
  await world.serve();
  owner = await world.owner();

  await addClient('While it was damaged');
  const damaged = await eventually('the connection to say so', async () => (await connection('google-contacts')).state === 'needsReconnect' && connection('google-contacts'));
  assert.match(damaged.problem, /damaged: connect again/);
  assert.ok((await owner.get('/api/v1/connections/log')).json.items.some((e) => /damaged/.test(e.detail)));
  assert.match(await doctor(), /note +connections: Connections whose stored permission is damaged: 1\. .*vault verify/);
  assert.match((await readyz()).json.parts.connections, /damaged: 1/);
  await eventually('it to be counted as waiting', async () => (await stream('google-contacts')).pending > 0);
  assert.equal((await connection('google-calendar')).state, 'connected');
  const pulled = (await stream('google-calendar')).lastPullAt;
  await owner.post('/api/v1/sync/run', { plugin: 'google-calendar' });
  await eventually('the calendar to go on', async () => (await stream('google-calendar')).lastPullAt > pulled);

  assert.match((await connect(world, owner, 'google-contacts')).location, /connected=/);
  assert.equal((await connection('google-contacts')).id, id);
  await arrives('While it was damaged');
  await eventually('the doctor to be content', async () => /ok +connections/.test(await doctor()));
});

test('a vault that hangs holds up nobody; what it missed is sent when it goes on', async () => {
  const pid = vaultPid();
  await freeze(pid);
  try {
    const started = Date.now();
    const waiting = await owner.get('/api/v1/connections');  // asked before anybody knows
    assert.equal(waiting.status, 503);
    assert.equal(waiting.json.code, 'vault_unreachable');
    assert.ok(Date.now() - started < 20_000, `it took ${Date.now() - started} ms`);
    const told = await seen('vault_unreachable');
    assert.equal(told.condition.severity, 'failing');
    assert.ok(Math.abs(Date.parse(told.condition.since) - started) < 10_000, told.condition.since);
    assert.match(told.doctor, /FAULT vault: .*not answered since.*restart Portico/);
    assert.equal(told.ready.state, 'failing');
    // From now on nobody waits, and the rest of Portico does not notice.
    const calm = Date.now();
    const answers = await Promise.all(Array.from({ length: 40 }, () => owner.get('/api/v1/connections')));
    assert.ok(answers.every((answer) => answer.status === 503));
    await addClient('While the vault hung');
    assert.equal((await owner.get('/api/v1/contacts')).status, 200);
    assert.equal((await owner.get('/api/v1/sync')).status, 200, 'how things stand is told all the same');
    assert.ok(Date.now() - calm < 10_000, `it took ${Date.now() - calm} ms`);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await gone('vault_unreachable');
  await arrives('While the vault hung');
  assert.equal(vaultPid(), pid, 'the same process');
});

test('a vault that ends again and again is a state, too', async () => {
  const folder = join(world.data, 'vault'), kept = join(world.folder, 'kept');
  mkdirSync(kept);
  const files = readdirSync(folder).filter((name) => name.startsWith('vault.db'));
  for (const name of files) renameSync(join(folder, name), join(kept, name));
  try {
    writeFileSync(join(folder, 'vault.db'), 'no database '.repeat(400));
    process.kill(vaultPid(), 'SIGKILL');
    const told = await seen('vault_unreachable');
    assert.match(told.doctor, /FAULT vault/);
    await addClient('While there was no vault');
    await eventually('several starts', () => (world.log.match(/supervisor.child_ended/g) ?? []).length >= 3);
  } finally {
    for (const name of readdirSync(folder)) if (name.startsWith('vault.db')) rmSync(join(folder, name));
    for (const name of files) cpSync(join(kept, name), join(folder, name));
  }
  await gone('vault_unreachable');
  await arrives('While there was no vault');
  assert.equal((await connection('google-contacts')).state, 'connected');
});

test('Google answering with errors: told with its times, nobody is disconnected, changes are sent afterwards', async () => {
  await sim('faults', { match: { path: '*' }, times: 100_000, respond: { status: 503, body: 'down' } });
  await addClient('While Google had errors');
  const started = Date.now();
  const told = await seen('provider_down');
  assert.equal(told.condition.severity, 'attention');
  assert.equal(told.condition.values.provider, 'Google');
  assert.ok(Math.abs(Date.parse(told.condition.since) - started) < 30_000);
  assert.equal(told.ready.state, 'attention');
  assert.match(told.doctor, /note +Google: Google has not been answering since/);
  const { condition } = await eventually('when it is tried again', async () => {
    const found = (await owner.get('/api/v1/conditions')).json.items.find((c) => c.key === 'provider_down' && c.until);
    return found && { condition: found };
  }, 60_000);
  assert.ok(Date.parse(condition.until) > Date.now() - 5_000);
  for (const plugin of ['google-contacts', 'google-calendar']) assert.equal((await connection(plugin)).state, 'connected');
  const { state, problem } = (await owner.get('/api/v1/sync')).json.items.find((each) => each.plugin === 'google-contacts');
  assert.deepEqual([state, problem?.length > 10], ['waiting', true], 'nothing failed that anybody could mend');
  await sim('faults/clear', {});
  await arrives('While Google had errors');
  await gone('provider_down');
});

test('Google not answering at all is the same', async () => {
  await freeze(world.sim.pid);
  try {
    await addClient('While Google was silent');
    const told = await seen('provider_down');
    assert.ok(told.condition.since);
    assert.equal((await connection('google-contacts')).state, 'connected');
  } finally {
    process.kill(world.sim.pid, 'SIGCONT');
  }
  await arrives('While Google was silent');
  await gone('provider_down');
});

test('a clock that is off is told before it hurts, and when it does', async () => {
  const run = () => owner.post('/api/v1/sync/run', { plugin: 'google-contacts' });
  await sim('clock', { advanceSeconds: 120 });
  await run();
  const off = await seen('clock_off');
  assert.match(off.condition.text, /11[0-9] s behind Google's|120 s behind/);
  assert.match(off.doctor, /note +clock: .*timedatectl/);
  await sim('clock', { advanceSeconds: 600 });
  await run();
  const wrong = await seen('clock_wrong');
  assert.match(wrong.doctor, /FAULT clock: .*1[12] min behind/);
  const refused = await connect(world, owner, 'google-drive');
  assert.match(refused.location, /problem=oauth_id_token/);
  await sim('clock', { advanceSeconds: -720 });
  await run();
  await gone('clock_wrong');
  await gone('clock_off');
  assert.match((await connect(world, owner, 'google-drive')).location, /connected=/);
});

// Small disks of the test's own in a mount namespace of its own. Where even that is forbidden, the reason is shown.
const namespace = (() => {
  for (const flags of [['-m'], ['-U', '-r', '-m']]) {
    try {
      execFileSync('unshare', [...flags, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
      return flags;
    } catch { /* the next way */ }
  }
  return undefined;
})();

test('a full disk: what cannot be saved is said, what was saved stays, and room is all it takes', { skip: !namespace && 'no mount namespace can be made here' }, async () => {
  const wrap = (command, { data }) => ['unshare', ...namespace, 'sh', '-c',
    'mkdir -p "$0/crm" "$0/vault" && mount -t tmpfs -o size=24m tmpfs "$0/crm" && mount -t tmpfs -o size=8m tmpfs "$0/vault" && exec "$@"', data, ...command];
  let person;
  const small = await World.start({ wrap });
  // Through the process: the disks are in its namespace alone.
  const inside = (room, name) => `/proc/${small.portico.pid}/root${small.data}/${room}/${name}`;
  const fill = (room) => {
    for (let size = 1 << 20; size >= 512; size >>= 1)
      try { for (;;) appendFileSync(inside(room, 'filler'), Buffer.alloc(size)); } catch (error) { assert.equal(error.code, 'ENOSPC', error.message); }
  };
  const free = (room) => rmSync(inside(room, 'filler'));
  try {
    person = await small.owner();
    await connect(small, person, 'google-contacts');
    await addClient('Before the disk was full', person);
    await arrives('Before the disk was full', small);
    assert.ok((await seen('disk_low', small, person)).doctor.match(/note +disk: Only .* free/));

    fill('vault');  // the record of a use cannot be written: what Google answered is withheld
    await addClient('While the vault had no room', person);
    const told = await seen('disk_full', small, person);
    assert.match(told.doctor, /FAULT disk: .*Free some space/);
    await eventually('answers to be withheld, again and again', () => (small.log.match(/use_not_recorded/g) ?? []).length > 4);
    assert.ok((await person.get('/api/v1/sync')).json.items[0].pending > 0, 'nobody believes that it was sent');
    free('vault');
    await gone('disk_full', person);
    await arrives('While the vault had no room', small);

    fill('crm');
    let refused;
    for (let i = 0; i < 2000 && !refused; ++i) {
      const answer = await person.post('/api/v1/contacts', { card: { '@type': 'Card', version: '1.0', name: { full: `Filling up ${i}` }, notes: { 1: { note: 'x'.repeat(2000) } } } });
      if (answer.status !== 201) refused = answer;
    }
    assert.equal(refused.status, 507, refused.text);
    assert.equal(refused.json.code, 'disk_full');
    assert.match(refused.json.detail, /Nothing was lost/);
    const full = await seen('disk_full', small, person);
    assert.match(full.ready.parts.disk, /The disk is full/);
    const upload = await person.request('POST', '/api/v1/files?name=large.bin', { raw: Buffer.alloc(3 << 20, 1), headers: { 'content-type': 'application/octet-stream' } });
    assert.equal(upload.status, 507, upload.text);
    assert.equal((await person.get('/api/v1/contacts?q=Before')).json.items.length, 1, 'reading goes on');
    assert.equal((await person.get('/api/v1/me')).status, 200);
    const pids = processes(small.portico.pid).filter((p) => /portico-(server|vault)/.test(p.name)).map((p) => p.pid);
    free('crm');
    await gone('disk_full', person);
    await addClient('After there was room', person);
    await arrives('After there was room', small);
    assert.deepEqual(processes(small.portico.pid).filter((p) => /portico-(server|vault)/.test(p.name)).map((p) => p.pid), pids, 'without a restart');
  } finally {
    await small.stop();
  }
});
