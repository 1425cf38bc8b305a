// SPDX-License-Identifier: Apache-2.0
// What goes wrong on real machines, each with a clear message that names what to do, and nothing lost.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accountName, connect, throughGoogle } from '../support/google.mjs';
import { World, build, ended, eventually, root, runCli } from '../support/portico.mjs';

let world, owner;
before(async () => { world = await World.start(); owner = await world.owner(); });
after(() => world?.stop());

const plain = (data, port = '0') => ['serve', '--data', data, '--port', port, '--plain-http', '--web', join(root, 'web/dist'), '--plugins', join(build, 'plugins'), '--keys', process.env.PORTICO_KEYS ?? join(root, '.portico/keys'),
  '--config', join(root, 'config/portico.properties')];
const folder = (name) => { const path = join(world.folder, name); mkdirSync(path); return path; };

test('a wrong password says the same as an unknown address', async () => {
  const say = async (email) => (await world.client().post('/api/v1/session', { email, password: 'wrong wrong wrong' }));
  const [known, unknown] = [await say('owner@demo.test'), await say('nobody@demo.test')];
  assert.equal(known.status, 401);
  assert.equal(known.json.code, 'wrong_credentials');
  assert.equal(unknown.status, 401);
  assert.equal(unknown.json.detail, known.json.detail);
});

test('requests without a session, CSRF token or same origin are refused', async () => {
  assert.equal((await world.client().get('/api/v1/contacts')).status, 401);
  const bare = await owner.request('POST', '/api/v1/contacts', { body: { card: {} }, headers: { 'x-csrf-token': '' } });
  assert.equal(bare.status, 403);
  const foreign = await owner.request('POST', '/api/v1/contacts', { body: { card: {} }, headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' } });
  assert.equal(foreign.status, 403);
});

test('W14 a forged, a replayed and another browser\'s OAuth state connect nothing', async () => {
  const forged = await owner.navigate(`/oauth/callback/google?code=4/abc&state=${'A'.repeat(43)}`);
  assert.match(forged.headers.location, /problem=/);
  const begun = await owner.post('/api/v1/connections/begin', { plugin: 'google-contacts' });
  const back = await throughGoogle(world.simulator(), begun.json.authorizationUrl, { account: accountName });
  const stranger = await world.client().navigate(back.pathname + back.search);
  assert.ok(stranger.status === 401 || /problem=|sign-in/.test(stranger.headers.location ?? ''), `${stranger.status} ${stranger.headers.location}`);
  const twice = [await owner.navigate(back.pathname + back.search), await owner.navigate(back.pathname + back.search)];
  assert.match(twice[1].headers.location, /problem=/);
  const again = await owner.post('/api/v1/connections/begin', { plugin: 'google-calendar' });
  const taken = await throughGoogle(world.simulator(), again.json.authorizationUrl, { account: accountName });
  const elsewhere = await world.owner();  // the same person, in another browser
  assert.match((await elsewhere.navigate(taken.pathname + taken.search)).headers.location, /problem=oauth_session/);
  assert.deepEqual((await owner.get('/api/v1/connections')).json.items.map((each) => each.plugin), ['google-contacts']);
  await owner.post('/api/v1/connections/disconnect-google', { account: accountName });
});

test('W17 a Host header cannot turn the way back to another site', async () => {
  for (const headers of [{ host: 'evil.test' }, { host: 'evil.test:443' }, { host: 'localhost@evil.test' }, { 'x-forwarded-host': 'evil.test' },
    { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'http' }, { forwarded: 'host=evil.test;proto=http' }, { 'x-original-host': 'evil.test' }]) {
    const begun = await owner.post('/api/v1/connections/begin', { plugin: 'google-contacts' }, { headers });
    if (begun.status >= 400) continue;  // refused outright is good, too
    const url = new URL(begun.json.authorizationUrl);
    assert.equal(url.searchParams.get('redirect_uri'), `${world.origin}/oauth/callback/google`, JSON.stringify(headers));
    assert.ok(!begun.text.includes('evil'), begun.text);
    const landed = await owner.navigate('/oauth/callback/google?code=x&state=y', headers);
    assert.match(landed.headers.location, /^\/connections/, JSON.stringify(headers));
  }
});

test('W18 a partial consent connects what was granted and says what is missing; cancelling connects nothing', async () => {
  const asked = (await owner.get('/api/v1/plugins/google-calendar')).json.asks.connections[0].scopes.map((s) => s.scope ?? s);
  const kept = asked[0];
  const { location } = await connect(world, owner, 'google-calendar', { scopes: [kept] });
  assert.match(location, /connected=google-calendar/);
  const connection = (await owner.get('/api/v1/connections')).json.items.find((c) => c.plugin === 'google-calendar');
  assert.equal(connection.scopes.find((s) => s.scope === kept).granted, true);
  assert.ok(connection.scopes.some((s) => !s.granted), 'something was not granted');
  await owner.post('/api/v1/connections/disconnect-google', { account: accountName });
  assert.match((await connect(world, owner, 'google-contacts', { cancel: true })).location, /problem=/);
  assert.deepEqual((await owner.get('/api/v1/connections')).json.items, []);
});

test('P24 nobody can have a request of their own making sent to Google', async () => {
  for (const [action, args] of [['download', { ref: '0123456789abcdef', blob: 'x' }], ['remove', { ref: '0123456789abcdef' }], ['share', { ref: '0123456789abcdef', email: 'me@evil.test', role: 'reader' }]]) {
    const answer = await owner.post(`/api/v1/plugins/google-drive/actions/${action}`, { args });
    assert.equal(answer.status, 403, answer.text);
    assert.equal(answer.json.code, 'role_needed');
  }
  const asked = (await world.simulator().get('/__sim/requests')).json;
  assert.ok(!JSON.stringify(asked).includes('0123456789abcdef'));
});

test('an import in the wrong encoding, and rows with mistakes, are explained; good rows can be undone', async () => {
  const send = (raw) => owner.request('POST', '/api/v1/contacts/imports?name=export.csv', { raw, headers: { 'content-type': 'text/csv' } });
  const latin = await send(Buffer.from('First Name,Last Name,E-mail 1 - Value\nJos\xe9,Mart\xednez,jose@x.test\n', 'latin1'));
  assert.ok(latin.status >= 400 && latin.status < 500, latin.text);
  assert.match(latin.json.detail, /UTF-8/);
  const mixed = await send(Buffer.from('First Name,Last Name,E-mail 1 - Value\nAda,Import,ada@import.test\nBad,Row,"not an address"\nZoë,Import,zoe@import.test\n'));
  assert.equal(mixed.status, 201, mixed.text);
  const done = await owner.post(`/api/v1/contacts/imports/${mixed.json.id}/commit`, {});
  assert.ok(done.status < 300, done.text);
  assert.ok(done.json.created >= 2);
  assert.equal((await owner.get('/api/v1/contacts?q=zoe')).json.items.length, 1);
  await owner.post(`/api/v1/contacts/imports/${mixed.json.id}/undo`, {});
  assert.equal((await owner.get('/api/v1/contacts?q=zoe')).json.items.length, 0);
});

test('a port in use, an unwritable folder and a second server are named', async () => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  await new Promise((done) => taken.once('listening', done));
  const port = taken.address().port;
  const busy = await runCli(plain(folder('port'), String(port)));
  taken.close();
  assert.notEqual(busy.code, 0);
  assert.match(busy.out, new RegExp(`port ${port}.*in use`, 'i'));

  const file = join(world.folder, 'a-file');
  writeFileSync(file, '');
  const unwritable = await runCli(plain(join(file, 'data')));
  assert.notEqual(unwritable.code, 0);
  assert.match(unwritable.out, /a-file.data/);

  const second = await runCli(plain(world.data));
  assert.notEqual(second.code, 0);
  assert.match(second.out, /another.*(owns|uses|is using)/i);
});

// Runs `portico serve` on a data folder that something happened to; returns what it printed and how /readyz looked.
async function started(data, look) {
  const child = spawn(join(build, 'bin/portico'), plain(data), { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk));
  const url = await Promise.race([eventually('an address or an end', () => /Portico is ready: (\S+)/.exec(out)?.[1] ?? (child.exitCode !== null ? 'ended' : false), 60_000)]);
  let ready;
  if (url !== 'ended' && look) ready = await look(url);
  child.kill('SIGTERM');
  await ended(child);
  return { out, url, ready };
}

test('a corrupt database is named and left as it was', async () => {
  const data = folder('corrupt');
  assert.notEqual((await started(data)).url, 'ended');
  const file = join(data, 'crm/portico.db');
  assert.ok(existsSync(file), readdirSync(data).join());
  for (const extra of ['-wal', '-shm']) rmSync(file + extra, { force: true });
  const bytes = Buffer.from('this was a database once '.repeat(400));
  writeFileSync(file, bytes);
  const { out, url } = await started(data);
  assert.equal(url, 'ended', out);
  assert.match(out, /portico\.db/);
  assert.match(out, /backup/i);
  assert.deepEqual(readFileSync(file), bytes);
});

test('a lost or wrong key file seals the vault, says so, and loses nothing', async () => {
  await connect(world, owner, 'google-contacts');
  await world.stopServing();
  const vault = join(world.data, 'vault');
  const key = readdirSync(vault).map((name) => join(vault, name)).find((path) => /key/.test(path));
  assert.equal(statSync(key).mode & 0o777, 0o600);
  const wrong = Buffer.from(readFileSync(key));
  for (const [how, spoil] of [['lost', () => {}], ['wrong', () => { wrong[wrong.length - 3] = wrong[wrong.length - 3] === 0x41 ? 0x42 : 0x41; writeFileSync(key, wrong, { mode: 0o600 }); }]]) {
    renameSync(key, `${key}.kept`);
    spoil();
    await world.serve();
    owner = await world.owner();
    const ready = await world.client().get('/readyz');
    assert.equal(ready.status, 200, 'clients and appointments need no key');
    assert.equal(ready.json.state, 'failing', how);
    assert.match(ready.json.parts.vault, /no usable key: .*key file/, how);
    assert.ok((await owner.get('/api/v1/conditions')).json.items.some((c) => c.key === 'vault_sealed'), how);
    assert.match((await runCli(['doctor', '--data', world.data])).out, /FAULT vault: .*no usable key/, how);
    const begun = await owner.post('/api/v1/connections/begin', { plugin: 'google-drive' });
    assert.ok(begun.status >= 500, how);
    assert.match(world.log, /key/i, how);
    assert.ok((await owner.get('/api/v1/contacts')).json.items.length > 0, 'the CRM goes on');
    await world.stopServing();
    rmSync(key, { force: true });
    renameSync(`${key}.kept`, key);
  }
  await world.serve();
  owner = await world.owner();
  assert.equal((await owner.get('/api/v1/connections')).json.items[0].state, 'connected');
  await owner.post('/api/v1/connections/disconnect-google', { account: accountName });
});

test('an unsigned and a modified plugin are refused in words; the others run', async () => {
  const plugins = join(world.folder, 'plugins');
  cpSync(join(build, 'plugins'), plugins, { recursive: true });
  rmSync(join(plugins, 'google-drive/plugin.sig'));
  const library = readdirSync(join(plugins, 'google-calendar')).find((name) => name.endsWith('.so'));
  chmodSync(join(plugins, 'google-calendar', library), 0o644);
  appendFileSync(join(plugins, 'google-calendar', library), 'x');
  await world.stopServing();
  world.options.plugins = plugins;
  await world.serve();
  owner = await world.owner();
  const state = Object.fromEntries((await owner.get('/api/v1/plugins')).json.items.map((p) => [p.id, p]));
  assert.equal(state['google-drive'].trust, 'unsigned');
  assert.equal(state['google-drive'].state, 'refused');
  assert.equal(state['google-calendar'].trust, 'modified');
  assert.equal(state['google-calendar'].state, 'refused');
  assert.ok(state['google-calendar'].problem.length > 20);
  await eventually('the others to run', async () => (await owner.get('/api/v1/plugins/google-contacts')).json.state === 'running');
  await world.stopServing();
  delete world.options.plugins;
});
