// SPDX-License-Identifier: Apache-2.0
// Instances of recurring events: made on demand from the series, stored only once they differ from it.
import { occurrences } from './recurrence.js';
import { instantOf, instantToLocal } from './times.js';

const AHEAD_MS = 2 * 366 * 86400000;
const LIMIT = 1000;

export const isSeries = (record) => Boolean(record.data.recurrence?.length) && !record.data.recurringEventId;

/** All instances that start before `end`, stored exceptions in place of the made ones. */
export function instancesOf(world, calendar, series, end) {
    const { start } = series.data;
    const zone = start.timeZone ?? calendar.timeZone;
    const first = instantOf(start, calendar.timeZone);
    const starts = occurrences(series.data.recurrence, {
        start: first,
        zone: start.date ? calendar.timeZone : zone,
        allDay: Boolean(start.date),
        end: Math.min(end, Math.max(world.now(), first) + AHEAD_MS),
        limit: LIMIT,
    });
    return starts.map((instant) => {
        const made = makeInstance(calendar, series, instant);
        return calendar.events.get(made.data.id) ?? made;
    });
}

/** The record of one instance id, made or stored; null when the series has no such instance. */
export function findInstance(world, calendar, id) {
    const series = calendar.events.get(id.match(/^(.+)_\d{8}(T\d{6}Z)?$/)?.[1]);
    if (!series || !isSeries(series) || series.data.status === 'cancelled') return null;
    return instancesOf(world, calendar, series, Infinity).find((record) => record.data.id === id) ?? null;
}

function makeInstance(calendar, series, instant) {
    const { start, end } = series.data;
    const length = instantOf(end, calendar.timeZone) - instantOf(start, calendar.timeZone);
    const at = (time, moment) =>
        time.date
            ? { date: localDate(moment, calendar) }
            : { dateTime: new Date(moment).toISOString(), ...(time.timeZone && { timeZone: time.timeZone }) };
    const originalStartTime = at(start, instant);
    const suffix = originalStartTime.date
        ? originalStartTime.date.replaceAll('-', '')
        : originalStartTime.dateTime.replace(/\.\d+/, '').replace(/[-:]/g, '');
    const data = {
        ...series.data,
        id: `${series.data.id}_${suffix}`,
        recurringEventId: series.data.id,
        originalStartTime,
        start: originalStartTime,
        end: at(end, instant + length),
    };
    delete data.recurrence;
    return { data, made: true, seq: series.seq, version: series.version, updatedAt: series.updatedAt };
}

/** The local date of a midnight; an hour is added for days whose midnight daylight saving has moved. */
function localDate(midnight, calendar) {
    return new Date(instantToLocal(midnight + 3600000, calendar.timeZone)).toISOString().slice(0, 10);
}
