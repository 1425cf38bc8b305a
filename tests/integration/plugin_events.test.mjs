// SPDX-License-Identifier: Apache-2.0
// A third party's plugin that is told of events: of its tenant alone, of the types it named, while it is enabled. One
// that hangs or crashes holds up neither the audit log nor the sync of others. Real server, real runner, real files.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, build, eventually, root, runCli } from '../support/portico.mjs';

const id = 'org.example.diary';
let world, owner, second, number = 0;

const manifest = (version, events) => ({
  id, version, name: 'Diary', description: 'Writes down who was added.', vendor: 'Example', license: 'Apache-2.0',
  abi: { major: 1, minor: 0 }, library: 'diary.so', requires: { host: ['portico.store/1', 'portico.settings/1'] },
  provides: ['portico.event/1', 'portico.action/1'], events, events_reason: 'It writes down who was added.',
  actions: [{ name: 'read', title: 'Read the diary', role: 'staff' }],
  settings: { type: 'object', additionalProperties: false, properties: { mode: { type: 'string', enum: ['all', 'first', 'hang', 'crash'], default: 'all' } } },
  limits: { memory_mib: 64, call_seconds: 1 },
});

async function made(json) {
  const folder = join(world.folder, `made-${json.version}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'plugin.json'), JSON.stringify(json));
  copyFileSync(join(build, `test-plugins/diary-${json.version}.so`), join(folder, 'diary.so'));
  const signed = await runCli(['plugin', 'sign', folder, '--key', join(world.folder, 'example.pem')]);
  assert.equal(signed.code, 0, signed.out);
  return folder;
}
async function operator(...args) {
  const done = await runCli(['plugin', ...args, '--data', world.data]);
  assert.equal(done.code, 0, done.out);
}
const ok = (answer) => { assert.ok(answer.status < 300, `${answer.status} ${answer.text}`); return answer.json; };
const enable = (client) => client.post(`/api/v1/plugins/${id}/enable`).then(ok);
const disable = (client) => client.post(`/api/v1/plugins/${id}/disable`, { data: 'keep' }).then(ok);
const mode = (client, value) => client.request('PUT', `/api/v1/plugins/${id}/settings`, { body: { values: { mode: value } } }).then(ok);
const problem = async (client) => (await client.get(`/api/v1/plugins/${id}`)).json.problem ?? '';
const read = async (client) => (await client.post(`/api/v1/plugins/${id}/actions/read`, { args: {} })).json?.result ?? {};
const subjects = async (client) => ((await read(client)).events ?? []).map((event) => event.subject.id);
async function add(client, name = `Client ${++number}`) {
  const card = { '@type': 'Card', version: '1.0', name: { full: name }, emails: { e1: { address: `c${number}@events.test` } } };
  return ok(await client.post('/api/v1/contacts', { card })).id;
}
const audited = (client, subject) => eventually(`${subject} in the audit log`, async () =>
  (await client.get('/api/v1/audit-events?limit=200')).json.items.some((event) => event.subjectId === subject));
const told = (client, subject) => eventually(`${subject} in the diary`, async () => (await subjects(client)).includes(subject), 60_000);

before(async () => {
  world = await World.start();
  const keys = join(world.folder, 'keys');
  cpSync(process.env.PORTICO_KEYS ?? join(root, '.portico/keys'), keys, { recursive: true });
  assert.equal((await runCli(['plugin', 'keygen', '--key', join(world.folder, 'example.pem'), '--public', join(keys, 'example.pub')])).code, 0);
  world.options.keys = keys;
  await world.stopServing();
  await world.serve();
  owner = await world.owner();
  const { out } = await runCli(['tenant', 'create', 'Second Studio', '--owner', 'olive@second.test', '--data', world.data]);
  second = world.client();
  await second.signIn('olive@second.test', /with the password (\S+)/.exec(out)[1]);
  assert.match((await connect(world, owner, 'google-contacts')).location, /connected=/);
});
after(() => world?.stop());

test('installed under a running server and enabled, it is told from then on, of its tenant and its types alone', async () => {
  await operator('install', await made(manifest('1.0.0', ['contact.created'])));
  const early = await add(owner);
  await audited(owner, early);
  await enable(owner);
  const foreign = await add(second);
  const [one, two] = [await add(owner), await add(owner)];
  ok(await owner.delete(`/api/v1/contacts/${one}`, 1));
  const three = await add(owner);
  await told(owner, three);
  await audited(second, foreign);
  const { events } = await read(owner);
  assert.deepEqual(events.map((event) => event.subject.id), [one, two, three], 'in order; nothing early, nothing foreign');
  assert.deepEqual([...new Set(events.map((event) => event.type))], ['contact.created']);
  assert.ok(events.every((event) => event.subject.kind === 'contact' && event.actor && event.trace), JSON.stringify(events));
});

test('the other tenant enables it and hears of its own, from then on', async () => {
  await enable(second);
  const own = await add(second);
  await told(second, own);
  assert.deepEqual(await subjects(second), [own]);
});

test('what it did not acknowledge comes again', async () => {
  await disable(second);  // one diary is enough to count calls
  await mode(owner, 'hang');
  const all = [await add(owner), await add(owner), await add(owner)];
  await mode(owner, 'first');
  await enable(owner);  // lifts a quarantine
  const before = (await subjects(owner)).length;
  for (const each of all) await told(owner, each);
  assert.deepEqual((await subjects(owner)).slice(-3), all, `each once and in order, ${before} before`);
  await mode(owner, 'all');
});

test('disabled it hears nothing, and enabled again not of what was meanwhile', async () => {
  const told_before = await subjects(owner);
  await disable(owner);
  const missed = await add(owner);
  await audited(owner, missed);
  await enable(owner);
  const next = await add(owner);
  await told(owner, next);
  assert.deepEqual(await subjects(owner), [...told_before, next]);
});

test('after an update that asks for more, it hears nothing until an admin agrees', async () => {
  await operator('update', await made(manifest('1.1.0', ['contact.*'])));
  const missed = await add(owner);
  await audited(owner, missed);
  await enable(owner);
  const next = await add(owner);
  await told(owner, next);
  assert.ok(!(await subjects(owner)).includes(missed));
});

// While it misbehaves for one tenant, that tenant's audit log and sync go on, and the admin reads what waits.
async function othersGoOn(wrong) {
  await mode(owner, wrong);
  const name = `During ${wrong}`;
  const added = await add(owner, name);
  await eventually('the admin reads it', async () => (await problem(owner)) !== '');
  await audited(owner, added);
  await eventually(`${name} in Google`, async () => JSON.stringify((await world.google(accountName)).accounts[0].contacts).includes(name));
  await audited(second, await add(second));
  return added;
}

test('hanging, it delays nobody, and is told everything once it answers', async () => {
  const waited = await othersGoOn('hang');
  assert.ok(!(await subjects(owner)).includes(waited));
  await mode(owner, 'all');
  await enable(owner);  // had its crashes led to quarantine, this lifts it
  await told(owner, waited);
  await eventually('the problem is over', async () => !/events wait/.test(await problem(owner)));
});

test('crashing, it delays nobody, and restarting the server loses nothing', async () => {
  const waited = await othersGoOn('crash');
  await mode(owner, 'all');
  await world.stopServing();
  await world.serve();
  owner = await world.owner();
  await told(owner, waited);
  const all = await subjects(owner);
  assert.deepEqual(all, [...new Set(all)], 'each once');
});

test('removed at run time, it leaves nothing that waits for it', async () => {
  await operator('remove', id, '--yes');
  await audited(owner, await add(owner));
  assert.equal((await owner.get(`/api/v1/plugins/${id}`)).status, 404);
});
