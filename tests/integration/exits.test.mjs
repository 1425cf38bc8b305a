// SPDX-License-Identifier: Apache-2.0
// What came from Google goes to nobody else (P15, P26, P28). A contact with a mark in every field is pulled in through
// google-contacts; a third party's plugin with every permission there is (records, events, a panel, an address book of
// its own at the very same provider) repeats whatever it was handed. Then it asks, an admin agrees, the owner of the
// account allows it, and withdraws. Real processes; what the plugin says is what reached it.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { scanMemory } from '../support/canary.mjs';
import { accountName, connect, throughGoogle } from '../support/google.mjs';
import { World, build, eventually, processes, root, runCli } from '../support/portico.mjs';

const id = 'org.example.gossip', mark = 'Qz7Canary';
let world, owner, client, appointment;

// Each field of a person, with the part of our record that it becomes.
const person = (n) => ({
  names: [{ givenName: `${mark}-name-${n}`, familyName: 'Quill' }], nicknames: [{ value: `${mark}-nicknames-${n}` }],
  emailAddresses: [{ value: `${mark}-emails-${n}@mark.test` }], phoneNumbers: [{ value: `+44 20 7946 ${mark}-phones-${n}` }],
  addresses: [{ streetAddress: `${mark}-addresses-${n}`, city: 'Lund' }], organizations: [{ name: `${mark}-organizations-${n}`, title: `${mark}-titles-${n}` }],
  biographies: [{ value: `${mark}-notes-${n}`, contentType: 'TEXT_PLAIN' }], urls: [{ value: `https://${mark}-links-${n}.test/` }],
  birthdays: [{ date: { year: 1931, month: 7, day: 7 } }],
});
const fields = ['name', 'nicknames', 'emails', 'phones', 'addresses', 'organizations', 'titles', 'notes', 'links'];

const google = { name: 'google', kind: 'oauth2', provider: 'google', reason: 'Looks at your contacts, too.',
  scopes: [{ scope: 'https://www.googleapis.com/auth/contacts.readonly', reason: 'To look at them.' }],
  rules: [{ host: 'people.googleapis.com', method: 'GET', path: '/v1/people/me/connections', query: { allowed: ['personFields'] }, scope: 'https://www.googleapis.com/auth/contacts.readonly' }] };
const manifest = (version, provenance) => ({
  id, version, name: 'Gossip', description: 'Repeats everything.', vendor: 'Example', license: 'Apache-2.0', abi: { major: 1, minor: 0 }, library: 'gossip.so',
  requires: { host: ['portico.record/1', 'portico.blob/1'] }, provides: ['portico.event/1', 'portico.action/1', 'portico.sync/1'], connections: [google],
  records: ['contact', 'event', 'file'].map((kind) => ({ kind, access: ['read', 'write'], reason: 'To talk about it.' })), ...(provenance && { provenance: [provenance] }),
  streams: [{ name: 'book', title: 'Gossip book', record: 'contact', connection: 'google', direction: 'both', every: 'PT15M' }],
  events: ['*'], events_reason: 'To talk about it.',
  actions: [...['panel', 'repeat', 'forget'].map((name) => ({ name, title: name, role: 'staff' })),
    { name: 'note', title: 'note', role: 'staff', args: { type: 'object', required: ['client', 'text'], properties: { client: { type: 'string' }, text: { type: 'string' } } } }],
  ui: { contributes: [{ point: 'client.panel/v1', action: 'panel', title: 'Gossip' }] }, limits: { memory_mib: 64, call_seconds: 10 },
});

async function made(version, provenance) {
  const folder = join(world.folder, `made-${version}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'plugin.json'), JSON.stringify({ ...manifest(version, provenance) }));
  copyFileSync(join(build, `test-plugins/gossip-${version}.so`), join(folder, 'gossip.so'));
  const signed = await runCli(['plugin', 'sign', folder, '--key', join(world.folder, 'example.pem')]);
  assert.equal(signed.code, 0, signed.out);
  return folder;
}
async function operator(...args) {
  const done = await runCli(['plugin', ...args, '--data', world.data]);
  assert.equal(done.code, 0, done.out);
}
const ok = (answer) => { assert.ok(answer.status < 300, `${answer.status} ${answer.text}`); return answer.json; };
const act = async (name, args = {}) => ok(await owner.post(`/api/v1/plugins/${id}/actions/${name}`, { args })).result;
const heard = async () => (await act('repeat')).heard;
const marks = (text) => [...new Set([...text.matchAll(new RegExp(`${mark}-([a-z]+)-`, 'g'))].map((found) => found[1]))].sort();
const bornIn = (text) => /"year":1931/.test(text);
const clientOf = async (n) => (await owner.get('/api/v1/contacts?limit=200')).json.items.find((c) => JSON.stringify(c.card).includes(`${mark}-name-${n}`));
const phone = (action, n, more = {}) => world.simulator().post('/__sim/contacts', { account: accountName, action, person: person(n), ...more });
const pull = (plugin) => owner.post('/api/v1/sync/run', { plugin }).then(ok);
// What the audit log's plugin keeps; whose record it is about is added for the people who read it.
const audit = async () => JSON.stringify((await owner.get('/api/v1/audit-events?limit=500')).json.items.map(({ title, ...kept }) => kept));
const sharing = (allowed) => owner.request('PUT', `/api/v1/connections/sharing/${id}`, { body: { permission: 'google-data', allowed } });

// A change of a client here that has gone by every way: its event was heard, its panel drawn, its push made.
async function aroundOnce(n, each) {
  const before_ = await clientOf(n);
  const card = { ...before_.card, emails: { ...before_.card.emails, own: { address: `own${Date.now()}@here.test` } } };
  const changed = ok(await owner.put(`/api/v1/contacts/${before_.id}`, { card }, before_.version));
  await eventually('the event', async () => (await heard()).some((h) => h.where === 'event' && h.what.includes(before_.id) && h.what.includes(`"version":${changed.version}`)));
  ok(await owner.get(`/api/v1/plugins/${id}/ui/client.panel/v1?contact=${before_.id}`));
  await eventually('the push', async () => (await heard()).some((h) => h.where === 'push' && h.what.includes(card.emails.own.address)));
  const all = await heard();
  for (const where of ['event', 'record', 'panel', 'prepare', 'push']) assert.ok(each || all.some((h) => h.where === where), `nothing through ${where}`);
  return all.map((h) => h.what).join('\n');
}

before(async () => {
  world = await World.start();
  const keys = join(world.folder, 'keys');
  cpSync(process.env.PORTICO_KEYS ?? join(root, '.portico/keys'), keys, { recursive: true });
  assert.equal((await runCli(['plugin', 'keygen', '--key', join(world.folder, 'example.pem'), '--public', join(keys, 'example.pub')])).code, 0);
  world.options.keys = keys;
  await world.stopServing();
  await world.serve();
  owner = await world.owner();
  await operator('install', await made('1.0.0'));
  ok(await owner.post(`/api/v1/plugins/${id}/enable`));
  for (const plugin of ['google-contacts', id]) assert.match((await connect(world, owner, plugin)).location, /connected=/);
});
after(() => world?.stop());

test('a contact with a mark in every field is pulled in, and people of the business see all of it', async () => {
  await phone('create', 1);
  await pull('google-contacts');
  client = await eventually('the marked client', () => clientOf(1));
  assert.deepEqual(marks(JSON.stringify(client.card)), [...fields].sort());
  assert.ok(bornIn(JSON.stringify(client.card)));
});

test('by default nothing of it reaches another plugin: no record, event, panel or push', async () => {
  const all = await aroundOnce(1);
  assert.deepEqual(marks(all), []);
  assert.ok(!bornIn(all));
  assert.ok(all.includes('"withheld":['), 'it is told that something is withheld');
  assert.ok((await heard()).some((h) => h.what.includes('Gossip') || h.what.includes('contact.')), 'and it hears of what happens');
});

test('and there is no trace of it in any plugin’s process but that of the one that brought it', (t) => {
  const all = processes(world.portico.pid).filter((p) => p.state !== 'Z');
  const holding = (name) => all.filter((p) => p.name.startsWith(name)).map((p) => scanMemory(p, mark).hits.length).filter((hits) => hits > 0).length;
  try {
    assert.equal(holding('portico-server'), 1, 'the search sees it where it must be');
    assert.ok(holding('portico-runner') <= 1, 'google-contacts may still hold it');
  } catch (error) {
    if (['EACCES', 'EPERM'].includes(error.code)) return t.skip('needs root: nobody else may look into another process');
    throw error;
  }
});

test('what it cannot see it cannot erase', async () => {
  await act('note', { client: client.id, text: 'met her' });
  const card = JSON.stringify((await owner.get(`/api/v1/contacts/${client.id}`)).json.card);
  assert.deepEqual(marks(card), [...fields].sort());
  assert.ok(card.includes('met her') && bornIn(card));
});

test('the audit log and the log of all processes hold none of it', async () => {
  assert.deepEqual(marks(await audit()), []);
  assert.deepEqual(marks(world.log), []);
});

test('asking for one field in an update puts it to rest; an admin agrees; still nothing, until the owner allows it', async () => {
  const asked = { permission: 'google-data', fields: ['contact.phones'], reason: 'To call them.', destination: 'The telephone of Example Ltd.' };
  await operator('update', await made('1.0.1', asked));
  const waiting = ok(await owner.get(`/api/v1/plugins/${id}`));
  assert.equal(waiting.enabled, false);
  assert.ok(JSON.stringify(waiting).includes('contact.phones'), 'the admin reads which fields');
  ok(await owner.post(`/api/v1/plugins/${id}/enable`));
  const list = ok(await owner.get('/api/v1/connections/sharing')).items.find((item) => item.plugin === id);
  assert.deepEqual([list.allowed, list.fields, list.destination], [false, ['contact.phones'], asked.destination]);
  await act('forget');
  assert.deepEqual(marks(await aroundOnce(1, true)), []);
  const page = ok(await world.client().get(`/api/v1/privacy/${ok(await owner.get('/api/v1/me')).tenant.slug}`));
  const said = JSON.stringify(page);
  assert.ok(said.includes('their telephone numbers') && said.includes(asked.destination), 'the privacy page says so');
  assert.ok(!said.includes('Google data is not sold, rented, traded or shared with third parties.'), 'and no longer that nobody gets it');
});

test('allowed by the owner, it gets exactly that field, everywhere, and no other', async () => {
  ok(await sharing(true));
  await eventually('the push of what was withheld', async () => marks((await heard()).filter((h) => h.where === 'push').map((h) => h.what).join('\n')).length > 0);
  const all = await aroundOnce(1, true);
  assert.deepEqual(marks(all), ['phones']);
  assert.ok(!bornIn(all));
  for (const where of ['record', 'push']) assert.ok((await heard()).some((h) => h.where === where && h.what.includes(`${mark}-phones`)), where);
});

test('withdrawn, it gets nothing from that moment', async () => {
  ok(await sharing(false));
  await act('forget');
  await phone('create', 2);
  await pull('google-contacts');
  await eventually('the second client', () => clientOf(2));
  assert.deepEqual(marks(await aroundOnce(2, true)).filter((field) => field !== ''), []);
  const again = await heard();
  assert.ok(!again.some((h) => h.where === 'record' && h.what.includes(mark)));
  assert.ok((await audit()).includes('sharing.withdrawn'));
});

test('a time moved in Google Calendar is Google’s, until a person here moves it', async () => {
  assert.match((await connect(world, owner, 'google-calendar')).location, /connected=/);
  const staff = (await owner.get('/api/v1/staff')).json.items.find((s) => s.userId);
  const day = new Date(Date.now() + 86_400_000 * 20).toISOString().slice(0, 10);
  const input = { staffId: staff.id, title: 'Marked', contactIds: [client.id], start: `${day}T09:00`, durationMinutes: 30 };
  appointment = ok(await owner.post('/api/v1/appointments', input));
  const inCalendar = () => world.google(accountName).then((s) => s.accounts[0].calendars.find((c) => c.primary).events.find((e) => e.id.startsWith('crm') && e.summary.startsWith('Marked')));
  const event = await eventually('the event', inCalendar);
  assert.ok(!event.summary.includes(mark), 'and its title does not name who came from Google Contacts');
  await act('forget');
  const panel = async () => {
    await act('forget');
    ok(await owner.get(`/api/v1/plugins/${id}/ui/client.panel/v1?contact=${client.id}`));
    return JSON.parse((await heard()).find((h) => h.where === 'panel').what).appointments.find((a) => a.id === appointment.id);
  };
  assert.equal((await panel()).start, `${day}T09:00`);
  await world.simulator().post('/__sim/events', { account: accountName, action: 'update', eventId: event.id, event: { start: { dateTime: `${day}T13:00:00`, timeZone: appointment.timeZone }, end: { dateTime: `${day}T13:30:00`, timeZone: appointment.timeZone } } });
  await pull('google-calendar');
  const moved = await eventually('the move here', async () => { const now = (await owner.get(`/api/v1/appointments/${appointment.id}`)).json; return now.start === `${day}T13:00` && now; });
  const told = await panel();
  assert.equal(told.start, undefined);
  assert.equal(told.starts_at, undefined);
  ok(await owner.put(`/api/v1/appointments/${appointment.id}`, { ...input, kind: moved.kind, timeZone: moved.timeZone, notes: '', participants: [], start: `${day}T15:00` }, moved.version));
  assert.equal((await panel()).start, `${day}T15:00`);
});

test('Google Calendar names clients from Google Contacts once their owner allows it', async () => {
  ok(await owner.request('PUT', '/api/v1/connections/sharing/google-calendar', { body: { permission: 'google-data', allowed: true } }));
  await eventually('the name in the title', async () => JSON.stringify((await world.google(accountName)).accounts[0].calendars).includes(`${mark}-name-1`));
});

test('a file picked in Drive is not another plugin’s to read', async () => {
  assert.match((await connect(world, owner, 'google-drive')).location, /connected=/);
  const inDrive = (await world.google(accountName)).accounts[0].files.find((f) => f.name === 'Price list 2026.pdf');
  const begun = ok(await owner.post('/api/v1/files/pick', { multiple: false, returnTo: '/files', contactId: client.id }));
  const back = await throughGoogle(world.simulator(), begun.authorizationUrl, { account: accountName, pick: [inDrive.id] });
  await act('forget');
  assert.match((await owner.navigate(back.pathname + back.search)).headers.location, /picked=1/);
  const file = (await owner.get('/api/v1/files')).json.items.find((f) => f.name === inDrive.name);
  const lines = await eventually('what it hears of the file', async () => (await heard()).filter((h) => h.where === 'record' && h.what.includes(file.id)));
  for (const line of lines) assert.ok(!line.what.includes('Price list') && !line.what.includes(file.sha256) && !line.what.includes('"blob":'), line.what);
});
