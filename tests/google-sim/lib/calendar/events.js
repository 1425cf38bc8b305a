// SPDX-License-Identifier: Apache-2.0
// Calendar API: single events.
import { ApiError, badRequest, notFound } from '../core/errors.js';
import { openCalendar } from './calendars.js';
import { findInstance } from './instances.js';
import {
    checkIfMatch,
    eventEtag,
    mergePatch,
    readEvent,
    settleConference,
    showEvent,
    storeEvent,
    touchEvent,
} from './model.js';
import { isZone } from './times.js';
import { notifyChannels } from './watch.js';

const ID = /^[0-9a-v]{5,1024}$/;
/** Fields of an event whose change raises its iCalendar sequence and counts as a reschedule. */
const SCHEDULE_FIELDS = ['start', 'end', 'recurrence', 'location'];

function findRecord(context, calendar) {
    const id = context.params.eventId;
    const record = calendar.events.get(id) ?? findInstance(context.world, calendar, id);
    if (!record) throw notFound();
    return record;
}

function show(context, entry, record) {
    const zone = context.query.timeZone ?? entry.calendar.timeZone;
    if (!isZone(zone)) throw badRequest('Invalid time zone.', 'invalid', { location: 'timeZone' });
    return {
        body: showEvent(record, entry.calendar, context.account, { view: entry.view, zone }),
        headers: { etag: eventEtag(record) },
    };
}

function getEvent(context) {
    const entry = openCalendar(context);
    const record = findRecord(context, entry.calendar);
    if (record.data.conferenceData?.createRequest?.status.statusCode === 'pending') {
        settleConference(record);
        touchEvent(context.world, entry.calendar, record);
    }
    if (context.headers['if-none-match'] === eventEtag(record))
        return { status: 304, raw: true, headers: { etag: eventEtag(record) } };
    return show(context, entry, record);
}

const options = ({ query }) => ({ conference: query.conferenceDataVersion === 1 });

function insertEvent(context) {
    const { world, account, body } = context;
    const entry = openCalendar(context, { write: true });
    const { calendar } = entry;
    if (body.id && body.iCalUID) throw badRequest('Give id or iCalUID, not both.');
    if (body.id !== undefined && !ID.test(body.id ?? '')) throw badRequest('Invalid resource id value.');
    if (body.id && calendar.events.has(body.id))
        throw new ApiError(409, 'duplicate', 'The requested identifier already exists.');
    const record = storeEvent(world, account, calendar, body, {}, options(context));
    sendMails(context, calendar, record, 'invitation');
    notifyChannels(world, calendar);
    return show(context, entry, record);
}

/** PATCH merges, PUT replaces; both keep what the server owns. */
function changeEvent(context, newContent) {
    const { world, headers } = context;
    const entry = openCalendar(context, { write: true });
    const { calendar } = entry;
    const record = findRecord(context, calendar);
    checkIfMatch(headers, eventEtag(record));
    const given = newContent(record.data, context.body);
    if (given.id !== undefined && given.id !== record.data.id) throw badRequest('The event id cannot be changed.');
    if (given.eventType && given.eventType !== record.data.eventType)
        throw badRequest('The event type cannot be changed.', 'eventTypeRestriction');
    const { conference } = options(context);
    const data = readEvent(given, calendar, { conference, eventType: record.data.eventType });
    if (!conference && record.data.conferenceData) data.conferenceData = record.data.conferenceData;
    checkOrganizer(calendar, record.data, data);
    applyChange(world, calendar, record, data);
    sendMails(context, calendar, record, data.status === 'cancelled' ? 'cancellation' : 'update');
    notifyChannels(world, calendar);
    return show(context, entry, record);
}

/** On the copy of a guest, what belongs to the organizer cannot be changed: PUT without it would reset it. */
function checkOrganizer(calendar, before, data) {
    if (before.organizer.email === calendar.id) return;
    const same = (name) => JSON.stringify(before[name]) === JSON.stringify(data[name]);
    if (['summary', 'description', ...SCHEDULE_FIELDS].every(same)) return;
    throw new ApiError(
        403,
        'forbiddenForNonOrganizer',
        'Shared properties can only be changed by the organizer of the event.',
        { domain: 'calendar' },
    );
}

/** Writes new content into a record; a made instance becomes a stored exception. */
export function applyChange(world, calendar, record, data) {
    const before = record.data;
    const { id, created, creator, organizer, iCalUID, recurringEventId, originalStartTime, hangoutLink } = before;
    const moved = SCHEDULE_FIELDS.some((name) => JSON.stringify(before[name]) !== JSON.stringify(data[name]));
    record.data = {
        ...data,
        id,
        created,
        creator,
        organizer,
        iCalUID,
        sequence: (before.sequence ?? 0) + (moved ? 1 : 0),
        ...(recurringEventId && { recurringEventId, originalStartTime }),
        ...(hangoutLink && { hangoutLink }),
    };
    if (recurringEventId) delete record.data.recurrence;
    record.data.reminders ??= { useDefault: true };
    delete record.made;
    calendar.events.set(id, record);
    touchEvent(world, calendar, record);
}

const patchEvent = (context) => changeEvent(context, (old, body) => mergePatch(old, body));
const updateEvent = (context) => changeEvent(context, (old, body) => body);

function deleteEvent(context) {
    const { calendar } = openCalendar(context, { write: true });
    const record = findRecord(context, calendar);
    if (record.data.status === 'cancelled') throw new ApiError(410, 'deleted', 'Resource has been deleted');
    checkIfMatch(context.headers, eventEtag(record));
    cancelEvent(context.world, calendar, record);
    sendMails(context, calendar, record, 'cancellation');
    notifyChannels(context.world, calendar);
    return { status: 204 };
}

export function cancelEvent(world, calendar, record) {
    delete record.made;
    record.data = { ...record.data, status: 'cancelled' };
    calendar.events.set(record.data.id, record);
    touchEvent(world, calendar, record);
    for (const other of calendar.events.values()) {
        if (other.data.recurringEventId === record.data.id && other.data.status !== 'cancelled')
            cancelEvent(world, calendar, other);
    }
}

/** Writes down the mails Google would send to the guests; none unless sendUpdates says so. */
function sendMails({ world, account, query }, calendar, record, kind) {
    const choice = query.sendUpdates ?? (query.sendNotifications ? 'all' : 'none');
    if (choice === 'none') return;
    for (const { email } of record.data.attendees ?? []) {
        const inside = world.accounts.has(email);
        if (email === account.email || (choice === 'externalOnly' && inside)) continue;
        world.mail(account, {
            kind: `calendar-${kind}`,
            to: email,
            sendUpdates: choice,
            calendarId: calendar.id,
            eventId: record.data.id,
            summary: record.data.summary,
        });
    }
}

export const eventMethods = {
    'calendar.events.get': getEvent,
    'calendar.events.insert': insertEvent,
    'calendar.events.patch': patchEvent,
    'calendar.events.update': updateEvent,
    'calendar.events.delete': deleteEvent,
};
