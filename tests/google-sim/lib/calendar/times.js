// SPDX-License-Identifier: Apache-2.0
// Time for the calendar: RFC 3339, IANA zones through Intl, and local wall-clock arithmetic. Instants are milliseconds.
import { badRequest } from '../core/errors.js';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
export const DAY_MS = 86400000;

const formatters = new Map();

export function isZone(zone) {
    try {
        formatterOf(zone);
        return true;
    } catch {
        return false;
    }
}

function formatterOf(zone) {
    if (!formatters.has(zone)) {
        formatters.set(
            zone,
            new Intl.DateTimeFormat('en-US', {
                timeZone: zone,
                hourCycle: 'h23',
                year: 'numeric',
                month: 'numeric',
                day: 'numeric',
                hour: 'numeric',
                minute: 'numeric',
                second: 'numeric',
            }),
        );
    }
    return formatters.get(zone);
}

/** Milliseconds that local time in the zone is ahead of UTC at the instant. */
function offsetAt(zone, instant) {
    const part = Object.fromEntries(
        formatterOf(zone)
            .formatToParts(instant)
            .map(({ type, value }) => [type, Number(value)]),
    );
    const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
    return local - Math.floor(instant / 1000) * 1000;
}

/** The instant of a wall-clock time given as if it were UTC; a gap moves it forward, in an overlap the first counts. */
export function localToInstant(wall, zone) {
    const guess = wall - offsetAt(zone, wall);
    return wall - offsetAt(zone, Math.min(guess, wall - offsetAt(zone, guess)));
}

export const instantToLocal = (instant, zone) => instant + offsetAt(zone, instant);

export function formatInstant(instant, zone) {
    const offset = offsetAt(zone, instant);
    const wall = new Date(instant + offset).toISOString().slice(0, 19);
    if (offset === 0) return `${wall}Z`;
    const minutes = Math.abs(offset) / 60000;
    const two = (number) => String(Math.floor(number)).padStart(2, '0');
    return `${wall}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** A query parameter that must be RFC 3339 with an offset. */
export function readInstant(text, name) {
    if (!INSTANT.test(text) || Number.isNaN(Date.parse(text))) {
        throw badRequest(`Bad value for ${name}: "${text}" is not an RFC 3339 time with an offset.`, 'badRequest', {
            location: name,
        });
    }
    return Date.parse(text);
}

/** An event's start or end in stored form: {date} or {dateTime (UTC), timeZone?}. */
export function readEventTime(given, name, calendarZone) {
    const { date = null, dateTime = null, timeZone = null } = given ?? {};
    if (!date && !dateTime) throw badRequest(`Missing ${name} time.`, 'required');
    if (date && dateTime) throw badRequest(`Invalid ${name} time: both date and dateTime are set.`);
    if (timeZone && !isZone(timeZone)) throw badRequest(`Invalid time zone definition for ${name} time: ${timeZone}.`);
    if (date) {
        if (!DATE.test(date) || Number.isNaN(Date.parse(date))) throw badRequest(`Invalid ${name} time.`);
        return { date };
    }
    if (INSTANT.test(dateTime) && !Number.isNaN(Date.parse(dateTime))) {
        return { dateTime: new Date(dateTime).toISOString(), ...(timeZone && { timeZone }) };
    }
    if (!LOCAL.test(dateTime)) throw badRequest(`Invalid ${name} time.`);
    if (!timeZone) throw badRequest(`Missing time zone definition for ${name} time.`, 'required');
    const instant = localToInstant(Date.parse(`${dateTime}Z`), timeZone ?? calendarZone);
    return { dateTime: new Date(instant).toISOString(), timeZone };
}

/** The instant of a stored time; a date means midnight in the calendar's zone. */
export function instantOf(stored, calendarZone) {
    return stored.dateTime ? Date.parse(stored.dateTime) : localToInstant(Date.parse(stored.date), calendarZone);
}

export function showEventTime(stored, zone) {
    if (stored.date) return { date: stored.date };
    return { dateTime: formatInstant(Date.parse(stored.dateTime), zone), timeZone: stored.timeZone ?? zone };
}
