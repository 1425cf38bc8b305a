// SPDX-License-Identifier: Apache-2.0
// The whole life of what the CRM puts into a Google Calendar: made, changed and gone there as here, nothing else touched,
// nobody mailed; and what fills that calendar otherwise keeps its hours from being booked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, eventually } from '../support/portico.mjs';

const day = (ahead) => new Date(Date.now() + 86_400_000 * ahead).toISOString().slice(0, 10);
const date = day(8), at = (time) => `${date}T${time}`;
let world, owner, staff, contact, service;

before(async () => {
  world = await World.start();
  owner = await world.owner();
  const first = async (path, wanted = () => true) => (await owner.get(path)).json.items.find(wanted);
  staff = await first('/api/v1/staff', (each) => each.userId);
  contact = await first('/api/v1/contacts');
  service = await first('/api/v1/services');
  await connect(world, owner, 'google-calendar');
});
after(() => world?.stop());

const google = async () => (await world.google(accountName)).accounts[0];
const events = async () => (await google()).calendars.find((each) => each.primary).events;
const here = (id, path) => owner.get(`/api/v1/${path}/${id}`);
const starts = (event) => Date.parse(event.start.dateTime);

// One record with its event at Google, and what can be done to both.
class Pair {
  static async make(path, input, summary) {
    const made = await owner.post(`/api/v1/${path}`, input);
    assert.equal(made.status, 201, made.text);
    const pair = new Pair();
    Object.assign(pair, { path, id: made.json.id, input });
    pair.event = (await eventually(`${summary} in Google`, async () => (await events()).find((each) => each.summary.includes(summary) && each.status !== 'cancelled'))).id;
    return pair;
  }
  async there() { return (await events()).find((each) => each.id === this.event && each.status !== 'cancelled'); }
  // The version that both sides have.
  async version() {
    return eventually(`${this.path} the same on both sides`, async () => {
      const { json } = await here(this.id, this.path);
      return json.sync.length === 1 && json.sync[0].state === 'synced' && json.version;
    });
  }
  async change(what, differs) {
    const answer = await owner.put(`/api/v1/${this.path}/${this.id}`, { ...this.input, ...what }, await this.version());
    assert.equal(answer.status, 200, answer.text);
    await eventually(`${JSON.stringify(what)} in Google`, async () => { const event = await this.there(); return event && differs(event, answer.json); });
  }
  async remove() {
    const answer = await owner.delete(`/api/v1/${this.path}/${this.id}`, await this.version());
    assert.equal(answer.status, 204, answer.text);
    await eventually(`${this.path} gone from Google`, async () => !(await this.there()));
    assert.equal((await here(this.id, this.path)).status, 404);
  }
}

test('P03 a meeting changes and goes at Google with the CRM', async () => {
  const meeting = await Pair.make('appointments', { kind: 'meeting', title: 'Planning', staffId: staff.id, start: at('08:00'), durationMinutes: 30 }, 'Planning');
  await meeting.change({ title: 'Planning the spring' }, (event) => event.summary === 'Planning the spring');
  await meeting.remove();
});

test('P03 a follow-up changes and goes at Google with the CRM', async () => {
  const call = await Pair.make('follow-ups', { contactId: contact.id, staffId: staff.id, title: 'Ask about the fringe', date }, 'Ask about the fringe');
  await call.change({ date: day(9) }, (event) => event.start.date === day(9));
  await call.remove();
});

test('P05 an appointment goes from Google when it is deleted here', async () => {
  const booked = await Pair.make('appointments', { staffId: staff.id, serviceId: service.id, contactIds: [contact.id], title: 'Cut and colour', start: at('09:00'), durationMinutes: 60 }, 'Cut and colour');
  await booked.change({ start: at('10:00') }, (event, now) => starts(event) === Date.parse(now.startsAt));
  await booked.remove();
});

test('P07 a block time moves and goes at Google with the CRM', async () => {
  const block = await Pair.make('block-times', { staffId: staff.id, title: 'School run', start: at('13:00'), durationMinutes: 45 }, 'School run');
  await block.change({ start: at('13:30') }, (event, now) => starts(event) === Date.parse(now.startsAt));
  await block.remove();
});

test('P08 a participant is added and removed at Google, and nobody is mailed', async () => {
  const guests = ['sam.stylist@gmail.test', 'ann@guest.test'].map((email) => ({ name: email.split('@')[0], email }));
  const emails = (event) => (event.attendees ?? []).map((each) => each.email).sort().join();
  const meeting = await Pair.make('appointments', { kind: 'meeting', title: 'Tasting', staffId: staff.id, start: at('16:00'), durationMinutes: 30, participants: guests.slice(0, 1) }, 'Tasting');
  assert.equal(emails(await meeting.there()), 'sam.stylist@gmail.test');
  await meeting.change({ participants: guests }, (event) => emails(event) === 'ann@guest.test,sam.stylist@gmail.test');
  await meeting.change({ participants: guests.slice(1) }, (event) => emails(event) === 'ann@guest.test');
  await meeting.change({ participants: [] }, (event) => emails(event) === '');
  assert.deepEqual((await google()).mails, []);
});

test('P06 an hour that is taken in the connected calendar cannot be booked here, and is free again with it', async () => {
  const [{ id: foreign }] = (await events()).filter((each) => !each.id.startsWith('crm'));
  const sim = async (body) => {
    const answer = await world.simulator().post('/__sim/events', { account: accountName, calendarId: 'primary', ...body });
    assert.equal(answer.status, 200, answer.text);
  };
  const when = (time) => ({ dateTime: `${at(time)}:00`, timeZone: 'UTC' });
  await sim({ action: 'update', eventId: foreign, event: { start: when('18:00'), end: when('19:00') } });
  const book = (start) => owner.post('/api/v1/appointments', { kind: 'meeting', title: 'Late one', staffId: staff.id, start, timeZone: 'UTC', durationMinutes: 30 });
  const busy = async () => (await owner.get(`/api/v1/availability?staffId=${staff.id}&date=${date}`)).json;
  const look = async (taken) => {
    await owner.post('/api/v1/sync/run', { plugin: 'google-calendar' });
    await eventually(taken ? 'the hour taken' : 'the hour free', async () => (await busy()).busy.some((each) => each.kind === 'external') === taken);
  };
  await look(true);
  const refused = await book(at('18:15'));
  assert.equal(refused.status, 409, refused.text);
  assert.equal(refused.json.code, 'double_booking');
  assert.match(refused.json.detail, /Busy in another calendar/);
  assert.deepEqual(refused.json.conflicts.map((each) => [each.kind, each.title]), [['external', null]], 'that it is taken, not by what');
  assert.equal((await book(at('19:00'))).status, 201, 'the hour behind it is free');
  await sim({ action: 'delete', eventId: foreign });
  await look(false);
  assert.equal((await book(at('18:15'))).status, 201);
});

test('none of it was anything that Google would refuse', async () => {
  assert.deepEqual((await world.google(accountName)).violations, []);
});
