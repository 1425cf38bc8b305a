// SPDX-License-Identifier: Apache-2.0
// The CardDAV example, installed and signed as a third party's plugin, against a real Radicale: contacts both ways, what
// Portico does not understand is kept, and a password that goes to one server and is found nowhere else.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { World, build, eventually, root, runCli } from '../../support/portico.mjs';
import { Radicale, refusingServer } from './radicale.mjs';

const secret = 'Mond-Kanarienvogel-42';
let radicale, other, world, folder, mia;

before(async () => {
  radicale = await Radicale.start({ mia: secret });
  other = await refusingServer(radicale.folder);
  folder = mkdtempSync(join(tmpdir(), 'portico-carddav-'));
  const plugins = join(folder, 'plugins'), keys = join(folder, 'keys');
  mkdirSync(keys);
  const trusted = process.env.PORTICO_KEYS ?? join(root, '.portico/keys');
  for (const file of readdirSync(trusted).filter((name) => name.endsWith('.pub'))) cpSync(join(trusted, file), join(keys, file));
  cpSync(join(build, 'plugins/audit-log'), join(plugins, 'audit-log'), { recursive: true });
  cpSync(join(build, 'examples/carddav'), join(plugins, 'carddav'), { recursive: true });
  rmSync(join(plugins, 'carddav/plugin.sig'), { force: true });
  for (const args of [['plugin', 'keygen', '--key', join(folder, 'author.pem'), '--public', join(keys, 'author.pub')],
    ['plugin', 'sign', join(plugins, 'carddav'), '--key', join(folder, 'author.pem')]]) {
    const done = await runCli(args);
    assert.equal(done.code, 0, done.out);
  }
  const config = `egress.allowed_servers = ${radicale.server}, ${other.server}\negress.ca_file = ${radicale.caFile}\n`;
  world = await World.start({ sim: false, plugins, keys, config });
  const made = await runCli(['tenant', 'create', 'Salon', '--owner', 'mia@salon.test', '--data', world.data]);
  assert.equal(made.code, 0, made.out);
  mia = world.client();
  await mia.signIn('mia@salon.test', /with the password (\S+)/.exec(made.out)[1]);
});
after(async () => {
  await world?.stop();
  await other?.stop();
  await radicale?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const choose = (server) => mia.request('PUT', '/api/v1/plugins/carddav/settings', { body: { values: { server } } });
const begin = () => mia.post('/api/v1/connections/begin', { plugin: 'carddav' });
const send = async (password, userName = 'mia') => {
  const begun = await begin();
  assert.equal(begun.status, 200, begun.text);
  return mia.post('/api/v1/connections/password', { form: begun.json.password.form, userName, password });
};
const connections = async () => (await mia.get('/api/v1/connections')).json.items;
const clients = async () => (await mia.get('/api/v1/contacts?limit=100')).json.items;
const client = async (name) => (await clients()).find((one) => JSON.stringify(one.card.name).includes(name));
const card = async (name) => (await radicale.cards('mia')).find((one) => one.text.includes(name));
const sync = async () => assert.equal((await mia.post('/api/v1/sync/run', { plugin: 'carddav' })).status < 300, true);
const stream = async () => (await mia.get('/api/v1/sync')).json.items.find((one) => one.plugin === 'carddav');
const phone = (one) => one?.card.phones?.p1?.number;
const person = (given, surname, number) => ({ '@type': 'Card', version: '1.0', name: { full: `${given} ${surname}`, components: [{ kind: 'given', value: given }, { kind: 'surname', value: surname }] }, phones: { p1: { number } } });
const settled = (name) => eventually(`${name} synced`, async () => {
  const one = await client(name);
  return one && (await mia.get(`/api/v1/contacts/${one.id}`)).json.sync.some((s) => s.plugin === 'carddav' && s.state === 'synced') && one;
});
const change = async (name, edit) => {
  const now = (await mia.get(`/api/v1/contacts/${(await client(name)).id}`)).json;
  edit(now.card);
  const answer = await mia.put(`/api/v1/contacts/${now.id}`, { card: now.card }, now.version);
  assert.equal(answer.status, 200, answer.text);
};

test('an admin enables it and chooses the server; nobody connects before', async () => {
  const [plugin] = (await mia.get('/api/v1/plugins')).json.items.filter((one) => one.id === 'carddav');
  assert.equal(plugin.trust, 'signed');
  assert.equal(plugin.signedBy, 'author');
  assert.equal((await mia.post('/api/v1/plugins/carddav/enable', {})).status, 200);
  const early = await begin();
  assert.equal(early.status, 409);
  assert.equal(early.json.code, 'server_not_chosen');
  for (const [bad, word] of [['https://books.localhost', /server's name/], ['books.localhost:1', /operator/], ['accounts.google.com', /not the name of a server/]]) {
    const refused = await choose(bad);
    assert.equal(refused.status, 422, refused.text);
    assert.match(refused.text, word);
  }
  assert.equal((await choose(radicale.server)).status, 200);
  const asked = (await mia.get('/api/v1/plugins/carddav')).json.asks.connections[0];
  assert.deepEqual([asked.kind, asked.server, asked.hosts], ['basic', radicale.server, [radicale.server]]);
});

test('a wrong password is told at once and leaves nothing', async () => {
  const answer = await send('not it');
  assert.equal(answer.status, 400, answer.text);
  assert.equal(answer.json.code, 'password_refused');
  assert.deepEqual(await connections(), []);
});

test('a form is good once, and only with the token against forgery', async () => {
  const { form } = (await begin()).json.password;
  const body = { form, userName: 'mia', password: secret };
  const forged = await mia.post('/api/v1/connections/password', body, { headers: { 'x-csrf-token': undefined } });
  assert.equal(forged.status, 403);
  assert.equal((await mia.post('/api/v1/connections/password', { ...body, password: 'wrong' })).status, 400);
  const again = await mia.post('/api/v1/connections/password', body);
  assert.equal(again.status, 403);
  assert.equal(again.json.code, 'form_used');
});

test('connected, with an address book made because there was none', async () => {
  const answer = await send(secret);
  assert.equal(answer.status, 200, answer.text);
  const [connection] = await connections();
  assert.deepEqual([connection.kind, connection.account, connection.server, connection.state], ['basic', 'mia', radicale.server, 'connected']);
  await eventually('an address book', () => radicale.book('mia'));
});

test('created here, it is there; created there, it is here', async () => {
  assert.equal((await mia.post('/api/v1/contacts', { card: person('Grace', 'Hopper', '+44 20 7946 0001') })).status, 201);
  const there = await eventually('Grace on the server', () => card('Hopper'));
  assert.match(there.text, /TEL[^:]*:\+44 20 7946 0001/);
  await settled('Hopper');
  const put = await radicale.put(`${await radicale.book('mia')}ada.vcf`, ['UID:ada', 'N:Lovelace;Ada;;;', 'FN:Ada Lovelace', 'TEL;TYPE=CELL,VOICE:+44 7700 900001', 'EMAIL;TYPE=HOME:ada@home.test',
    'X-SHOE-SIZE:38', 'CATEGORIES:Friends,Maths', 'ORG:Analytical;Engines', 'PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/2w==']);
  assert.equal(put.status, 201, put.text);
  await sync();
  const here = await eventually('Ada here', () => client('Lovelace'));
  assert.equal(here.card.phones.p1.number, '+44 7700 900001');
  assert.equal(here.card.emails.e1.address, 'ada@home.test');
  assert.equal((await radicale.cards('mia')).length, 2, 'nothing was doubled');
});

test('changed here, the server keeps what Portico does not know', async () => {
  await settled('Lovelace');
  await change('Lovelace', (now) => { now.phones.p1.number = '+44 7700 900002'; });
  const there = await eventually('the new number there', async () => { const one = await card('Lovelace'); return one?.text.includes('900002') && one; });
  for (const kept of [/X-SHOE-SIZE:38/, /CATEGORIES:Friends,Maths/, /ORG:Analytical;Engines/, /PHOTO[^:]*:\s*\/9j\/4AAQSkZJRgABAQAAAQABAAD\/2w==/, /UID:ada/, /VOICE/]) assert.match(there.text, kept);
  assert.equal((await radicale.cards('mia')).length, 2);
});

test('changed there, it changes here', async () => {
  await settled('Hopper');
  const there = await card('Hopper');
  const changed = there.text.replace('+44 20 7946 0001', '+44 20 7946 0002');
  assert.ok((await radicale.request('PUT', there.path, { body: changed, headers: { 'if-match': there.etag, 'content-type': 'text/vcard' } })).status < 300);
  await sync();
  await eventually('the new number here', async () => phone(await client('Hopper')) === '+44 20 7946 0002');
});

test('changed on both sides, both changes stay', async () => {
  await settled('Lovelace');
  const there = await card('Lovelace');
  const moved = there.text.replace('ada@home.test', 'ada@work.test');
  assert.ok((await radicale.request('PUT', there.path, { body: moved, headers: { 'if-match': there.etag, 'content-type': 'text/vcard' } })).status < 300);
  await change('Lovelace', (now) => { now.phones.p1.number = '+44 7700 900003'; });
  await eventually('both changes there', async () => { const one = await card('Lovelace'); return one?.text.includes('ada@work.test') && one.text.includes('900003'); });
  await eventually('both changes here', async () => { const one = await client('Lovelace'); return one.card.emails.e1.address === 'ada@work.test' && phone(one) === '+44 7700 900003'; });
  assert.match((await card('Lovelace')).text, /X-SHOE-SIZE:38/);
});

test('a forgotten sync token means reading everything again, and doubles nothing', async () => {
  await settled('Lovelace');
  const before_ = (await clients()).length;
  const tokens = readdirSync(radicale.storage, { recursive: true }).filter((name) => /sync-token\/[0-9a-f]{16,}$/.test(name));
  assert.ok(tokens.length > 0, 'Radicale keeps its tokens elsewhere now');
  for (const name of tokens) rmSync(join(radicale.storage, name));
  await radicale.put(`${await radicale.book('mia')}ben.vcf`, ['UID:ben', 'N:Turing;Ben;;;', 'FN:Ben Turing']);
  const last = (await stream()).lastPullAt;
  await sync();
  await eventually('Ben here', () => client('Turing'));
  await eventually('the pull done', async () => (await stream()).lastPullAt !== last);
  assert.equal((await clients()).length, before_ + 1);
  assert.equal((await radicale.cards('mia')).length, 3);
});

test('deleted here, it goes there; deleted there, it is kept here and said so', async () => {
  const grace = await settled('Hopper');
  assert.equal((await mia.delete(`/api/v1/contacts/${grace.id}`, grace.version)).status, 204);
  await eventually('Grace gone there', async () => !(await card('Hopper')));
  const ben = await card('Turing');
  assert.ok((await radicale.request('DELETE', ben.path)).status < 300);
  await sync();
  await eventually('told here', async () => JSON.stringify((await mia.get(`/api/v1/contacts/${(await client('Turing')).id}`)).json.sync).includes('Deleted in the connected account'));
});

test('another server never sees the old password, and choosing the first again is the undo', async () => {
  assert.equal((await choose(other.server)).status, 200);
  const [moved] = await connections();
  assert.equal(moved.state, 'needsReconnect');
  assert.match(moved.problem, new RegExp(other.server));
  await sync();
  await eventually('the sync says why', async () => /this connection's password is for/.test((await stream()).problem ?? ''));
  assert.deepEqual(other.requests, []);
  const answer = await send('another password');
  assert.equal(answer.json.code, 'password_refused');
  assert.ok(other.requests.length > 0);
  for (const sent of other.requests) assert.equal(Buffer.from(sent.slice(6), 'base64').toString(), 'mia:another password');
  assert.equal(other.requests.length, 1, 'a refused password is not tried twice');
  assert.equal((await choose(radicale.server)).status, 200);
  assert.equal((await connections())[0].state, 'connected');
  await sync();
  await eventually('syncing again', async () => !(await stream()).problem);
});

test('a password changed on the server stops at the first refusal, and connecting again goes on', async () => {
  writeFileSync(join(radicale.folder, 'users'), 'mia:changed\n');
  await sync();
  await eventually('it needs its owner', async () => (await connections())[0].state === 'needsReconnect');
  assert.match((await connections())[0].problem, /refused the user name or password/);
  await sync();
  await sync();
  await eventually('no more tries', async () => /connect it again/.test((await stream()).problem ?? ''));
  const refused = (await mia.get('/api/v1/connections/uses?limit=500')).json.items.filter((use) => use.status === 401);
  const [connection] = await connections();
  assert.equal(refused.filter((use) => use.connectionId === connection.id).length, 1);
  radicale.users.mia = 'changed';
  assert.equal((await send('changed')).status, 200);
  const [same] = await connections();
  assert.equal(same.id, connection.id, 'the same connection, so nothing is synced anew');
  await change('Lovelace', (now) => { now.phones.p1.number = '+44 7700 900004'; });
  await eventually('on it goes', async () => (await card('Lovelace'))?.text.includes('900004'));
});

test('every request went to the chosen server, and the password is nowhere in clear', async () => {
  const uses = (await mia.get('/api/v1/connections/uses?limit=500')).json.items;
  assert.deepEqual([...new Set(uses.filter((use) => use.host).map((use) => use.host))].sort(), [radicale.server, other.server].sort());
  assert.ok(uses.every((use) => use.host || use.refusal), 'what has no host was refused before anything was sent');
  assert.ok(uses.every((use) => !use.path.includes('mia')), 'the record names the rule, not the path');
  const wanted = [secret, 'another password', 'changed'].flatMap((text) => [Buffer.from(`mia:${text}`).toString('base64'), ...(text === 'changed' ? [] : [text])]);
  const files = readdirSync(world.data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.ok(files.some((entry) => entry.name === 'vault.db'));
  for (const text of wanted) {
    assert.ok(!world.log.includes(text), `${text} is in the log`);
    for (const entry of files) assert.ok(!readFileSync(join(entry.parentPath ?? entry.path, entry.name)).includes(text), `${text} is in ${entry.name}`);
  }
});

test('disconnecting erases at once, with a receipt that promises no more than that', async () => {
  const [connection] = await connections();
  const answer = await mia.delete(`/api/v1/connections/${connection.id}`);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual([answer.json.revoked, answer.json.revokeUrl, answer.json.removed.length], ['nothing', null, 1]);
  assert.deepEqual(await connections(), []);
  assert.ok((await radicale.cards('mia')).length > 0, 'the address book is its owner\'s');
});
