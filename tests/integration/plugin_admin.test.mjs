// SPDX-License-Identifier: Apache-2.0
// A third party's plugin from the operator's command line to the admin's pages and out again: install, enable, update
// with more wishes, consent, rollback, erase, remove; and what is refused on the way. Real server, real keys, real files.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect } from '../support/google.mjs';
import { World, build, eventually, root, runCli } from '../support/portico.mjs';

const id = 'org.example.notebook';
const contacts = 'https://www.googleapis.com/auth/contacts.readonly';
let world, owner, keys;

function manifest(version) {
  return {
    id, version, name: 'Notebook', description: 'Keeps one line.', vendor: 'Example', license: 'Apache-2.0',
    abi: { major: 1, minor: 0 }, library: 'notebook.so', requires: { host: ['portico.store/1'] }, provides: ['portico.action/1'],
    connections: [{
      name: 'google', kind: 'oauth2', provider: 'google', reason: 'Names the person whose line it is.',
      scopes: [{ scope: contacts, reason: 'Read the name of a contact.' }],
      rules: [{ host: 'people.googleapis.com', method: 'GET', path: '/v1/people/{id}', vars: { id: 'c[0-9]{1,20}' }, scope: contacts }],
    }],
    actions: [
      { name: 'write', title: 'Write the line', role: 'staff', args: { type: 'object', properties: { text: { type: 'string' } } } },
      { name: 'read', title: 'Read the line', role: 'staff' },
    ],
    settings: { type: 'object', additionalProperties: false, properties: { title: { type: 'string', default: 'Note' } } },
    limits: { memory_mib: 64 },
  };
}

// Version 1.1.0 wants another host, another scope, clients' records and more memory.
function wider() {
  const more = manifest('1.1.0');
  more.connections[0].scopes.push({ scope: 'https://www.googleapis.com/auth/contacts.other.readonly', reason: 'Find people you only wrote to.', optional: true });
  more.connections[0].rules.push({ host: 'api.example.org', method: 'POST', path: '/v1/lines', scope: contacts, max_body: 1000 });
  more.records = [{ kind: 'contact', access: ['read'], reason: 'Puts the client\'s name above the line.' }];
  more.limits.memory_mib = 128;
  return more;
}

const cli = (...args) => runCli(['plugin', ...args]);
const at = () => ['--data', world.data];
const plugin = async () => (await owner.get(`/api/v1/plugins/${id}`)).json;
const act = (name, args = {}) => owner.post(`/api/v1/plugins/${id}/actions/${name}`, { args });
const sql = (database, query) => world.sql(database, query);

// A folder as its author hands it over; `signer` null leaves it unsigned.
async function made(json, signer = 'example') {
  const folder = join(world.folder, `made-${json.version}-${signer}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, 'plugin.json'), JSON.stringify(json));
  const library = json.version.startsWith('1.1') ? '1.1.0' : '1.0.0';
  copyFileSync(join(build, `test-plugins/notebook-${library}.so`), join(folder, 'notebook.so'));
  if (signer) {
    const signed = await cli('sign', folder, '--key', join(world.folder, `${signer}.pem`));
    assert.equal(signed.code, 0, signed.out);
  }
  return folder;
}

before(async () => {
  world = await World.start();
  keys = join(world.folder, 'keys');
  cpSync(process.env.PORTICO_KEYS ?? join(root, '.portico/keys'), keys, { recursive: true });
  for (const name of ['example', 'rival', 'stranger'])
    assert.equal((await cli('keygen', '--key', join(world.folder, `${name}.pem`), '--public', join(name === 'stranger' ? world.folder : keys, `${name}.pub`))).code, 0);
  world.options.keys = keys;
  await world.stopServing();
  await world.serve();
  owner = await world.owner();
});
after(() => world?.stop());

test('what is not signed by a trusted key, or was changed, is refused with the reason', async () => {
  const unsigned = await cli('install', await made(manifest('1.0.0'), null), ...at());
  assert.notEqual(unsigned.code, 0);
  assert.match(unsigned.out, /not signed by a key this installation trusts/);
  const stranger = await cli('install', await made(manifest('1.0.0'), 'stranger'), ...at());
  assert.match(stranger.out, /'stranger', which is not among the trusted keys/);
  const changed = await made(manifest('1.0.0'));
  writeFileSync(join(changed, 'extra.txt'), 'added later');
  assert.match((await cli('install', changed, ...at())).out, /extra\.txt was added after it was signed/);
  assert.equal((await owner.get(`/api/v1/plugins/${id}`)).status, 404);
  assert.deepEqual(readdirSync(join(world.data, 'plugins')).filter((n) => !n.startsWith('.')), []);
});

test('a shipped plugin cannot be installed over', async () => {
  const folder = join(world.folder, 'impostor');
  cpSync(join(build, 'plugins/audit-log'), folder, { recursive: true });
  const refused = await cli('install', folder, ...at());
  assert.notEqual(refused.code, 0);
  assert.match(refused.out, /audit-log came with Portico/);
});

test('installed under a running server it is there, asks in words, and nothing is on by itself', async () => {
  const done = await cli('install', await made(manifest('1.0.0')), ...at());
  assert.equal(done.code, 0, done.out);
  assert.match(done.out, /signed by example\) installed/);
  assert.match(done.out, /people\.googleapis\.com/);
  assert.match(done.out, /took it up: running, sandbox level [23]/);
  const seen = await plugin();
  assert.equal(seen.trust, 'signed');
  assert.equal(seen.signedBy, 'example');
  assert.equal(seen.enabled, false);
  assert.equal(seen.health.text, 'It runs.');
  assert.deepEqual(seen.asks.connections[0].requests, [{ method: 'GET', host: 'people.googleapis.com', path: '/v1/people/{id}' }]);
  assert.equal(seen.asks.limits.memoryMib, 64);
  assert.equal((await act('read')).json.code, 'plugin_disabled');
  assert.match((await cli('install', await made(manifest('1.0.0')), ...at())).out, /installed already/);
});

test('enabled, it works; the vault knows its rules, and the admin sees who connected', async () => {
  assert.equal((await owner.post(`/api/v1/plugins/${id}/enable`)).json.enabled, true);
  assert.equal((await act('write', { text: 'kept' })).status, 200);
  const read = (await act('read')).json.result;
  assert.equal(read.version, '1.0.0');
  assert.equal(read.line.text, 'kept');
  assert.equal((await owner.request('PUT', `/api/v1/plugins/${id}/settings`, { body: { values: { title: 'Mine' } } })).status, 200);
  assert.ok((await plugin()).people.every((person) => person.connections.length === 0));
  const { location } = await connect(world, owner, id);
  assert.match(location, new RegExp(`connected=${id}`));
  const [person] = (await plugin()).people;
  assert.equal(person.connections[0].state, 'connected');
  assert.ok(!JSON.stringify((await plugin()).people).includes('@'), 'whose account it is, only the person knows');
});

test('an update by somebody else, or backwards, is refused', async () => {
  const rival = await cli('update', await made(manifest('1.1.0'), 'rival'), ...at());
  assert.notEqual(rival.code, 0);
  assert.match(rival.out, /signed by example and this update by rival.*--force/s);
  const older = manifest('0.9.0');
  assert.match((await cli('update', await made(older), ...at())).out, /newer than 0\.9\.0.*rollback/);
  assert.equal((await act('read')).json.result.version, '1.0.0');
});

test('an update that asks for more rests until an admin saw what and agreed', async () => {
  const done = await cli('update', await made(wider()), ...at());
  assert.equal(done.code, 0, done.out);
  assert.match(done.out, /1\.0\.0 \(signed by example\) updated to .*1\.1\.0/);
  assert.match(done.out, /rests in each business until an admin there agrees/);
  const seen = await plugin();
  assert.equal(seen.version, '1.1.0');
  assert.equal(seen.enabled, false);
  const changes = Object.fromEntries(seen.consentChanges.map((c) => [c.kind, c.what]));
  assert.deepEqual(changes, {
    scope: 'https://www.googleapis.com/auth/contacts.other.readonly', host: 'api.example.org', request: 'POST api.example.org/v1/lines',
    record: 'read contact', limit: 'memory_mib',
  });
  assert.equal(seen.consentChanges.find((c) => c.kind === 'record').reason, 'Puts the client\'s name above the line.');
  assert.ok(seen.consentChanges.every((c) => c.text.length > 10));
  const refused = await act('read');
  assert.ok(refused.status >= 400, refused.text);

  const agreed = (await owner.post(`/api/v1/plugins/${id}/enable`)).json;
  assert.equal(agreed.enabled, true);
  assert.deepEqual(agreed.consentChanges, []);
  const read = (await act('read')).json.result;
  assert.equal(read.version, '1.1.0');
  assert.equal(read.line.text, 'kept', 'its data came along');
});

test('going back needs no new consent, because it asks for less', async () => {
  const back = await cli('rollback', id, ...at());
  assert.equal(back.code, 0, back.out);
  assert.match(back.out, /back from .*1\.1\.0.* to .*1\.0\.0/);
  assert.equal((await plugin()).enabled, true);
  assert.equal((await act('read')).json.result.version, '1.0.0');
});

test('the list shows each plugin with its trust, state and users', async () => {
  const { out, code } = await cli('list', ...at());
  assert.equal(code, 0);
  assert.match(out, /^PLUGIN +VERSION +FROM +TRUST +STATE +USED BY +PROBLEM/m);
  assert.match(out, /^org\.example\.notebook +1\.0\.0 +operator +signed by example +running +1 *$/m);
  assert.match(out, /^audit-log +\S+ +Portico +built in +running/m);
});

test('a library changed where it lies does not run, and is shown as modified', async () => {
  const file = join(world.data, 'plugins', id, 'notebook.so');
  copyFileSync(join(build, 'test-plugins/notebook-1.1.0.so'), file);
  await world.stopServing();
  await world.serve();
  owner = await world.owner();
  const seen = await plugin();
  assert.equal(seen.trust, 'modified');
  assert.equal(seen.state, 'refused');
  assert.match(seen.problem, /notebook\.so is not the one that was signed/);
  assert.ok((await act('read')).status >= 400);
  assert.equal((await owner.post(`/api/v1/plugins/${id}/enable`)).json.code, 'plugin_refused');
  assert.match((await cli('list', ...at())).out, /org\.example\.notebook .*modified/);
  copyFileSync(join(build, 'test-plugins/notebook-1.0.0.so'), file);
  await cli('rollback', id, ...at());
  const forward = await cli('rollback', id, ...at());
  assert.equal(forward.code, 0, forward.out);
  assert.equal((await act('read')).json.result.version, '1.0.0');
});

test('switching off keeps its data, or erases it: store, settings, connections, nothing left in the databases', async () => {
  const stored = () => sql('crm/portico.db', `SELECT (SELECT count(*) FROM plugin_store WHERE plugin='${id}') || ' ' || (SELECT count(*) FROM plugin_settings WHERE plugin='${id}') || ' ' || (SELECT count(*) FROM plugin_enablement WHERE plugin='${id}') || ' ' || (SELECT count(*) FROM plugin_store_usage WHERE plugin='${id}')`);
  const connected = () => sql('vault/vault.db', `SELECT count(*) FROM connections WHERE plugin_id='${id}'`);
  assert.equal(stored(), '1 1 1 1', 'the look into the database can see it');
  assert.equal(connected(), '1');
  const kept = await owner.post(`/api/v1/plugins/${id}/disable`, { data: 'keep' });
  assert.equal(kept.status, 200, kept.text);
  assert.equal(kept.json.enabled, false);
  assert.equal(stored(), '1 1 1 1');
  await owner.post(`/api/v1/plugins/${id}/enable`);
  assert.equal((await act('read')).json.result.line.text, 'kept');

  const gone = await owner.post(`/api/v1/plugins/${id}/disable`, { data: 'erase' });
  assert.equal(gone.status, 200, gone.text);
  assert.equal(gone.json.erased.stored, 1);
  assert.equal(gone.json.erased.settings, true);
  assert.equal(gone.json.erased.connections, 1);
  assert.equal(gone.json.erased.receipts[0].revoked, 'confirmed');
  assert.equal(stored(), '0 0 0 0');
  assert.equal(connected(), '0');
  await eventually('the erasure in the audit log', async () => (await owner.get('/api/v1/audit-events?limit=200')).json.items.some((e) => e.type === 'plugin.data_erased'));
});

test('erasing a plugin that synchronises takes its links and streams along', async () => {
  await connect(world, owner, 'google-contacts');
  const links = () => Number(sql('crm/portico.db', "SELECT (SELECT count(*) FROM sync_links) + (SELECT count(*) FROM sync_streams WHERE plugin='google-contacts')"));
  await eventually('links of the first sync', async () => links() > 5);
  const gone = await owner.post('/api/v1/plugins/google-contacts/disable', { data: 'erase' });
  assert.equal(gone.status, 200, gone.text);
  assert.equal(links(), 0);
  assert.deepEqual((await owner.get('/api/v1/sync')).json.items, []);
  assert.ok((await owner.get('/api/v1/contacts')).json.items.length >= 5, 'clients stay');
});

test('removing says who uses it and wants a yes', async () => {
  await owner.post(`/api/v1/plugins/${id}/enable`);
  const asked = await cli('remove', id, ...at());
  assert.equal(asked.code, 1);
  assert.match(asked.out, /used by 1 business: demo/);
  assert.equal((await act('read')).status, 200);
  const done = await cli('remove', id, ...at(), '--yes');
  assert.equal(done.code, 0, done.out);
  assert.match(done.out, /let it go/);
  assert.equal((await owner.get(`/api/v1/plugins/${id}`)).status, 404);
  assert.ok(!existsSync(join(world.data, 'plugins', id)));
});

test('developer mode, the operator\'s list, preflight, and every verb without a server', async () => {
  await world.stopServing();
  const unsigned = await made(manifest('1.0.0'), null);
  const done = await cli('install', unsigned, ...at(), '--developer-mode');
  assert.equal(done.code, 0, done.out);
  assert.match(done.out, /not running on this data/);
  assert.match((await cli('list', ...at())).out, /org\.example\.notebook .*unsigned .*not signed/);
  assert.equal((await cli('preflight', ...at(), '--developer-mode')).code, 0);
  const old = await cli('preflight', ...at(), '--developer-mode', '--abi', '2.0');
  assert.equal(old.code, 1);
  assert.match(old.out, /REFUSED org\.example\.notebook 1\.0\.0: needs host ABI 1\.0, this is 2\.0/);

  await world.serve();
  owner = await world.owner();
  assert.match((await plugin()).problem, /not signed/);
  await world.stopServing();
  world.options.serve = ['--developer-mode'];
  await world.serve();
  owner = await world.owner();
  assert.equal((await plugin()).trust, 'unsigned');
  await owner.post(`/api/v1/plugins/${id}/enable`);
  assert.equal((await act('read')).json.result.version, '1.0.0');
  await world.stopServing();
  assert.match((await cli('remove', id, ...at())).out, /used by 1 business: demo/, 'the database is asked when no server can be');

  world.options.serve = ['--developer-mode', '--allow-plugins', 'google-contacts,google-drive'];
  await world.serve();
  owner = await world.owner();
  assert.match((await plugin()).problem, /not among those that the operator of this installation allows/);
  assert.ok((await act('read')).status >= 400);
  assert.equal((await owner.get('/api/v1/plugins/google-drive')).json.state, 'running');
  assert.equal((await owner.get('/api/v1/plugins/audit-log')).json.state, 'running');
  assert.equal((await owner.get('/api/v1/plugins/google-calendar')).json.state, 'refused');
});
