// SPDX-License-Identifier: Apache-2.0
// Events in storage: rules for what may be written, versions, and the resource a client sees.
import { ApiError, badRequest } from '../core/errors.js';
import { clone, randomBase32Hex } from '../core/ids.js';
import { checkRecurrence } from './recurrence.js';
import { instantOf, readEventTime, showEventTime } from './times.js';

const KEY_LIMIT = 44;
const VALUE_LIMIT = 1024;
const PROPERTY_LIMIT = 300;
const PROPERTY_BYTES = 32 * 1024;
/** What the server decides; whatever a client sends for these is ignored. */
const SERVER_FIELDS = [
    'kind',
    'etag',
    'htmlLink',
    'created',
    'updated',
    'creator',
    'organizer',
    'hangoutLink',
    'recurringEventId',
    'originalStartTime',
    'iCalUID',
    'id',
    'sequence',
    'attendeesOmitted',
    'locked',
    'privateCopy',
];

/** The client's event in stored form; throws 400 when it breaks a rule. */
export function readEvent(given, calendar, { conference = false, eventType = 'default' } = {}) {
    const event = Object.fromEntries(
        Object.entries(clone(given)).filter(([name, value]) => value !== null && !SERVER_FIELDS.includes(name)),
    );
    event.start = readEventTime(given.start, 'start', calendar.timeZone);
    event.end = readEventTime(given.end, 'end', calendar.timeZone);
    if (Boolean(event.start.date) !== Boolean(event.end.date))
        throw badRequest('Start and end times must either both be date or both be dateTime.');
    const length = instantOf(event.end, calendar.timeZone) - instantOf(event.start, calendar.timeZone);
    if (length < 0 || (length === 0 && event.start.date))
        throw badRequest('The specified time range is empty.', 'timeRangeEmpty');
    if (event.recurrence?.length) {
        checkRecurrence(event.recurrence);
        if (event.start.dateTime && !(event.start.timeZone && event.end.timeZone))
            throw badRequest('Missing time zone definition for start time.', 'required');
    } else delete event.recurrence;
    for (const attendee of event.attendees ?? []) {
        if (!/^[^@\s]+@[^@\s]+$/.test(attendee.email ?? '')) throw badRequest('Invalid attendee email.');
        attendee.responseStatus ??= 'needsAction';
    }
    event.status ??= 'confirmed';
    if (!['confirmed', 'tentative', 'cancelled'].includes(event.status))
        throw badRequest(`Invalid status: ${event.status}`);
    if (event.transparency && !['opaque', 'transparent'].includes(event.transparency))
        throw badRequest(`Invalid transparency: ${event.transparency}`);
    event.eventType ??= eventType;
    checkEventType(event, calendar);
    if (event.extendedProperties) event.extendedProperties = readProperties(event.extendedProperties);
    if (!conference) delete event.conferenceData;
    else if (event.conferenceData) event.conferenceData = readConference(event.conferenceData);
    return event;
}

function checkEventType(event, calendar) {
    if (event.eventType === 'default') return;
    if (!['focusTime', 'outOfOffice'].includes(event.eventType))
        throw badRequest(`Event type ${event.eventType} cannot be created.`, 'malformedEvent');
    const wrong = !calendar.primary || event.start.date || event.transparency === 'transparent';
    if (wrong)
        throw badRequest(
            `A ${event.eventType} event must be timed, opaque and on the primary calendar.`,
            'malformedEvent',
        );
}

/** Too long keys are dropped and too long values cut without a word, as Google does; too many are refused. */
function readProperties(given) {
    const out = {};
    for (const kind of ['private', 'shared']) {
        const entries = Object.entries(given[kind] ?? {}).filter(
            ([key, value]) => key.length <= KEY_LIMIT && value !== null,
        );
        if (entries.length)
            out[kind] = Object.fromEntries(entries.map(([key, value]) => [key, value.slice(0, VALUE_LIMIT)]));
    }
    const all = Object.values(out).flatMap((table) => Object.entries(table));
    const bytes = all.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
    if (all.length > PROPERTY_LIMIT || bytes > PROPERTY_BYTES) throw badRequest('Too many extended properties.');
    return out;
}

/** A Meet request: pending at first, done when the event is read again. */
function readConference(given) {
    const request = given.createRequest;
    if (!request || given.conferenceId) return given;
    if (!request.requestId) throw badRequest('Invalid conference request: requestId is missing.');
    return { createRequest: { ...request, status: { statusCode: 'pending' } } };
}

export function settleConference(record) {
    const { conferenceData } = record.data;
    if (conferenceData?.createRequest?.status?.statusCode !== 'pending') return;
    const code = `sim-${record.data.id.slice(0, 4)}-meet`;
    record.data.hangoutLink = `https://meet.google.com/${code}`;
    record.data.conferenceData = {
        createRequest: { ...conferenceData.createRequest, status: { statusCode: 'success' } },
        conferenceId: code,
        conferenceSolution: { key: { type: 'hangoutsMeet' }, name: 'Google Meet' },
        entryPoints: [{ entryPointType: 'video', uri: `https://meet.google.com/${code}` }],
    };
}

/** Puts a new event into a calendar; fixed holds server fields such as recurringEventId. */
export function storeEvent(world, account, calendar, given, fixed = {}, options = {}) {
    const data = readEvent(given, calendar, options);
    const id = given.id ?? fixed.id ?? randomBase32Hex(26);
    const person = { email: account.email, displayName: account.name };
    Object.assign(
        data,
        {
            id,
            created: world.isoNow(),
            creator: person,
            organizer: calendar.primary
                ? { email: calendar.owner }
                : { email: calendar.id, displayName: calendar.summary },
            iCalUID: given.iCalUID ?? `${id}@google.com`,
            sequence: 0,
            reminders: data.reminders ?? { useDefault: true },
        },
        fixed,
    );
    const record = { data };
    calendar.events.set(id, record);
    touchEvent(world, calendar, record);
    return record;
}

export function touchEvent(world, calendar, record) {
    calendar.seq += 1;
    record.seq = calendar.seq;
    record.version = world.stamp();
    record.updatedAt = world.now();
    record.data.updated = world.isoNow();
}

export const eventEtag = (record) => `"${record.version}"`;

export function checkIfMatch(headers, etag) {
    const wanted = headers['if-match'];
    if (
        !wanted ||
        wanted === '*' ||
        wanted
            .split(',')
            .map((part) => part.trim())
            .includes(etag)
    )
        return;
    throw new ApiError(412, 'conditionNotMet', 'Precondition Failed', { location: 'If-Match', locationType: 'header' });
}

/** The event resource; a view that may only know busy times shows nothing else. */
export function showEvent(
    record,
    calendar,
    viewer,
    { view = 'full', zone = calendar.timeZone, tombstone = false } = {},
) {
    const { data } = record;
    const head = { kind: 'calendar#event', etag: eventEtag(record), id: data.id, status: data.status };
    const series = data.recurringEventId && {
        recurringEventId: data.recurringEventId,
        originalStartTime: showEventTime(data.originalStartTime, zone),
    };
    if (tombstone && data.status === 'cancelled') return { ...head, ...series };
    const times = { start: showEventTime(data.start, zone), end: showEventTime(data.end, zone) };
    if (view === 'busy') {
        const { transparency } = data;
        return { ...head, ...series, ...times, visibility: 'private', ...(transparency && { transparency }) };
    }
    const self = (person) => ({ ...person, ...(person.email === viewer.email && { self: true }) });
    return {
        ...head,
        htmlLink: `https://www.google.com/calendar/event?eid=${Buffer.from(data.id).toString('base64url')}`,
        ...data,
        ...series,
        ...times,
        creator: self(data.creator),
        organizer: { ...data.organizer, ...(data.organizer.email === calendar.id && { self: true }) },
        ...(data.attendees && { attendees: data.attendees.map(self) }),
    };
}

/** Google's PATCH: objects merge, arrays and values replace, null clears. */
export function mergePatch(target, patch) {
    if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
    const out = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
    for (const [name, value] of Object.entries(patch)) {
        if (value === null) delete out[name];
        else out[name] = mergePatch(out[name], value);
    }
    return out;
}
