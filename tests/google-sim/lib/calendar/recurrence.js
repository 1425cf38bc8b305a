// SPDX-License-Identifier: Apache-2.0
// Expands RRULE, EXDATE and RDATE on the wall clock of the event's zone. Knows FREQ, INTERVAL, COUNT, UNTIL, BYDAY,
// BYMONTHDAY and BYMONTH; other parts are refused when the event is written, so that nothing is expanded wrongly.
import { badRequest } from '../core/errors.js';
import { DAY_MS, instantToLocal, localToInstant } from './times.js';

const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const KNOWN = new Set(['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'WKST']);
const PERIOD_LIMIT = 5000;

export function checkRecurrence(lines) {
    for (const line of lines) {
        if (!/^(RRULE|EXRULE|RDATE|EXDATE)[:;]/.test(line)) throw badRequest(`Invalid recurrence rule: ${line}`);
        if (line.startsWith('RRULE:')) parseRule(line);
    }
}

function parseRule(line) {
    const rule = Object.fromEntries(
        line
            .slice('RRULE:'.length)
            .split(';')
            .map((part) => part.split('=')),
    );
    const unknown = Object.keys(rule).filter((name) => !KNOWN.has(name));
    if (unknown.length) throw badRequest(`The simulator does not know the recurrence part ${unknown.join(', ')}.`);
    if (!['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'].includes(rule.FREQ))
        throw badRequest(`Invalid recurrence rule: ${line}`);
    if ([rule.INTERVAL ?? '1', rule.COUNT ?? '1'].some((number) => !/^[1-9]\d*$/.test(number)))
        throw badRequest(`Invalid recurrence rule: ${line}`);
    if (rule.COUNT && rule.UNTIL) throw badRequest('A recurrence rule has COUNT or UNTIL, not both.');
    return {
        frequency: rule.FREQ,
        interval: Number(rule.INTERVAL ?? 1),
        count: rule.COUNT ? Number(rule.COUNT) : Infinity,
        until: rule.UNTIL,
        weekStart: DAYS.indexOf(rule.WKST ?? 'MO'),
        days: rule.BYDAY?.split(',').map((text) => ({
            nth: Number(text.slice(0, -2)) || 0,
            day: DAYS.indexOf(text.slice(-2)),
        })),
        monthDays: rule.BYMONTHDAY?.split(',').map(Number),
        months: rule.BYMONTH?.split(',').map((month) => Number(month) - 1),
    };
}

/**
 * Start instants of a series, in order.
 * @param lines the event's recurrence
 * @param start first start instant; @param zone the wall clock of the series; @param allDay whether starts are dates
 * @param end no start at or after this instant; @param limit at most this many
 */
export function occurrences(lines, { start, zone, allDay, end, limit }) {
    const wall = instantToLocal(start, zone);
    const left = new Set(
        lines.filter((line) => line.startsWith('EXDATE')).flatMap((line) => readDates(line, wall, zone)),
    );
    const extra = lines.filter((line) => line.startsWith('RDATE')).flatMap((line) => readDates(line, wall, zone));
    const rules = lines.filter((line) => line.startsWith('RRULE:')).map(parseRule);
    const found = new Set([start, ...extra]);
    for (const rule of rules) {
        let counted = 0;
        const until = rule.until ? readUntil(rule.until, zone, allDay) : Infinity;
        for (const candidate of wallStarts(rule, wall)) {
            const instant = localToInstant(candidate, zone);
            counted += 1;
            if (counted > rule.count || instant > until || instant >= end || found.size > limit + left.size) break;
            found.add(instant);
        }
    }
    return [...found]
        .filter((instant) => !left.has(instant) && instant < end)
        .sort((a, b) => a - b)
        .slice(0, limit);
}

function readUntil(text, zone, allDay) {
    const day = Date.UTC(+text.slice(0, 4), +text.slice(4, 6) - 1, +text.slice(6, 8));
    if (text.length === 8) return localToInstant(day + (allDay ? 0 : DAY_MS - 1000), zone);
    const instant = day + (+text.slice(9, 11) * 3600 + +text.slice(11, 13) * 60 + +text.slice(13, 15)) * 1000;
    return text.endsWith('Z') ? instant : localToInstant(instant, zone);
}

function readDates(line, wall, seriesZone) {
    const zone = line.match(/TZID=([^:;]+)/)?.[1] ?? seriesZone;
    return line
        .slice(line.indexOf(':') + 1)
        .split(',')
        .map((text) =>
            text.length === 8
                ? localToInstant(
                      Date.UTC(+text.slice(0, 4), +text.slice(4, 6) - 1, +text.slice(6, 8)) + (wall % DAY_MS),
                      seriesZone,
                  )
                : readUntil(text, zone, false),
        );
}

/** Wall-clock starts of one rule from the first on, as instants "as if UTC". */
function* wallStarts(rule, wall) {
    const time = ((wall % DAY_MS) + DAY_MS) % DAY_MS;
    const first = wall - time;
    for (let period = 0; period < PERIOD_LIMIT; period += 1) {
        for (const day of daysOfPeriod(rule, first, period)) {
            if (day >= first && (!rule.months || rule.months.includes(new Date(day).getUTCMonth()))) yield day + time;
        }
    }
}

function daysOfPeriod(rule, first, period) {
    const step = period * rule.interval;
    const at = new Date(first);
    if (rule.frequency === 'DAILY') {
        const day = first + step * DAY_MS;
        return !rule.days || rule.days.some((item) => item.day === new Date(day).getUTCDay()) ? [day] : [];
    }
    if (rule.frequency === 'WEEKLY') {
        const week = first - ((at.getUTCDay() - rule.weekStart + 7) % 7) * DAY_MS + step * 7 * DAY_MS;
        const days = rule.days ? rule.days.map((item) => item.day) : [at.getUTCDay()];
        return days.map((day) => week + ((day - rule.weekStart + 7) % 7) * DAY_MS).sort((a, b) => a - b);
    }
    if (rule.frequency === 'MONTHLY')
        return daysOfMonth(rule, at.getUTCFullYear(), at.getUTCMonth() + step, at.getUTCDate());
    const months = rule.months ?? [at.getUTCMonth()];
    return months
        .flatMap((month) => daysOfMonth(rule, at.getUTCFullYear() + step, month, at.getUTCDate()))
        .sort((a, b) => a - b);
}

function daysOfMonth(rule, year, month, ownDay) {
    const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    const dates = Array.from({ length }, (_, i) => Date.UTC(year, month, i + 1));
    if (rule.days) {
        return dates.filter((date, i) =>
            rule.days.some(
                ({ nth, day }) =>
                    new Date(date).getUTCDay() === day &&
                    (nth === 0 || nth === Math.floor(i / 7) + 1 || nth === -(Math.floor((length - 1 - i) / 7) + 1)),
            ),
        );
    }
    const wanted = (rule.monthDays ?? [ownDay]).map((day) => (day < 0 ? length + 1 + day : day));
    return dates.filter((_, i) => wanted.includes(i + 1));
}
