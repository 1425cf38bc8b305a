// SPDX-License-Identifier: Apache-2.0
// Notifications from Google Calendar, end to end: the server asks for them, the simulator posts them over TLS, and what was
// moved there moves here, although the next look by itself is a day away.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, eventually, runCli } from '../support/portico.mjs';
import { ThirdParty } from '../support/third_party.mjs';

const listing = (entry) => entry.method === 'GET' && /\/events$/.test(entry.path);
let world, owner, folder;
before(async () => {
  folder = new ThirdParty();
  folder.release((manifest) => { manifest.streams[0].every = 'P1D'; }, 'google-calendar');
  world = await World.start({ plugins: folder.plugins, keys: folder.keys, config: '\nsync.webhooks = true\n' });
  owner = await world.owner();
});
after(async () => { await world?.stop(); folder?.remove(); });

const sim = async (path, body) => {
  const answer = body ? await world.simulator().post(`/__sim/${path}`, body) : await world.simulator().get(`/__sim/${path}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const refused = () => world.log.split('sync.notification_refused').length - 1;
const channels = async () => (await world.google(accountName)).channels;
const listings = async () => (await sim('requests')).requests.filter(listing).length;
const stream = async () => (await owner.get('/api/v1/sync')).json.items.find((each) => each.plugin === 'google-calendar');
const day = new Date(Date.now() + 86_400_000 * 8).toISOString().slice(0, 10);
const post = (address, headers = {}) => world.client().request('POST', new URL(address).pathname, { headers: { origin: undefined, 'sec-fetch-site': undefined, ...headers } });
const genuine = (channel, more = {}) => ({
  'x-goog-channel-id': channel.id, 'x-goog-channel-token': channel.token, 'x-goog-resource-id': channel.resourceId,
  'x-goog-resource-state': 'exists', 'x-goog-message-number': '77', ...more,
});
// Whatever was posted has led to its pulls or to none: an accepted post, a change here and the work that follows from either
// are in the database until they are done (a look that failed included), so nothing of them there means nothing to come.
const settled = () => eventually('nothing left to do for the calendar', () => world.sql('crm/portico.db',
  `SELECT (SELECT count(*) FROM jobs WHERE kind IN ('sync.start', 'sync.pull', 'sync.push', 'sync.receive'))
        + (SELECT count(*) FROM outbox_heads JOIN event_consumers USING (tenant_id) WHERE consumer = 'sync' AND acked_seq < seq)`) === '0');

let appointment, connection;
test('a new connection is watched, and says so', async () => {
  await connect(world, owner, 'google-calendar');
  connection = (await owner.get('/api/v1/connections')).json.items.find((each) => each.plugin === 'google-calendar');
  await eventually('the watch', async () => (await stream())?.notifications.state === 'on');
  const [channel] = await channels();
  assert.match(channel.address, new RegExp(`^${world.origin}/hooks/[A-Za-z0-9_-]{43}$`), 'a secret of 256 bits');
  await eventually('the first post', async () => (await channels())[0].posts[0]?.outcome === 204);
  const staff = (await owner.get('/api/v1/staff')).json.items.find((each) => each.userId);
  const made = await owner.post('/api/v1/appointments', { kind: 'meeting', title: 'Stock-taking', staffId: staff.id, start: `${day}T10:00`, durationMinutes: 60 });
  assert.equal(made.status, 201, made.text);
  appointment = made.json;
});

test('an event moved in Google moves here at once', async () => {
  const events = async () => (await world.google(accountName)).accounts[0].calendars.find((each) => each.primary).events;
  const event = await eventually('the event there', async () => (await events()).find((each) => each.summary === 'Stock-taking'));
  await eventually('both the same', async () => (await stream()).pending === 0);
  await settled();
  const at = (time) => ({ dateTime: `${day}T${time}:00`, timeZone: event.start.timeZone });
  await sim('events', { account: accountName, action: 'update', calendarId: 'primary', eventId: event.id, event: { start: at('15:00'), end: at('16:00') } });
  await eventually('the appointment at 15', async () => (await owner.get(`/api/v1/appointments/${appointment.id}`)).json.start === `${day}T15:00`, 15_000);
});

test('what is not from Google changes nothing, and an unknown address is told nothing', async () => {
  await settled();
  const before = await listings();
  const [channel] = await channels();
  const unknown = await post('https://x/hooks/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', genuine(channel));
  assert.equal(unknown.status, 404);
  assert.equal(unknown.headers.location, undefined);
  for (const wrong of [{ 'x-goog-channel-token': 'guessed' }, { 'x-goog-channel-token': undefined }, { 'x-goog-channel-id': 'other' }, { 'x-goog-resource-id': 'other' }, { 'x-goog-resource-state': 'sync' }]) {
    const answer = await post(channel.address, genuine(channel, wrong));
    assert.equal(answer.status, 204, JSON.stringify(wrong));
    assert.equal(answer.text, '');
  }
  await eventually('the refusals', async () => refused() === 4);
  const large = await world.client().request('POST', new URL(channel.address).pathname, { raw: Buffer.alloc(65 * 1024), headers: genuine(channel) });
  assert.equal(large.status, 413);
  assert.equal((await world.client().get(new URL(channel.address).pathname)).status, 405);
  await settled();
  assert.equal(await listings(), before);
  assert.ok(!world.log.includes(new URL(channel.address).pathname.split('/').pop()), 'no address in the log');
  // The same post with nothing wrong is what Google sends.
  assert.equal((await post(channel.address, genuine(channel))).status, 204);
  await eventually('a pull', async () => (await listings()) > before);
});

test('two hundred notifications make few pulls', async () => {
  await settled();
  const before = await listings();
  await sim('notify', { account: accountName, times: 200 });
  const posts = await eventually('all answered', async () => {
    const { posts } = (await channels())[0];
    return posts.every((each) => each.outcome !== 'waiting') && posts.slice(-200);
  });
  const outcomes = new Set(posts.map((each) => each.outcome));
  assert.ok(outcomes.has(204) && [...outcomes].every((each) => each === 204 || each === 503), [...outcomes].join());
  await settled();
  const made = (await listings()) - before;
  assert.ok(made >= 1 && made <= 10, `${made} pulls`);
});

test('the operator reads that reports arrive', async () => {
  const { out } = await runCli(['google', 'status', '--data', world.data]);
  assert.match(out, /^ok +Google reports changes at once; the last report came 20/m);
});

test('a watch is renewed before it ends: first the new one, then the old one goes', async () => {
  const [old] = await channels();
  await sim('options', { watchSeconds: 12 });
  // Switching the plugin off ends the watch at Google; switching it on makes one anew, which now lives twelve seconds.
  assert.equal((await owner.post('/api/v1/plugins/google-calendar/disable')).status, 200);
  assert.deepEqual(await channels(), []);
  assert.equal((await post(old.address, genuine(old))).status, 404);
  await sim('requests/clear', {});
  assert.equal((await owner.post('/api/v1/plugins/google-calendar/enable')).status, 200);
  const first = await eventually('the watch', async () => (await channels())[0]);
  await sim('options', { watchSeconds: 604_800 });
  const second = await eventually('the next watch', async () => (await channels()).find((each) => each.id !== first.id));
  assert.ok(Date.now() < Number(first.expiration), 'before the first one ended');
  assert.notEqual(second.address, first.address);
  await eventually('the first one stopped', async () => !(await channels()).some((each) => each.id === first.id));
  const asked = (await sim('requests')).requests.map((each) => each.path.split('/').pop()).filter((each) => ['watch', 'stop'].includes(each));
  assert.deepEqual(asked, ['watch', 'watch', 'stop']);
  assert.equal((await post(first.address, genuine(first))).status, 404);
});

test('what Google refuses is said; looking goes on, and an administrator can have it tried again', async () => {
  await owner.post('/api/v1/plugins/google-calendar/disable');
  await sim('faults', { match: { method: 'POST', path: '/calendar/v3/calendars/primary/events/watch' }, times: 1, respond: { preset: 'rateLimitExceeded' } });
  await owner.post('/api/v1/plugins/google-calendar/enable');
  const failing = await eventually('the failure shown', async () => {
    const { notifications } = await stream();
    return notifications.state === 'failing' && notifications;
  });
  assert.ok(failing.problem.length > 10, failing.problem);
  const before = await listings();
  await owner.post('/api/v1/sync/run', { plugin: 'google-calendar' });
  await eventually('a pull in spite of it', async () => (await listings()) > before);
  assert.equal((await owner.post('/api/v1/plugins/google-calendar/enable')).status, 200);  // try once more, now
  await eventually('the watch after all', async () => (await stream()).notifications.state === 'on');
});

test('disconnecting stops the channel and closes its address', async () => {
  const [channel] = await channels();
  const gone = await owner.delete(`/api/v1/connections/${connection.id}`);
  assert.equal(gone.status, 200, gone.text);
  assert.deepEqual(await channels(), []);
  assert.equal((await post(channel.address, genuine(channel))).status, 404);
  assert.ok((await sim('requests')).requests.some((each) => each.path === '/calendar/v3/channels/stop' && each.status === 204));
});
