// SPDX-License-Identifier: Apache-2.0
// The vault's keys in the operator's hands: the real `portico vault` on a real data folder, and Portico served before and
// after, with a connection whose token must go on working.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, awaitLine, ended, eventually, processes, root, runCli } from '../support/portico.mjs';

let world, key;
before(async () => {
  world = await World.start();
  key = join(world.data, 'vault/vault.key');
  await connect(world, await world.owner(), 'google-contacts');
  await world.stopServing();
});
after(() => world?.stop());

const file = (name, text, mode = 0o600) => { const path = join(world.folder, name); writeFileSync(path, text, { mode }); return path; };
const vault = (verb, ...options) => runCli(['vault', ...verb.split(' '), '--data', world.data, ...options]);
async function works(verb, ...options) {
  const { code, out } = await vault(verb, ...options);
  assert.equal(code, 0, out);
  return out;
}
async function refused(words, verb, ...options) {
  const { code, out } = await vault(verb, ...options);
  assert.equal(code, 1, out);
  assert.match(out, words);
}
const rootKeys = (status) => [...status.matchAll(/root key +([0-9a-f]{32}) version (\d+), seals (\d+)/g)].map((m) => ({ id: m[1], version: +m[2], records: +m[3] }));

// The token reaches Google: a client saved here appears there. The vault's memory is empty after a start, so it was unsealed.
async function tokenWorks(name) {
  const owner = await world.owner();
  const connection = (await owner.get('/api/v1/connections')).json.items.find((c) => c.plugin === 'google-contacts');
  assert.equal(connection.state, 'connected', JSON.stringify(connection));
  const made = await owner.post('/api/v1/contacts', { card: { name: { components: [{ kind: 'given', value: name }, { kind: 'surname', value: 'Custody' }] } } });
  assert.equal(made.status, 201, made.text);
  await eventually(`${name} at Google`, async () => JSON.stringify(await world.google(accountName)).includes(name));
}
async function served(look, serve = []) {
  world.options.serve = serve;
  await world.serve();
  try { await look(); } finally { await world.stopServing(); }
}

test('the keys are touched only while Portico is stopped', async () => {
  await served(async () => {
    for (const verb of ['status', 'verify', 'rotate', 'rewrap']) await refused(/another.*(owns|uses|is using)/i, verb);
  });
  const [only, none] = rootKeys(await works('status'));
  assert.deepEqual([only.version, only.records, none], [1, 2, undefined]);
  assert.match(await works('verify'), /every sealed record opens/);
  await refused(/no vault/, 'status', '--data', join(world.folder, 'elsewhere'));
  assert.equal((await vault('polish')).code, 2);
});

test('V12 a rotated root key seals everything, and the old one leaves when it is told to', async () => {
  const [before] = rootKeys(await works('status'));
  await works('rotate');
  const [now, old] = rootKeys(await works('status'));
  assert.deepEqual([now.version, now.records, old.id, old.records], [2, 2, before.id, 0]);
  await refused(/drop it first/, 'rotate');
  await served(() => tokenWorks('Rotated'));
  await works('rotate --drop-old');
  await refused(/holds no old root key/, 'rotate --drop-old');
  assert.equal(rootKeys(await works('status')).length, 1);
  assert.equal(statSync(key).mode & 0o777, 0o600);
  assert.match(await works('rewrap'), /every sealed record opens/);
  await served(() => tokenWorks('Rewrapped'));
});

test('V1 a second implementation opens the vault from its files and finds the tokens', async () => {
  const verifier = join(root, 'tests/unit/credential/record_vectors.py');
  const opened = JSON.parse(execFileSync('/usr/bin/python3', [verifier, 'vault', join(world.data, 'vault')]));
  assert.deepEqual(opened.map(({ plugin, account }) => [plugin, account]), [['google-contacts', accountName]]);
  const { token } = opened[0];
  assert.ok(token.length > 20);
  // It is the one that Google gave.
  assert.equal((await world.simulator().request('POST', '/token', { raw: Buffer.from(new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token,
    client_id: 'portico-demo.apps.googleusercontent.com', client_secret: 'portico-demo-secret' }).toString()),
  headers: { 'content-type': 'application/x-www-form-urlencoded', host: 'oauth2.googleapis.com' } })).status, 200);
});

test('a wrong, a readable and a lost key file are named, with what to do', async () => {
  const right = readFileSync(key);
  const wrong = Buffer.from(right);
  wrong[60] = wrong[60] === 0x41 ? 0x42 : 0x41;  // another letter of base64
  await refused(/not the one.*sealed with.*backup/s, 'status', '--key', file('wrong.key', wrong));
  await refused(/chmod 600/, 'verify', '--key', file('open.key', right, 0o644));
  await refused(/lost\.key is missing/, 'rotate', '--key', join(world.folder, 'lost.key'));
  assert.match(await works('verify', '--key', file('copy.key', right)), /every sealed record opens/);
});

test('V15 a key file under a passphrase: the vault stays sealed without it and says so', async () => {
  const passphrase = file('passphrase', 'open sesame\n');
  const clear = readFileSync(key, 'utf8');
  await works('passphrase', '--new-passphrase-file', passphrase);
  assert.ok(!readFileSync(key, 'utf8').includes(clear.split(' ')[3]));
  await refused(/does not open/, 'status', '--passphrase-file', file('other', 'open barley\n'));
  assert.match(await works('status', '--passphrase-file', passphrase), /sealed with a passphrase/);
  await served(async () => {
    assert.match((await world.client().get('/readyz')).json.parts.vault, /passphrase does not open/);
    const owner = await world.owner();
    const begun = await owner.post('/api/v1/connections/begin', { plugin: 'google-drive' });
    assert.equal(begun.status, 503, begun.text);
    assert.match(begun.json.detail, /sealed/);
    assert.equal((await owner.get('/api/v1/contacts')).status, 200);
  }, ['--passphrase-file', join(world.folder, 'other')]);
  await served(() => tokenWorks('Whispered'), ['--passphrase-file', passphrase]);
});

test('a passphrase typed at the terminal outlives a restart of the vault', async (t) => {
  const words = world.portico.spawnargs.filter((word, i, all) => word !== '--passphrase-file' && all[i - 1] !== '--passphrase-file');
  // `script` gives it a terminal; what is typed must not be shown.
  const terminal = spawn('script', ['-qec', words.map((word) => `'${word}'`).join(' '), '/dev/null'], { stdio: ['pipe', 'pipe', 'pipe'] });
  t.after(() => terminal.kill('SIGKILL'));  // when it failed: what runs in a terminal ends with it
  let shown = '';
  terminal.stdout.on('data', (chunk) => (shown += chunk));
  await awaitLine(terminal, /Passphrase of \S+: /, 'portico serve at a terminal');
  terminal.stdin.write('open sesame\n');
  [, world.url] = await awaitLine(terminal, /Portico is ready: (\S+)/, 'portico serve at a terminal');
  world.origin = world.url.replace(/\/$/, '');
  const supervisor = processes(terminal.pid).find((p) => p.name === 'portico');
  const vaultProcess = () => processes(supervisor.pid).find((p) => p.name === 'portico-vault');
  const first = vaultProcess();
  process.kill(first.pid, 'SIGKILL');
  await eventually('another vault', () => ![undefined, first.pid].includes(vaultProcess()?.pid));
  await eventually('readiness', async () => (await world.client().get('/readyz')).json.parts.vault === 'ok');
  process.kill(supervisor.pid, 'SIGTERM');
  await ended(terminal);
  assert.ok(!shown.includes('sesame'), 'the passphrase was shown');
  await works('passphrase', '--none', '--passphrase-file', join(world.folder, 'passphrase'));
  await served(() => tokenWorks('Typed'));
});

test('an escrow copy opens the vault on another machine', async () => {
  const words = file('escrow-words', 'in the safe\n');
  const escrow = join(world.folder, 'escrow');
  await works('export-escrow', '--out', escrow, '--new-passphrase-file', words);
  await refused(/exists already/, 'export-escrow', '--out', escrow, '--new-passphrase-file', words);
  assert.equal(statSync(escrow).mode & 0o777, 0o600);
  const home = world.data;
  world.data = join(world.folder, 'another-machine');
  cpSync(home, world.data, { recursive: true, filter: (path) => !path.endsWith('vault.key') && !path.endsWith('.sock') });
  assert.ok(!existsSync(join(world.data, 'vault/vault.key')));
  cpSync(escrow, join(world.data, 'vault/vault.key'));
  await served(() => tokenWorks('Escrowed'), ['--passphrase-file', words]);
  world.data = home;
});
