// SPDX-License-Identifier: Apache-2.0
// The five-minute walk of the README over HTTPS, with every process and the simulator running: what a salon owner does on
// the first morning, and what must be true afterwards on both sides.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { scanFiles } from '../support/canary.mjs';
import { accountName, connect, scopesAsked, throughGoogle } from '../support/google.mjs';
import { World, eventually } from '../support/portico.mjs';

let world, owner;
before(async () => { world = await World.start(); owner = await world.owner(); });
after(() => world?.stop());

const google = async () => (await world.google(accountName)).accounts[0];
const liveContacts = async () => (await google()).contacts.filter((c) => !c.deleted);
const primary = async () => (await google()).calendars.find((c) => c.primary);
const startsAt = (event, instant) => event.start?.dateTime && Date.parse(event.start.dateTime) === Date.parse(instant);
const ours = async () => (await primary()).events.filter((e) => e.id.startsWith('crm'));
const tomorrow = (time) => new Date(Date.now() + 86_400_000 * 8).toISOString().slice(0, 10) + `T${time}`;
const find = async (path, test_) => (await owner.get(path)).json.items.find(test_);
const auditTypes = async () => (await owner.get('/api/v1/audit-events?limit=200')).json.items.map((e) => e.type);

test('the demo salon is there: clients, staff, services and a calendar', async () => {
  const me = (await owner.get('/api/v1/me')).json;
  assert.equal(me.user.role, 'owner');
  assert.equal(me.demo, true);
  assert.ok((await owner.get('/api/v1/contacts')).json.items.length >= 5);
  assert.ok((await owner.get('/api/v1/staff')).json.items.length >= 2);
  assert.ok((await owner.get('/api/v1/services')).json.items.length >= 3);
});

test('each plugin asks for its own consent, and gets only its own scopes', async () => {
  for (const plugin of ['google-contacts', 'google-calendar', 'google-drive']) {
    const declared = scopesAsked((await owner.get(`/api/v1/plugins/${plugin}`)).json.asks.connections[0]);
    const { status, location, asked } = await connect(world, owner, plugin);
    const wished = asked.searchParams.get('scope').split(' ').filter((scope) => !['openid', 'email'].includes(scope));
    assert.deepEqual(wished.sort(), declared.sort(), `what ${plugin} declares, and nothing else`);
    assert.notEqual(asked.searchParams.get('include_granted_scopes'), 'true', 'nor what another plugin was granted');
    assert.equal(status, 303);
    assert.match(location, new RegExp(`/connections\\?.*connected=${plugin}`), location);
  }
  const connections = (await owner.get('/api/v1/connections')).json.items;
  assert.deepEqual(connections.map((c) => c.plugin).sort(), ['google-calendar', 'google-contacts', 'google-drive']);
  for (const connection of connections) {
    assert.equal(connection.account, accountName);
    assert.equal(connection.state, 'connected');
    assert.ok(connection.scopes.every((s) => s.granted && s.reason.length > 10), JSON.stringify(connection.scopes));
  }
  const contacts = connections.find((c) => c.plugin === 'google-contacts');
  assert.ok(!contacts.scopes.some((s) => /calendar|drive/.test(s.scope)));
});

test('a client saved here appears in Google Contacts, changes and goes with it', async () => {
  const card = { '@type': 'Card', version: '1.0', name: { full: 'Grace Hopper', components: [{ kind: 'given', value: 'Grace' }, { kind: 'surname', value: 'Hopper' }] }, emails: { e1: { address: 'grace@navy.test' } }, phones: { p1: { number: '+44 20 7946 0001' } } };
  const made = await owner.post('/api/v1/contacts', { card });
  assert.equal(made.status, 201, made.text);
  const there = await eventually('Grace in Google Contacts', async () => (await liveContacts()).find((c) => c.names?.[0]?.familyName === 'Hopper'));
  assert.equal(there.emailAddresses[0].value, 'grace@navy.test');

  const synced = await eventually('the synced state', async () => {
    const now = (await owner.get(`/api/v1/contacts/${made.json.id}`)).json;
    return now.sync.some((s) => s.plugin === 'google-contacts' && s.state === 'synced') && now;
  });
  card.phones.p1.number = '+44 20 7946 0002';
  assert.equal((await owner.put(`/api/v1/contacts/${made.json.id}`, { card }, synced.version)).status, 200);
  await eventually('the new number in Google', async () => (await liveContacts()).find((c) => c.phoneNumbers?.[0]?.value === '+44 20 7946 0002'));

  const before_ = (await liveContacts()).filter((c) => c.names?.[0]?.familyName === 'Hopper').length;
  assert.equal(before_, 1);
  const now = (await owner.get(`/api/v1/contacts/${made.json.id}`)).json;
  assert.equal((await owner.delete(`/api/v1/contacts/${made.json.id}`, now.version)).status, 204);
  await eventually('Grace gone from Google', async () => !(await liveContacts()).some((c) => c.names?.[0]?.familyName === 'Hopper'));
});

test('a change made on the phone comes back, and both sides keep theirs', async () => {
  const there = await eventually('a demo client in Google', async () => (await liveContacts()).find((c) => c.emailAddresses?.length));
  const mail = there.emailAddresses[0].value;
  await world.simulator().post('/__sim/contacts', { account: accountName, action: 'update', resourceName: there.resourceName, person: { phoneNumbers: [{ value: '+44 7700 900999', type: 'mobile' }] } });
  await owner.post('/api/v1/sync/run', { plugin: 'google-contacts' });
  await eventually('the number here', async () => {
    const here = await find(`/api/v1/contacts?q=${encodeURIComponent(mail)}`, () => true);
    return here && JSON.stringify(here.card.phones ?? {}).includes('900999');
  });
});

let appointment;
test('an appointment becomes an event, moves with it, and a double booking is refused in words', async () => {
  const staff = await find('/api/v1/staff', (s) => s.userId);
  const service = await find('/api/v1/services', () => true);
  const contact = await find('/api/v1/contacts', () => true);
  const input = { staffId: staff.id, serviceId: service.id, contactIds: [contact.id], start: tomorrow('10:00'), durationMinutes: 60 };
  const made = await owner.post('/api/v1/appointments', input);
  assert.equal(made.status, 201, made.text);
  appointment = made.json;
  const event = await eventually('the event in Google', async () => (await ours()).find((e) => startsAt(e, appointment.startsAt)));
  assert.equal(event.extendedProperties.private.portico, '1');

  const clash = await owner.post('/api/v1/appointments', { ...input, start: tomorrow('10:30') });
  assert.equal(clash.status, 409);
  assert.equal(clash.json.code, 'double_booking');
  assert.equal(clash.json.conflicts[0].id, appointment.id);

  const now = (await owner.get(`/api/v1/appointments/${appointment.id}`)).json;
  const { kind, title, contactIds, serviceId, staffId, timeZone, durationMinutes, notes, participants } = now;
  const moved = await owner.put(`/api/v1/appointments/${appointment.id}`, { kind, title, contactIds, serviceId, staffId, timeZone, durationMinutes, notes, participants, start: tomorrow('14:00') }, now.version);
  assert.equal(moved.status, 200, moved.text);
  appointment = moved.json;
  await eventually('the event at its new time', async () => (await ours()).find((e) => e.id === event.id && startsAt(e, appointment.startsAt)));
});

test('meetings, block times and follow-ups become events too', async () => {
  const staff = await find('/api/v1/staff', (s) => s.userId);
  const contact = await find('/api/v1/contacts', () => true);
  for (const [path, body] of [
    ['/api/v1/appointments', { kind: 'meeting', title: 'Team meeting', staffId: staff.id, start: tomorrow('16:00'), durationMinutes: 30, participants: [{ name: 'Sam', email: 'sam.stylist@gmail.test' }] }],
    ['/api/v1/block-times', { staffId: staff.id, title: 'Dentist trip', start: tomorrow('17:00'), durationMinutes: 45 }],
    ['/api/v1/follow-ups', { contactId: contact.id, staffId: staff.id, title: 'Call about colour', date: tomorrow('').slice(0, 10) }],
  ]) {
    const made = await owner.post(path, body);
    assert.equal(made.status, 201, made.text);
  }
  await eventually('all three in Google', async () => {
    const events = await ours();
    const meeting = events.find((e) => e.summary === 'Team meeting');
    const allDay = events.find((e) => /Call about colour/.test(e.summary) && e.start.date);
    return meeting?.attendees?.some((a) => a.email === 'sam.stylist@gmail.test') && events.some((e) => e.summary === 'Dentist trip') && allDay?.transparency === 'transparent';
  });
  assert.equal((await google()).mails.length, 0, 'nobody gets an e-mail unasked');
});

test('an event moved or cancelled in Google Calendar follows here', async () => {
  const event = (await ours()).find((e) => startsAt(e, appointment.startsAt));
  const at = (time) => ({ dateTime: `${tomorrow(time)}:00`, timeZone: event.start.timeZone });
  await world.simulator().post('/__sim/events', { account: accountName, action: 'update', calendarId: 'primary', eventId: event.id, event: { start: at('11:00'), end: at('12:00') } });
  await owner.post('/api/v1/sync/run', { plugin: 'google-calendar' });
  await eventually('the appointment at 11', async () => (await owner.get(`/api/v1/appointments/${appointment.id}`)).json.start === tomorrow('11:00'));
  await world.simulator().post('/__sim/events', { account: accountName, action: 'delete', calendarId: 'primary', eventId: event.id });
  await owner.post('/api/v1/sync/run', { plugin: 'google-calendar' });
  await eventually('the appointment cancelled', async () => (await owner.get(`/api/v1/appointments/${appointment.id}`)).json.status === 'cancelled');
});

test('a file picked in Drive is attached; an upload goes there and is shared; nothing else is seen', async () => {
  const contact = await find('/api/v1/contacts', () => true);
  const inDrive = (await google()).files.find((f) => f.name === 'Price list 2026.pdf');
  const begun = await owner.post('/api/v1/files/pick', { contactId: contact.id, returnTo: `/clients/${contact.id}` });
  const back = await throughGoogle(world.simulator(), begun.json.authorizationUrl, { account: accountName, pick: [inDrive.id] });
  const landed = await owner.navigate(back.pathname + back.search);
  assert.equal(landed.status, 303);
  assert.match(landed.headers.location, /picked=1/);
  const file = await eventually('the picked file', async () => find('/api/v1/files', (f) => f.name === 'Price list 2026.pdf' && f.sha256));
  assert.equal(file.contactId, contact.id);
  const content = await owner.get(`/api/v1/files/${file.id}/content`);
  assert.equal(content.bytes.length, inDrive.size);

  const bytes = Buffer.alloc(700_000, 'portico');
  const made = await owner.request('POST', `/api/v1/files?name=consent.bin&contactId=${contact.id}`, { raw: bytes, headers: { 'content-type': 'application/octet-stream' } });
  assert.equal(made.status, 201, made.text);
  const sent = await owner.post(`/api/v1/files/${made.json.id}/drive`, {});
  assert.ok(sent.status < 300, sent.text);
  const stored = await eventually('the upload in Drive', async () => (await google()).files.find((f) => f.name === 'consent.bin' && f.size === bytes.length));
  const shared = await owner.post(`/api/v1/files/${made.json.id}/shares`, { email: 'sam.stylist@gmail.test', role: 'reader' });
  assert.ok(shared.status < 300, shared.text);
  await eventually('the share', async () => (await google()).files.find((f) => f.id === stored.id).permissions.some((p) => p.emailAddress === 'sam.stylist@gmail.test'));
  const touched = (await google()).files.filter((f) => f.apps.length).map((f) => f.name).sort();
  assert.deepEqual(touched, ['Price list 2026.pdf', 'consent.bin']);
});

test('the foreign event of the calendar never came here', async () => {
  const canary = (await primary()).events.find((e) => !e.id.startsWith('crm'));
  assert.ok(canary?.summary, 'the simulator holds a foreign event');
  const everything = await Promise.all(['/api/v1/appointments?from=2020-01-01&to=2035-01-01', '/api/v1/audit-events?limit=500', '/api/v1/block-times?from=2020-01-01&to=2035-01-01'].map((path) => owner.get(path)));
  for (const answer of everything) assert.ok(!answer.text.includes(canary.summary), canary.summary);
  assert.deepEqual(scanFiles(world.data, canary.summary).hits, [], 'nor into any file');
});

test('every step stands in the audit log, and what was done in my name is listed', async () => {
  await eventually('the log to have caught up', async () => {
    const types = await auditTypes();
    return ['contact.created', 'contact.deleted', 'appointment.created', 'connection.connected', 'file.created'].every((type) => types.includes(type));
  });
  const uses = (await owner.get('/api/v1/connections/uses?limit=500')).json.items;
  assert.ok(uses.some((u) => u.plugin === 'google-contacts' && u.host === 'people.googleapis.com'));
  assert.ok(uses.every((u) => u.method && u.path && Number.isInteger(u.status)));
  assert.ok((await owner.get('/api/v1/connections/log')).json.items.some((l) => l.kind === 'connected'));
});

test('disconnecting Google revokes there, removes here, and gives a receipt', async () => {
  assert.ok((await google()).grants.length > 0);
  const receipt = await owner.post('/api/v1/connections/disconnect-google', { account: accountName });
  assert.equal(receipt.status, 200, receipt.text);
  assert.equal(receipt.json.revoked, 'confirmed');
  assert.ok(receipt.json.number);
  assert.equal(receipt.json.removed.length, 3);
  assert.deepEqual((await owner.get('/api/v1/connections')).json.items, []);
  assert.equal((await google()).grants.length, 0);
  assert.deepEqual((await owner.get('/api/v1/sync')).json.items, []);
  await eventually('the disconnect in the audit log', async () => (await auditTypes()).includes('connection.disconnected'));
});

test('the simulator saw no request that Google would refuse', async () => {
  assert.deepEqual((await world.google(accountName)).violations, []);
});
