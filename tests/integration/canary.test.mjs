// SPDX-License-Identifier: Apache-2.0
// Secrets stay where they belong. The simulator marks every code and token it issues; the main path is walked with all
// Google plugins; then every file of the data folder and every page of every process is searched for the mark.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { scanFiles, scanMemory } from '../support/canary.mjs';
import { accountName, connect } from '../support/google.mjs';
import { World, ended, eventually, processes } from '../support/portico.mjs';

const mark = 'PorticoCanary7q2Zx';
const clientSecret = `${mark}S-of-the-operator`;
const plugins = ['google-contacts', 'google-calendar', 'google-drive'];
let world, owner, secrets, cores;

const live = () => [{ pid: world.portico.pid, name: 'portico' }, ...processes(world.portico.pid)].filter((p) => p.state !== 'Z');
const google = async () => (await world.google(accountName)).accounts[0];
const told = (hits) => [...new Set(hits.map((h) => `${h.where}: ${h.spelling} ${h.kind} "${h.text.slice(0, 30)}"`))].slice(0, 40).join('\n');
const memory = () => live().flatMap((process_) => scanMemory(process_, mark).hits);

// Why memory cannot be looked at here; '' when it can.
const blind = () => {
  try { scanMemory(live()[0], mark); return ''; } catch (error) {
    return ['EACCES', 'EPERM'].includes(error.code) ? 'needs root: the processes forbid everyone else, their own user too, to look into their memory' : (() => { throw error; })();
  }
};

before(async () => {
  secrets = mkdtempSync(join(tmpdir(), 'portico-secret-'));
  cores = mkdtempSync(join(tmpdir(), 'portico-cores-'));
  try { execFileSync('prlimit', ['--pid', String(process.pid), '--core=unlimited']); } catch { /* V24 says so */ }
  writeFileSync(join(secrets, 'client-secret'), clientSecret, { mode: 0o600 });
  world = await World.start({
    cwd: cores,
    seed: {
      tokenMark: mark, canaryEventTitle: `${mark}E of a stranger`,
      clients: [{ clientId: 'portico-demo.apps.googleusercontent.com', clientSecret, anyLoopbackRedirect: true, name: 'Portico' }],
    },
    config: `\ngoogle.client_secret_file = ${join(secrets, 'client-secret')}\n`,
  });
  owner = await world.owner();
});
after(async () => { await world?.stop(); for (const folder of [secrets, cores]) if (folder) rmSync(folder, { recursive: true }); });

test('the main path: connect, synchronise, upload, refresh', async () => {
  assert.ok((await google()).calendars.find((c) => c.primary).events.some((e) => e.summary.includes(mark)), 'the stranger\'s event is there');
  for (const plugin of plugins) assert.match((await connect(world, owner, plugin)).location, new RegExp(`connected=${plugin}`));
  await eventually('clients in Google', async () => (await google()).contacts.length >= 5);
  const staff = (await owner.get('/api/v1/staff')).json.items.find((s) => s.userId);
  const start = new Date(Date.now() + 86_400_000 * 8).toISOString().slice(0, 10);
  assert.equal((await owner.post('/api/v1/block-times', { staffId: staff.id, title: 'Canary block', start: `${start}T17:00`, durationMinutes: 45 })).status, 201);
  const file = await owner.request('POST', '/api/v1/files?name=canary.bin', { raw: Buffer.alloc(300_000, 'portico'), headers: { 'content-type': 'application/octet-stream' } });
  assert.equal(file.status, 201, file.text);
  assert.ok((await owner.post(`/api/v1/files/${file.json.id}/drive`, {})).status < 300);
  await eventually('event and file in Google', async () => {
    const now = await google();
    return now.files.some((f) => f.name === 'canary.bin' && f.size === 300_000) && now.calendars.some((c) => c.events.some((e) => e.summary === 'Canary block'));
  });

  // The vault finds out by a 401, refreshes, and gets another refresh token each time.
  const refreshes = async () => (await world.simulator().get('/__sim/requests')).json.requests.filter((r) => r.path === '/token').length;
  await world.simulator().post('/__sim/options', { rotateRefreshTokens: true });
  const before_ = await refreshes();
  await world.simulator().post('/__sim/expire-access-tokens', {});
  for (const plugin of plugins.slice(0, 2)) await owner.post('/api/v1/sync/run', { plugin });
  await eventually('two refreshes', async () => (await refreshes()) >= before_ + 2);
  await eventually('work with the new tokens', async () => (await owner.get('/api/v1/connections')).json.items.every((c) => c.state === 'connected'));
});

test('the search can fail: planted marks are found in every spelling, in a file and in a process', { skip: process.platform !== 'linux' }, async () => {
  const planted = [mark, Buffer.from(`x${mark}`).toString('base64'), Buffer.from(mark).toString('hex')];
  const file = join(world.data, 'vault', 'planted.tmp');
  writeFileSync(file, Buffer.concat([Buffer.from(planted.join('\n')), Buffer.from(mark, 'utf16le')]));
  const found = scanFiles(world.data, mark).hits.filter((hit) => hit.where === file).map((hit) => hit.spelling);
  rmSync(file);
  assert.deepEqual([...new Set(found)].sort(), ['UTF-16', 'base64', 'hex', 'plain']);
  const child = spawn('sleep', ['60'], { env: { PLANTED: planted.join(' ') } });
  try {
    await eventually('the planted process', () => readFileSync(`/proc/${child.pid}/comm`, 'utf8').trim() === 'sleep');
    assert.deepEqual([...new Set(scanMemory({ pid: child.pid, name: 'sleep' }, mark).hits.map((h) => h.spelling))].sort(), ['base64', 'hex', 'plain']);
  } finally { child.kill(); await ended(child); }
});

test('V9 no file of the data folder holds a secret: database, WAL, logs, temporary files', () => {
  const { files, bytes, hits } = scanFiles(world.data, mark);
  assert.ok(files.some((f) => f.endsWith('vault.db')) && files.some((f) => f.endsWith('vault.db-wal')) && bytes > 100_000, files.join('\n'));
  assert.equal(told(hits), '');
  assert.ok(!world.log.includes(mark), 'what the processes print');
});

test('V16 live tokens are in the memory of portico-vault and in no other process', (t) => {
  const why = blind();
  if (why) return t.skip(why);
  const hits = memory();
  assert.ok(hits.some((h) => h.name === 'portico-vault' && 'AR'.includes(h.kind)), 'the vault holds tokens, and the search sees them');
  // An authorization code passes through the server, which got it from the browser; it was spent when it was answered.
  const astray = hits.filter((h) => h.name !== 'portico-vault' && !(h.name === 'portico-server' && h.kind === 'C'));
  assert.equal(told(astray), '');
  assert.equal(told(hits.filter((h) => h.name === 'portico-vault' && !'ARS'.includes(h.kind))), '', 'spent codes and id_tokens are gone from the vault');
});

test('P25 the event of a stranger is nowhere: no file, no process', (t) => {
  assert.equal(told(scanFiles(world.data, `${mark}E`).hits), '');
  const why = blind();
  if (why) return t.skip(why);
  assert.equal(told(memory().filter((h) => h.kind === 'E')), '');
});

test('V16 after disconnecting, no token is left in any memory or file', async (t) => {
  const receipt = await owner.post('/api/v1/connections/disconnect-google', { account: accountName });
  assert.equal(receipt.json.revoked, 'confirmed', receipt.text);
  assert.equal(told(scanFiles(world.data, mark).hits), '');
  const why = blind();
  if (why) return t.skip(why);
  assert.equal(told(memory().filter((h) => !(h.name === 'portico-vault' && h.kind === 'S') && !(h.name === 'portico-server' && h.kind === 'C'))), '');
});

// As after a crash; the last test, because nothing runs afterwards.
test('V24 a process that aborts leaves no core with a secret', async (t) => {
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
  if (/[|/]/.test(pattern)) return t.skip(`this machine hands cores to "${pattern}"`);
  const planted = spawn('sleep', ['60'], { cwd: cores, env: { PLANTED: mark } });
  await eventually('the planted process', () => readFileSync(`/proc/${planted.pid}/comm`, 'utf8').trim() === 'sleep');
  planted.kill('SIGABRT');
  await ended(planted);
  if (!readdirSync(cores).length) return t.skip('this machine writes no cores: the hard limit is 0');
  assert.ok(scanFiles(cores, mark).hits.length > 0, 'a core of an ordinary process shows its secrets');
  for (const core of readdirSync(cores)) rmSync(join(cores, core));

  assert.match((await connect(world, owner, 'google-contacts')).location, /connected=/);
  for (const name of ['portico-runner', 'portico-vault', 'portico-server']) {
    const { pid } = live().find((p) => p.name.startsWith(name));
    process.kill(pid, 'SIGABRT');
    await eventually(`the end of ${name}`, () => !live().some((p) => p.pid === pid));
  }
  assert.deepEqual(readdirSync(cores), [], 'those that know secrets or strangers leave no core at all');
  world.portico.kill('SIGABRT');
  await ended(world.portico);
  assert.equal(told(scanFiles(cores, mark).hits), '');
});
