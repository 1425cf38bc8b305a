// SPDX-License-Identifier: Apache-2.0
// P19: technical problems can be found out without reading about people. Everything is walked, at the most talkative log
// level, with a mark in each thing that is personal, and with all that goes wrong on the way; what server, vault, runners
// and supervisor print afterwards holds no mark, no address, no password, no token, and still names each problem.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountName, connect, throughGoogle } from '../support/google.mjs';
import { World, eventually, password } from '../support/portico.mjs';

const mark = 'Vq4Mark', tokenMark = 'LogToken5kPw';
const plugins = ['google-contacts', 'google-calendar', 'google-drive'];
let world, owner;

before(async () => {
  world = await World.start({
    serve: ['--log-level', 'trace'],
    seed: { tokenMark, canaryEventTitle: `${mark}Title`, accounts: [{ email: accountName, name: `${mark}Account`, timeZone: 'Europe/London',
      files: [{ name: `${mark}File.txt`, mimeType: 'text/plain', text: `${mark}Text` }], events: [{ summary: `${mark}Event`, start: { dateTime: '2026-12-01T10:00:00Z' }, end: { dateTime: '2026-12-01T11:00:00Z' } }] }] },
  });
  owner = await world.owner();
});
after(() => world?.stop());

const google = async () => (await world.google(accountName)).accounts[0];
const run = (plugin) => owner.post('/api/v1/sync/run', { plugin });
const phone = (body) => world.simulator().post('/__sim/contacts', { account: accountName, ...body });
const fault = (rule) => world.simulator().post('/__sim/faults', rule);
const marked = async () => (await owner.get('/api/v1/contacts?limit=200')).json.items.find((c) => JSON.stringify(c.card).includes(`${mark}Phone`));
const logged = (event) => eventually(`${event} in the log`, () => world.log.includes(`"event":"${event}"`));

test('everything is walked, and much goes wrong', async () => {
  const somebody = world.client();
  for (const email of ['owner@demo.test', `${mark}Nobody@demo.test`]) await somebody.post('/api/v1/session', { email, password: `${mark}WrongPassword` });
  for (const plugin of plugins) assert.match((await connect(world, owner, plugin)).location, /connected=/);
  await connect(world, owner, 'google-contacts', { cancel: true });
  await phone({ action: 'create', person: { names: [{ givenName: `${mark}Given`, familyName: `${mark}Family` }], emailAddresses: [{ value: `${mark}Phone@mark.test` }], phoneNumbers: [{ value: '+44 20 7946 0707' }], biographies: [{ value: `${mark}Note` }] } });
  await phone({ action: 'create', person: { names: [{ givenName: `${mark}Long` }], biographies: [{ value: `${mark}Note `.repeat(8000) }] } });  // longer than a note may be here
  await run('google-contacts');
  const here = await eventually('the marked client', marked);

  // Changed on both sides, refused by the service, unreachable, and cards that are none.
  const card = { ...here.card, emails: { ...here.card.emails, own: { address: `${mark}Own@mark.test` } } };
  await fault({ match: { host: 'people.googleapis.com', method: 'POST' }, times: 1, respond: { status: 400 } });
  assert.equal((await owner.put(`/api/v1/contacts/${here.id}`, { card }, here.version)).status, 200);
  for (const bad of [{ emails: { [`${mark}Key`]: {} } }, { notes: `${mark}NoMap` }, { keywords: { [`${mark}Word`]: 1 } }])
    assert.equal((await owner.post('/api/v1/contacts', { card: bad })).status, 400);
  await owner.get(`/api/v1/contacts?q=${mark}Search&limit=0`);
  await owner.get(`/api/v1/contacts/${mark}Path`);
  await owner.request('POST', '/api/v1/contacts', { raw: Buffer.from(`{"card": ${mark}NotJson`), headers: { 'content-type': 'application/json' } });
  await owner.request('POST', '/api/v1/contacts/imports', { raw: Buffer.from(`Name,E-mail 1 - Value\n${mark}Line,"broken ${mark}`), headers: { 'content-type': 'text/csv' } });

  const staff = (await owner.get('/api/v1/staff')).json.items.find((s) => s.userId);
  const start = new Date(Date.now() + 86_400_000 * 9).toISOString().slice(0, 10) + 'T09:00';
  const booking = { staffId: staff.id, title: `${mark}Cut`, contactIds: [here.id], start, durationMinutes: 30, notes: `${mark}Notes`, participants: [{ name: `${mark}Guest`, email: `${mark}Guest@mark.test` }], kind: 'meeting' };
  assert.equal((await owner.post('/api/v1/appointments', booking)).status, 201);
  assert.equal((await owner.post('/api/v1/appointments', booking)).status, 409);
  await eventually('the meeting in Google', async () => JSON.stringify((await google()).calendars).includes(`${mark}Cut`));

  const file = await owner.request('POST', `/api/v1/files?name=${mark}Upload.txt`, { raw: Buffer.from(`${mark}Content`), headers: { 'content-type': 'text/plain' } });
  await fault({ match: { path: '/upload/drive/v3/files' }, times: 1, respond: { status: 403 } });
  await owner.post(`/api/v1/files/${file.json.id}/drive`, {});
  await owner.post(`/api/v1/files/${file.json.id}/drive`, {});
  await owner.post(`/api/v1/files/${file.json.id}/shares`, { email: `${mark}Share@mark.test`, role: 'reader' });
  const inDrive = (await google()).files.find((f) => f.name === `${mark}File.txt`);
  const begun = await owner.post('/api/v1/files/pick', { multiple: false, returnTo: '/files' });
  const back = await throughGoogle(world.simulator(), begun.json.authorizationUrl, { account: accountName, pick: [inDrive.id] });
  assert.match((await owner.navigate(back.pathname + back.search)).headers.location, /picked=1/);

  assert.equal((await owner.post('/api/v1/users', { email: `${mark}Invited@demo.test`, name: `${mark}Invited`, role: 'staff', password: `${mark} secret words` })).status, 201);
  await fault({ match: { method: 'POST', path: '/token' }, times: 1, respond: { preset: 'invalid_grant' } });
  await world.simulator().post('/__sim/expire-access-tokens', {});
  for (const plugin of plugins.slice(0, 2)) await run(plugin);
  await eventually('a connection that needs its owner', async () => (await owner.get('/api/v1/connections')).json.items.some((c) => c.state !== 'connected'));
  await fault({ match: { host: 'people.googleapis.com' }, times: 2, respond: { status: 503 } });  // last: whoever meets it waits
  await run('google-contacts');
  await owner.post('/api/v1/connections/disconnect-google', { account: accountName });
});

test('P19 no log line of any process holds a name, an address, a number, a password or a token', () => {
  const all = world.log.split('\n').filter((line) => line.startsWith('{') || /^\w+ \{/.test(line));  // the demo's greeting is none
  for (const process_ of ['server', 'vault']) assert.ok(all.some((line) => line.startsWith(process_)), process_);
  assert.ok(all.length > 10, world.log);
  const lines = all.filter((line) => [mark, tokenMark, accountName, password, 'owner@demo.test', '7946 0707', '@mark.test'].some((secret) => line.toLowerCase().includes(secret.toLowerCase())));
  assert.deepEqual(lines.map((line) => line.slice(0, 400)), []);
});

test('and what went wrong is still found there, by its kind and its ids', async () => {
  for (const event of ['identity.sign_in_failed', 'connection_refused', 'jobs.failed', 'sync.pulled', 'sync.item_refused']) await logged(event);
  assert.match(world.log, /"trace":"[0-9a-f]{32}"/);
});
