// SPDX-License-Identifier: Apache-2.0
// Calendar API facts: client ids, etags, sync tokens, tombstones, times, recurrence, free/busy, scopes, watch.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import { after, beforeEach, test } from 'node:test';
import { OWNER, SAM, makeCertificate, reasonOf, scope, simulator } from './support.js';

const sim = await simulator(after);
const EVENTS = '/calendar/v3/calendars/primary/events';
const NARROW = ['calendar.events.owned', 'calendar.events.freebusy', 'calendar.calendarlist.readonly'].map(scope);
const CANARY = 'Dentist (private)';
let token;
beforeEach(async () => {
    await sim.sim('reset', {});
    token = (await sim.connect(NARROW)).access_token;
});

const call = (method, path, body, headers) => sim.send(method, path, { token, body, headers });
const at = (hour, day = '2027-03-01') => ({
    dateTime: `${day}T${String(hour).padStart(2, '0')}:00:00+01:00`,
    timeZone: 'Europe/Berlin',
});
const timed = (more = {}) => ({ summary: 'Haircut', start: at(10), end: at(11), ...more });
const insert = async (event, query = '') => {
    const answer = await call('POST', EVENTS + query, event);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
};
const list = async (query = '') => (await call('GET', `${EVENTS}?${query}`)).json;

test('the client may choose the id: 0-9a-v, 5 or more, once', async () => {
    const event = timed({ id: 'crm00000000000000000000000000000001' });
    assert.equal((await insert(event)).id, event.id);
    const again = await call('POST', EVENTS, event);
    assert.deepEqual([again.status, reasonOf(again)], [409, 'duplicate']);
    for (const id of ['abcd', 'has-dash', 'wxyz0', 'UPPER', ''])
        assert.equal((await call('POST', EVENTS, timed({ id }))).status, 400, id);
    await call('DELETE', `${EVENTS}/${event.id}`);
    assert.equal((await call('POST', EVENTS, event)).status, 409, 'the id of a deleted event stays taken');
    const revived = await call('PUT', `${EVENTS}/${event.id}`, timed({ status: 'confirmed' }));
    assert.equal(revived.json.status, 'confirmed');
    assert.equal((await call('POST', EVENTS, timed({ id: 'crm12345', iCalUID: 'x@y' }))).status, 400);
});

test('etags: 304 on get, 412 on stale change or delete, sequence grows with the time', async () => {
    const event = await insert(timed());
    const path = `${EVENTS}/${event.id}`;
    assert.equal((await call('GET', path, undefined, { 'if-none-match': event.etag })).status, 304);
    const moved = await call('PATCH', path, { start: at(12), end: at(13) }, { 'if-match': event.etag });
    assert.deepEqual([moved.status, moved.json.sequence], [200, 1]);
    const stale = await call('PATCH', path, { summary: 'x' }, { 'if-match': event.etag });
    assert.deepEqual([stale.status, reasonOf(stale)], [412, 'conditionNotMet']);
    assert.equal((await call('PUT', path, timed(), { 'if-match': event.etag })).status, 412);
    assert.equal((await call('DELETE', path, undefined, { 'if-match': event.etag })).status, 412);
    assert.equal((await call('DELETE', path, undefined, { 'if-match': moved.json.etag })).status, 204);
});

test('delete: 204, then 410, and 404 for what never was', async () => {
    const event = await insert(timed());
    assert.equal((await call('DELETE', `${EVENTS}/${event.id}`)).status, 204);
    const again = await call('DELETE', `${EVENTS}/${event.id}`);
    assert.deepEqual([again.status, reasonOf(again)], [410, 'deleted']);
    assert.equal((await call('DELETE', `${EVENTS}/nothere`)).status, 404);
    assert.equal((await call('GET', `${EVENTS}/${event.id}`)).json.status, 'cancelled');
});

test('patch merges objects, replaces arrays and clears with null; put drops what is left out', async () => {
    const event = await insert(
        timed({
            location: 'Here',
            extendedProperties: { private: { a: '1', b: '2' } },
            attendees: [{ email: 'x@y.test' }, { email: 'z@y.test' }],
        }),
    );
    const path = `${EVENTS}/${event.id}`;
    const patched = (
        await call('PATCH', path, {
            location: null,
            extendedProperties: { private: { a: null, c: '3' } },
            attendees: [{ email: 'x@y.test' }],
        })
    ).json;
    assert.deepEqual(
        [patched.location, patched.extendedProperties.private, patched.attendees.length],
        [undefined, { b: '2', c: '3' }, 1],
    );
    const put = (await call('PUT', path, timed())).json;
    assert.deepEqual([put.extendedProperties, put.attendees, put.id], [undefined, undefined, event.id]);
});

test('times are shown in the zone of the calendar; local times need a zone', async () => {
    const event = await insert({
        summary: 'x',
        start: { dateTime: '2027-07-01T08:00:00Z' },
        end: { dateTime: '2027-07-01T09:00:00Z' },
    });
    assert.deepEqual(event.start, { dateTime: '2027-07-01T10:00:00+02:00', timeZone: 'Europe/Berlin' });
    const local = await insert({
        summary: 'x',
        start: { dateTime: '2027-01-01T10:00:00', timeZone: 'America/New_York' },
        end: { dateTime: '2027-01-01T11:00:00', timeZone: 'America/New_York' },
    });
    assert.equal(local.start.dateTime, '2027-01-01T16:00:00+01:00');
    const elsewhere = (await call('GET', `${EVENTS}/${local.id}?timeZone=UTC`)).json;
    assert.equal(elsewhere.start.dateTime, '2027-01-01T15:00:00Z');
    const bad = [
        { start: { dateTime: '2027-01-01T10:00:00' }, end: at(11) },
        { start: at(11), end: at(10) },
        { start: { date: '2027-01-01' }, end: at(11) },
        { start: { date: '2027-01-01' }, end: { date: '2027-01-01' } },
        { start: at(10) },
        { start: { date: '2027-01-01', dateTime: '2027-01-01T10:00:00Z' }, end: at(11) },
        { start: { ...at(10), timeZone: 'Mars/Olympus' }, end: at(11) },
    ];
    for (const event2 of bad) assert.equal((await call('POST', EVENTS, event2)).status, 400, JSON.stringify(event2));
});

test('all-day events end on the next day', async () => {
    const event = await insert({ summary: 'Holiday', start: { date: '2027-05-01' }, end: { date: '2027-05-02' } });
    assert.deepEqual([event.start, event.end], [{ date: '2027-05-01' }, { date: '2027-05-02' }]);
});

test('private properties: long keys vanish, long values are cut, one constraint filters', async () => {
    const event = await insert(
        timed({ extendedProperties: { private: { crm: '7', ['k'.repeat(45)]: 'x', long: 'v'.repeat(1025) } } }),
    );
    assert.deepEqual(Object.keys(event.extendedProperties.private), ['crm', 'long']);
    assert.equal(event.extendedProperties.private.long.length, 1024);
    assert.equal((await list('privateExtendedProperty=crm%3D7')).items.length, 1);
    assert.equal((await list('privateExtendedProperty=crm%3D8')).items.length, 0);
    const many = Object.fromEntries(Array.from({ length: 301 }, (_, i) => [`k${i}`, 'v']));
    assert.equal((await call('POST', EVENTS, timed({ extendedProperties: { private: many } }))).status, 400);
});

test('sync: token on the last page, changes after it, cancelled as tombstones', async () => {
    for (let i = 0; i < 3; i += 1) await insert(timed({ id: `event${i}` }));
    const first = await list('maxResults=2');
    assert.ok(first.nextPageToken && !first.nextSyncToken);
    const last = await list(`maxResults=2&pageToken=${first.nextPageToken}`);
    assert.ok(last.nextSyncToken);
    await call('DELETE', `${EVENTS}/event1`);
    await call('PATCH', `${EVENTS}/event2`, { summary: 'New' });
    const changes = await list(`syncToken=${last.nextSyncToken}`);
    assert.deepEqual(
        changes.items.map(({ id, status }) => [id, status]),
        [
            ['event1', 'cancelled'],
            ['event2', 'confirmed'],
        ],
    );
    assert.equal(changes.items[0].summary, undefined);
    assert.deepEqual((await list(`syncToken=${changes.nextSyncToken}`)).items, []);
});

test('parameters that a sync token forbids are 400', async () => {
    const { nextSyncToken } = await list();
    for (const more of [
        'q=x',
        'orderBy=updated',
        'timeMin=2027-01-01T00:00:00Z',
        'timeMax=2027-01-01T00:00:00Z',
        'updatedMin=2027-01-01T00:00:00Z',
        'iCalUID=x',
        'privateExtendedProperty=a%3Db',
        'sharedExtendedProperty=a%3Db',
        'showDeleted=false',
        'singleEvents=true',
    ]) {
        assert.equal((await call('GET', `${EVENTS}?syncToken=${nextSyncToken}&${more}`)).status, 400, more);
    }
    assert.equal((await call('GET', `${EVENTS}?orderBy=startTime`)).status, 400);
    assert.equal((await call('GET', `${EVENTS}?timeMin=2027-01-01`)).status, 400);
    assert.equal((await call('GET', `${EVENTS}?nonsense=1`)).status, 400);
});

test('an ended sync token is 410 fullSyncRequired; an old updatedMin too', async () => {
    const { nextSyncToken } = await list();
    await sim.sim('expire-sync-tokens', { account: OWNER, api: 'calendar' });
    const answer = await call('GET', `${EVENTS}?syncToken=${nextSyncToken}`);
    assert.deepEqual([answer.status, reasonOf(answer)], [410, 'fullSyncRequired']);
    assert.equal((await call('GET', `${EVENTS}?syncToken=rubbish`)).status, 410);
    assert.equal(reasonOf(await call('GET', `${EVENTS}?updatedMin=2020-01-01T00:00:00Z`)), 'updatedMinTooLongAgo');
});

test('timeMin looks at the end, timeMax at the start, both exclusive', async () => {
    await insert(timed({ id: 'haircut' }));
    const found = async (from, to) =>
        (await list(`timeMin=2027-03-01T${from}:00Z&timeMax=2027-03-01T${to}:00Z`)).items.length;
    assert.deepEqual(
        [
            await found('09:30', '09:45'),
            await found('10:00', '11:00'),
            await found('08:00', '09:00'),
            await found('09:59', '11:00'),
        ],
        [1, 0, 0, 1],
    );
});

test('mails go out only when sendUpdates says so', async () => {
    const guests = { attendees: [{ email: 'client@example.test' }, { email: SAM }] };
    const event = await insert(timed(guests));
    assert.equal((await sim.state()).mails.length, 0);
    await call('PATCH', `${EVENTS}/${event.id}?sendUpdates=externalOnly`, { start: at(12), end: at(13) });
    assert.deepEqual(
        (await sim.state()).mails.map(({ to, kind }) => [to, kind]),
        [['client@example.test', 'calendar-update']],
    );
    await call('DELETE', `${EVENTS}/${event.id}?sendUpdates=all`);
    assert.equal((await sim.state()).mails.filter(({ kind }) => kind === 'calendar-cancellation').length, 2);
});

test('free/busy: merged, transparent and cancelled left out, errors per calendar', async () => {
    await insert(timed());
    await insert(timed({ start: at(11), end: at(12) }));
    await insert(timed({ start: at(14), end: at(15), transparency: 'transparent' }));
    await insert({ summary: 'Off', start: { date: '2027-03-02' }, end: { date: '2027-03-03' } });
    const ask = (more) =>
        call('POST', '/calendar/v3/freeBusy', {
            timeMin: '2027-03-01T00:00:00Z',
            timeMax: '2027-03-05T00:00:00Z',
            timeZone: 'Europe/Berlin',
            items: [{ id: 'primary' }, { id: SAM }],
            ...more,
        });
    const { calendars } = (await ask({})).json;
    assert.deepEqual(calendars.primary.busy, [
        { start: '2027-03-01T10:00:00+01:00', end: '2027-03-01T12:00:00+01:00' },
        { start: '2027-03-02T00:00:00+01:00', end: '2027-03-03T00:00:00+01:00' },
    ]);
    assert.equal(calendars[SAM].errors[0].reason, 'notFound');
    assert.equal(reasonOf(await ask({ timeMax: '2027-06-05T00:00:00Z' })), 'timeRangeTooLong');
    assert.equal(reasonOf(await ask({ timeMax: '2027-01-05T00:00:00Z' })), 'timeRangeEmpty');
    const many = Array.from({ length: 51 }, (_, i) => ({ id: `c${i}@x.test` }));
    assert.equal(
        (await ask({ items: many })).json.calendars['c50@x.test'].errors[0].reason,
        'tooManyCalendarsRequested',
    );
});

test('recurring: the series, its instances across a clock change, one changed, one cancelled', async () => {
    const series = await insert(
        timed({
            id: 'series1',
            start: at(10, '2027-03-22'),
            end: at(11, '2027-03-22'),
            recurrence: ['RRULE:FREQ=WEEKLY;COUNT=3'],
        }),
    );
    const { items } = (await call('GET', `${EVENTS}/${series.id}/instances`)).json;
    assert.deepEqual(
        items.map(({ start }) => start.dateTime),
        ['2027-03-22T10:00:00+01:00', '2027-03-29T10:00:00+02:00', '2027-04-05T10:00:00+02:00'],
    );
    const { nextSyncToken } = await list();
    await call('PATCH', `${EVENTS}/${items[1].id}`, {
        summary: 'Moved',
        start: { dateTime: '2027-03-30T12:00:00+02:00' },
        end: { dateTime: '2027-03-30T13:00:00+02:00' },
    });
    await call('DELETE', `${EVENTS}/${items[2].id}`);
    const single = await list(
        'singleEvents=true&orderBy=startTime&timeMin=2027-03-20T00:00:00Z&timeMax=2027-04-20T00:00:00Z',
    );
    assert.deepEqual(
        single.items.map(({ summary }) => summary),
        ['Haircut', 'Moved'],
    );
    const changes = (await list(`syncToken=${nextSyncToken}`)).items;
    assert.deepEqual(
        changes.map(({ recurringEventId, status }) => [recurringEventId, status]),
        [
            ['series1', 'confirmed'],
            ['series1', 'cancelled'],
        ],
    );
    assert.equal(changes[0].originalStartTime.dateTime, '2027-03-29T10:00:00+02:00');
    const masters = await list('timeMin=2027-03-20T00:00:00Z');
    assert.deepEqual(
        masters.items.map(({ status }) => status),
        ['confirmed', 'confirmed', 'cancelled'],
    );
    await call('DELETE', `${EVENTS}/series1`);
    assert.equal((await list('singleEvents=true&timeMin=2027-03-20T00:00:00Z')).items.length, 0);
});

test('recurrence rules must be rules and need a zone', async () => {
    for (const recurrence of [
        ['DTSTART:20270301T100000Z'],
        ['RRULE:FREQ=HOURLY'],
        ['RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270401'],
    ]) {
        assert.equal((await call('POST', EVENTS, timed({ recurrence }))).status, 400, recurrence[0]);
    }
    const noZone = {
        start: { dateTime: '2027-03-01T10:00:00Z' },
        end: { dateTime: '2027-03-01T11:00:00Z' },
        recurrence: ['RRULE:FREQ=DAILY;COUNT=2'],
    };
    assert.equal((await call('POST', EVENTS, noZone)).status, 400);
    const monthly = await insert(
        timed({
            start: at(10, '2027-01-29'),
            end: at(11, '2027-01-29'),
            recurrence: ['RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3', 'EXDATE;TZID=Europe/Berlin:20270226T100000'],
        }),
    );
    const { items } = (await call('GET', `${EVENTS}/${monthly.id}/instances`)).json;
    assert.deepEqual(
        items.map(({ start }) => start.dateTime.slice(0, 10)),
        ['2027-01-29', '2027-03-26'],
    );
});

test('the Meet link is pending first, there later, and needs conferenceDataVersion', async () => {
    const conferenceData = { createRequest: { requestId: 'r1', conferenceSolutionKey: { type: 'hangoutsMeet' } } };
    assert.equal((await insert(timed({ conferenceData }))).conferenceData, undefined);
    const event = await insert(timed({ conferenceData }), '?conferenceDataVersion=1');
    assert.equal(event.conferenceData.createRequest.status.statusCode, 'pending');
    const later = (await call('GET', `${EVENTS}/${event.id}`)).json;
    assert.equal(later.conferenceData.createRequest.status.statusCode, 'success');
    assert.match(later.hangoutLink, /^https:\/\/meet\.google\.com\//);
});

test('focus time: primary calendar, timed, opaque', async () => {
    const focus = { eventType: 'focusTime', focusTimeProperties: { autoDeclineMode: 'declineNone' } };
    assert.equal((await insert(timed(focus))).eventType, 'focusTime');
    assert.equal((await call('POST', EVENTS, timed({ ...focus, transparency: 'transparent' }))).status, 400);
});

test('scopes: the calendar list, busy-only views, owned calendars, calendars of the app', async () => {
    const listed = (await call('GET', '/calendar/v3/users/me/calendarList')).json;
    assert.deepEqual(
        listed.items.map(({ id, primary, accessRole }) => [id, primary, accessRole]),
        [[OWNER, true, 'owner']],
    );
    assert.equal((await call('POST', '/calendar/v3/calendars', { summary: 'x' })).status, 403);
    const { id } = await sim.sim('calendars', {
        account: SAM,
        summary: 'Shared',
        shareWith: OWNER,
        accessRole: 'writer',
    });
    const shared = `/calendar/v3/calendars/${encodeURIComponent(id)}/events`;
    assert.equal(
        (await call('POST', shared, timed())).status,
        403,
        'calendar.events.owned may not write to shared calendars',
    );

    const busyOnly = (await sim.connect([scope('calendar.events.freebusy')])).access_token;
    const seen = await sim.get(EVENTS, busyOnly);
    assert.equal(seen.json.items.length, 1);
    assert.ok(!seen.text.includes(CANARY));

    const app = (await sim.connect([scope('calendar.app.created')])).access_token;
    assert.equal((await sim.get(EVENTS, app)).status, 404);
    const made = (
        await sim.send('POST', '/calendar/v3/calendars', {
            token: app,
            body: { summary: 'CRM', timeZone: 'Europe/Paris' },
        })
    ).json;
    const own = `/calendar/v3/calendars/${encodeURIComponent(made.id)}/events`;
    assert.equal((await sim.send('POST', own, { token: app, body: timed() })).status, 200);
});

test('a reader may not write', async () => {
    const { id } = await sim.sim('calendars', {
        account: SAM,
        summary: 'Shared',
        shareWith: OWNER,
        accessRole: 'reader',
    });
    const wide = (await sim.connect([scope('calendar.events')])).access_token;
    const path = `/calendar/v3/calendars/${encodeURIComponent(id)}/events`;
    assert.equal((await sim.get(path, wide)).status, 200);
    const refused = await sim.send('POST', path, { token: wide, body: timed() });
    assert.deepEqual([refused.status, reasonOf(refused)], [403, 'requiredAccessLevel']);
});

test('the calendar list has its own sync token', async () => {
    const path = '/calendar/v3/users/me/calendarList';
    const { nextSyncToken } = (await call('GET', path)).json;
    await sim.sim('calendars', { account: OWNER, summary: 'New' });
    const { items } = (await call('GET', `${path}?syncToken=${nextSyncToken}`)).json;
    assert.deepEqual(
        items.map(({ summary }) => summary),
        ['New'],
    );
});

test('the user edits on the phone: the next sync shows it', async () => {
    const event = await insert(timed());
    const { nextSyncToken } = await list();
    await sim.sim('events', {
        account: OWNER,
        action: 'update',
        eventId: event.id,
        event: { start: at(15), end: at(16) },
    });
    await sim.sim('events', { account: OWNER, action: 'create', event: { summary: 'Own', start: at(8), end: at(9) } });
    const { items } = await list(`syncToken=${nextSyncToken}`);
    assert.deepEqual(
        items.map(({ start }) => start.dateTime.slice(11, 13)),
        ['15', '08'],
    );
    assert.notEqual(items[0].etag, event.etag);
});

test("a guest's copy: put may not reset what belongs to the organizer, patch of own fields may", async () => {
    const event = { ...timed(), organizer: { email: 'host@example.test' }, attendees: [{ email: OWNER }] };
    const { id } = await sim.sim('events', { account: OWNER, action: 'create', event });
    const put = await call('PUT', `${EVENTS}/${id}`, { start: at(10), end: at(11) });
    assert.deepEqual([put.status, reasonOf(put)], [403, 'forbiddenForNonOrganizer']);
    const own = await call('PATCH', `${EVENTS}/${id}`, { extendedProperties: { private: { crm: '1' } } });
    assert.equal(own.status, 200);
});

test('watch: a numbered sync post first, then one per change, until stopped', async () => {
    const posts = [];
    const server = https.createServer(sim.certificate, (request, response) => {
        posts.push(request.headers);
        response.end();
        server.emit('posted');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = `https://localhost:${server.address().port}/hook`;
    const first = once(server, 'posted');
    const channel = (await call('POST', `${EVENTS}/watch`, { id: 'c-1', type: 'web_hook', address, token: 'secret' }))
        .json;
    await first;
    const second = once(server, 'posted');
    await insert(timed());
    await second;
    assert.deepEqual(
        posts.map((headers) => headers['x-goog-resource-state']),
        ['sync', 'exists'],
    );
    assert.equal(posts[0]['x-goog-message-number'], '1');
    assert.equal(posts[1]['x-goog-channel-token'], 'secret');
    assert.equal((await call('POST', `${EVENTS}/watch`, { id: 'c-1', type: 'web_hook', address })).status, 400);
    assert.equal(
        (await call('POST', '/calendar/v3/channels/stop', { id: 'c-1', resourceId: channel.resourceId })).status,
        204,
    );
    server.close();
});

test('watch: a receiver with a certificate of another authority gets nothing', async () => {
    const foreign = makeCertificate();
    let posts = 0;
    const server = https.createServer(foreign, () => posts++);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = `https://localhost:${server.address().port}/hook`;
    const refused = once(server, 'tlsClientError');
    await call('POST', `${EVENTS}/watch`, { id: 'c-2', type: 'web_hook', address });
    await refused;
    assert.equal(posts, 0);
    server.close();
    foreign.remove();
});

test('watch: no channel lives longer than the longest', async () => {
    await sim.sim('options', { watchSeconds: 60 });
    const body = { id: 'c-3', type: 'web_hook', address: 'https://crm.example.org/hook', params: { ttl: '3600' } };
    const { expiration } = (await call('POST', `${EVENTS}/watch`, body)).json;
    assert.ok(Number(expiration) - Date.now() <= 60_000);
});

test('no answer in this file broke a schema', async () => {
    await insert(timed());
    await list();
    assert.deepEqual((await sim.state()).violations, []);
});
