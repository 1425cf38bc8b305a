// SPDX-License-Identifier: Apache-2.0
// Where the admin chose so, appointments go to a calendar made for them: less is asked of Google, nothing else in the
// account can be written, and what stands in the main calendar still keeps its hours from being booked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, eventually } from '../support/portico.mjs';

const scope = (name) => `https://www.googleapis.com/auth/${name}`;
const date = new Date(Date.now() + 86_400_000 * 8).toISOString().slice(0, 10), at = (time) => `${date}T${time}`;
let world, owner, staff;
before(async () => {
  world = await World.start();
  owner = await world.owner();
  staff = (await owner.get('/api/v1/staff')).json.items.find((each) => each.userId);
});
after(() => world?.stop());

const google = async () => (await world.google(accountName)).accounts[0];
const calendars = async () => (await google()).calendars.filter((each) => !each.deleted);
const main = async () => (await calendars()).find((each) => each.primary);
const apart = async () => (await calendars()).filter((each) => each.summary === 'Appointments');
const ours = (calendar) => calendar.events.filter((each) => each.id.startsWith('crm') && each.status !== 'cancelled');
const choose = async (where) => assert.equal((await owner.request('PUT', '/api/v1/plugins/google-calendar/settings', { body: { values: { where } } })).status, 200);
const asked = ({ asked: url }) => url.searchParams.get('scope').split(' ').filter((each) => each.startsWith('https://www.googleapis.com/auth/calendar')).sort();
const book = (title, start) => owner.post('/api/v1/appointments', { kind: 'meeting', title, staffId: staff.id, start, timeZone: 'UTC', durationMinutes: 30 });
const arrives = async (title, start) => {
  const booked = await book(title, start);
  assert.equal(booked.status, 201, booked.text);
  await eventually(`${title} in its calendar`, async () => (await apart()).some((each) => ours(each).some((event) => event.summary === title)));
  return booked.json;
};
const narrow = [scope('calendar.app.created'), scope('calendar.calendarlist.readonly'), scope('calendar.events.freebusy')];

test('a person is asked for what the choice needs, and a calendar is made for the appointments', async () => {
  const before_ = (await main()).events.length;
  await choose('dedicated');
  assert.deepEqual(asked(await connect(world, owner, 'google-calendar')), narrow);
  assert.deepEqual((await owner.get('/api/v1/connections')).json.items[0].scopes.map((each) => each.scope).sort(), narrow, 'the other choice is not in the list');
  const { json } = await owner.post('/api/v1/connections/begin', { plugin: 'google-calendar', scopeSet: 'own', returnTo: '/connections' });
  assert.equal(json.code, 'invalid_body', 'nobody but an admin chooses');
  await arrives('Planning', at('08:00'));
  const made = await apart();
  assert.equal(made.length, 1);
  assert.equal((await main()).events.length, before_, 'nothing came into the main calendar');
});

test('what changes there changes here, and goes there when it goes here', async () => {
  const booked = await arrives('Tasting', at('10:00'));
  const event = async () => ours((await apart())[0]).find((each) => each.summary === 'Tasting');
  await world.simulator().post('/__sim/events', { account: accountName, calendarId: (await apart())[0].id, action: 'update', eventId: (await event()).id,
    event: { start: { dateTime: `${at('10:30')}:00`, timeZone: 'UTC' }, end: { dateTime: `${at('11:00')}:00`, timeZone: 'UTC' } } });
  const moved = await eventually('moved', async () => {
    await owner.post('/api/v1/sync/run', { plugin: 'google-calendar' });
    const { json } = await owner.get(`/api/v1/appointments/${booked.id}`);
    return json.startsAt.includes('10:30') && json.sync[0].state === 'synced' && json;
  });
  assert.equal((await owner.delete(`/api/v1/appointments/${booked.id}`, moved.version)).status, 204);
  await eventually('gone there', async () => !(await event()));
});

test('an hour taken in the main calendar cannot be booked', async () => {
  const [{ id }] = (await main()).events.filter((each) => !each.id.startsWith('crm'));
  const when = (time) => ({ dateTime: `${at(time)}:00`, timeZone: 'UTC' });
  assert.equal((await world.simulator().post('/__sim/events', { account: accountName, calendarId: 'primary', action: 'update', eventId: id, event: { start: when('18:00'), end: when('19:00') } })).status, 200);
  await owner.post('/api/v1/sync/run', { plugin: 'google-calendar' });
  await eventually('the hour taken', async () => (await owner.get(`/api/v1/availability?staffId=${staff.id}&date=${date}`)).json.busy.some((each) => each.kind === 'external' && each.startsAt.includes('18:00')));
  assert.equal((await book('Late one', at('18:15'))).json.code, 'double_booking');
});

test('a connection that is made again keeps its calendar, whatever the admin chooses meanwhile', async () => {
  await choose('own');
  assert.deepEqual(asked(await connect(world, owner, 'google-calendar')), narrow);
  await arrives('After the change', at('12:00'));
  assert.equal((await apart()).length, 1);
});

test('who left and comes back finds the same calendar, and with the other choice the main one', async () => {
  const leave = async () => {
    const [connection] = (await owner.get('/api/v1/connections')).json.items;
    assert.equal((await owner.delete(`/api/v1/connections/${connection.id}`)).status, 200);
  };
  await leave();
  await choose('dedicated');
  await connect(world, owner, 'google-calendar');
  await arrives('Back again', at('14:00'));
  assert.equal((await apart()).length, 1);
  await leave();
  await choose('own');
  assert.deepEqual(asked(await connect(world, owner, 'google-calendar')), [scope('calendar.calendarlist.readonly'), scope('calendar.events.freebusy'), scope('calendar.events.owned')]);
  assert.equal((await book('In the main one', at('15:00'))).status, 201);
  await eventually('in the main calendar', async () => ours(await main()).some((event) => event.summary === 'In the main one'));
});

test('none of it was anything that Google would refuse', async () => {
  assert.deepEqual((await world.google(accountName)).violations, []);
});
