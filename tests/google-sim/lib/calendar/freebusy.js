// SPDX-License-Identifier: Apache-2.0
// Calendar API: free/busy. HTTP 200 can hold an error per calendar; such a calendar is unknown, never free.
import { badRequest } from '../core/errors.js';
import { instancesOf, isSeries } from './instances.js';
import { formatInstant, instantOf, isZone, readInstant } from './times.js';

const CALENDAR_LIMIT = 50;
const RANGE_LIMIT_MS = 62 * 86400000;

function query({ world, account, body, hasScope }) {
    if (!body.timeMin || !body.timeMax) throw badRequest('Missing timeMin or timeMax.', 'required');
    const from = readInstant(body.timeMin, 'timeMin');
    const to = readInstant(body.timeMax, 'timeMax');
    const zone = body.timeZone ?? 'UTC';
    if (!isZone(zone)) throw badRequest('Invalid time zone.');
    if (from >= to) throw badRequest('The specified time range is empty.', 'timeRangeEmpty');
    if (to - from > RANGE_LIMIT_MS) throw badRequest('The requested time range is too long.', 'timeRangeTooLong');
    const limit = Math.min(body.calendarExpansionMax ?? CALENDAR_LIMIT, CALENDAR_LIMIT);
    const sharedToo = hasScope('calendar', 'calendar.readonly', 'calendar.events.freebusy');
    const calendars = {};
    (body.items ?? []).forEach(({ id }, i) => {
        const entry = account.calendars.get(id === 'primary' ? account.email : id);
        if (i >= limit) calendars[id] = failed('tooManyCalendarsRequested');
        else if (!entry || entry.deleted || (!sharedToo && entry.accessRole !== 'owner'))
            calendars[id] = failed('notFound');
        else calendars[id] = { busy: show(busyTimes(world, entry.calendar, from, to), zone) };
    });
    return {
        body: {
            kind: 'calendar#freeBusy',
            timeMin: formatInstant(from, zone),
            timeMax: formatInstant(to, zone),
            calendars,
        },
    };
}

const failed = (reason) => ({ errors: [{ domain: 'global', reason }], busy: [] });
const show = (ranges, zone) =>
    ranges.map(({ start, end }) => ({ start: formatInstant(start, zone), end: formatInstant(end, zone) }));

/** Busy ranges cut to the window, joined where they touch. */
function busyTimes(world, calendar, from, to) {
    const records = [...calendar.events.values()];
    const instances = records
        .filter((record) => isSeries(record) && record.data.status !== 'cancelled')
        .flatMap((series) => instancesOf(world, calendar, series, to));
    const single = records.filter((record) => !isSeries(record) && !record.data.recurringEventId);
    const ranges = [...single, ...instances]
        .filter(({ data }) => data.status !== 'cancelled' && data.transparency !== 'transparent')
        .map(({ data }) => ({
            start: Math.max(from, instantOf(data.start, calendar.timeZone)),
            end: Math.min(to, instantOf(data.end, calendar.timeZone)),
        }))
        .filter(({ start, end }) => start < end)
        .sort((a, b) => a.start - b.start);
    const joined = [];
    for (const range of ranges) {
        const last = joined.at(-1);
        if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
        else joined.push({ ...range });
    }
    return joined;
}

export const freeBusyMethods = { 'calendar.freebusy.query': query };
