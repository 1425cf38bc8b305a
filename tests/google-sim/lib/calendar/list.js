// SPDX-License-Identifier: Apache-2.0
// Calendar API: lists of events with filters, paging and sync tokens, and the instances of one series.
import { ApiError, badRequest, notFound } from '../core/errors.js';
import { decodeSyncToken, encodeSyncToken, parameterKey } from '../core/paging.js';
import { openCalendar } from './calendars.js';
import { instancesOf, isSeries } from './instances.js';
import { showEvent } from './model.js';
import { instantOf, isZone, readInstant } from './times.js';

const PAGE_DEFAULT = 250;
const PAGE_LIMIT = 2500;
const OLDEST_UPDATE_MS = 28 * 86400000;
const NOT_WITH_SYNC = [
    'iCalUID',
    'orderBy',
    'privateExtendedProperty',
    'sharedExtendedProperty',
    'q',
    'timeMin',
    'timeMax',
    'updatedMin',
];
/** With these a list is a search: it gives no token to sync from. */
const SEARCH = ['iCalUID', 'orderBy', 'privateExtendedProperty', 'sharedExtendedProperty', 'q', 'updatedMin'];

function listEvents(context) {
    const { world, account, query } = context;
    const entry = openCalendar(context);
    const { calendar } = entry;
    const size = pageSize(query);
    const filter = readFilter(world, query);
    const since = query.syncToken ? readSyncToken(account, calendar, query) : null;
    const open = () => {
        const records =
            since === null ? matching(world, calendar, query, filter) : changedSince(world, calendar, query, since);
        return { items: records, extra: calendar.seq };
    };
    const key = `events ${account.sub} ${calendar.id} ${parameterKey(query, 'pageToken', 'maxResults')}`;
    const page = world.pager.page(query.pageToken, key, size, open);
    const token =
        page.next || SEARCH.some((name) => name in query)
            ? null
            : encodeSyncToken({
                  p: 'events',
                  c: calendar.id,
                  a: account.sub,
                  s: page.extra,
                  g: account.calendarTokensFrom,
                  e: Boolean(query.singleEvents),
              });
    return { body: frame(entry, account, query, page, token, since !== null) };
}

function frame({ calendar, accessRole, view }, account, query, page, token, sync) {
    const zone = query.timeZone ?? calendar.timeZone;
    if (!isZone(zone)) throw badRequest('Invalid time zone.', 'invalid', { location: 'timeZone' });
    return {
        kind: 'calendar#events',
        etag: `"p${calendar.seq}"`,
        summary: calendar.summary,
        timeZone: calendar.timeZone,
        accessRole,
        updated: new Date(Math.max(0, ...page.items.map((record) => record.updatedAt))).toISOString(),
        defaultReminders: [],
        items: page.items.map((record) =>
            showEvent(record, calendar, account, {
                view,
                zone,
                tombstone: sync || Boolean(record.data.recurringEventId),
            }),
        ),
        ...(page.next && { nextPageToken: page.next }),
        ...(token && { nextSyncToken: token }),
    };
}

function pageSize(query) {
    const size = query.maxResults ?? PAGE_DEFAULT;
    if (size < 1) throw badRequest('maxResults must be positive.', 'invalid', { location: 'maxResults' });
    return Math.min(size, PAGE_LIMIT);
}

function readFilter(world, query) {
    const filter = {
        from: query.timeMin ? readInstant(query.timeMin, 'timeMin') : -Infinity,
        to: query.timeMax ? readInstant(query.timeMax, 'timeMax') : Infinity,
        updated: query.updatedMin ? readInstant(query.updatedMin, 'updatedMin') : -Infinity,
    };
    if (filter.from >= filter.to)
        throw badRequest('The specified time range is empty.', 'timeRangeEmpty', { location: 'timeMax' });
    if (query.updatedMin && filter.updated < world.now() - OLDEST_UPDATE_MS) {
        throw new ApiError(
            410,
            'updatedMinTooLongAgo',
            'The requested minimum modification time lies too far in the past.',
            { domain: 'calendar' },
        );
    }
    if (query.orderBy === 'startTime' && !query.singleEvents) {
        throw badRequest('The requested ordering is not available for the particular query.', 'badRequest', {
            location: 'orderBy',
        });
    }
    return filter;
}

function readSyncToken(account, calendar, query) {
    const forbidden = NOT_WITH_SYNC.filter((name) => name in query);
    if (forbidden.length) throw badRequest(`Sync token cannot be combined with ${forbidden.join(', ')}.`, 'badRequest');
    if (query.showDeleted === false) throw badRequest('showDeleted cannot be false with a sync token.', 'badRequest');
    const token = decodeSyncToken(query.syncToken);
    const known = token?.p === 'events' && token.c === calendar.id && token.a === account.sub;
    if (known && token.e !== Boolean(query.singleEvents))
        throw badRequest('singleEvents must be the same as in the full sync.', 'badRequest');
    if (known && token.g >= account.calendarTokensFrom) return token.s;
    throw new ApiError(410, 'fullSyncRequired', 'Sync token is no longer valid, a full sync is required.', {
        domain: 'calendar',
    });
}

function matching(world, calendar, query, filter) {
    const zone = calendar.timeZone;
    const records = candidates(world, calendar, query, filter.to).filter((record) => {
        const { data } = record;
        if (record.updatedAt < filter.updated || !isShown(data, query)) return false;
        if (isSeries(record)) return seriesInRange(world, calendar, record, filter) && fits(data, query);
        const inside = instantOf(data.end, zone) > filter.from && instantOf(data.start, zone) < filter.to;
        return inside && fits(data, query);
    });
    if (query.orderBy === 'startTime')
        records.sort((a, b) => instantOf(a.data.start, zone) - instantOf(b.data.start, zone));
    else if (query.orderBy === 'updated') records.sort((a, b) => a.seq - b.seq);
    return records;
}

function candidates(world, calendar, query, end) {
    const all = [...calendar.events.values()];
    if (!query.singleEvents) return all;
    const single = all.filter((record) => !isSeries(record) && !record.data.recurringEventId);
    return all
        .filter(isSeries)
        .filter((record) => record.data.status !== 'cancelled')
        .reduce((list, series) => list.concat(instancesOf(world, calendar, series, end)), single);
}

/** A cancelled exception stays visible while its series is listed as one event. */
function isShown(data, query) {
    if (data.status !== 'cancelled' || query.showDeleted || query.updatedMin) return true;
    return Boolean(data.recurringEventId) && !query.singleEvents && query.showDeleted !== true;
}

function seriesInRange(world, calendar, series, { from, to }) {
    if (from === -Infinity && to === Infinity) return true;
    return instancesOf(world, calendar, series, to).some(({ data }) => instantOf(data.end, calendar.timeZone) > from);
}

function fits(data, query) {
    if (query.iCalUID && data.iCalUID !== query.iCalUID) return false;
    if (query.eventTypes && !query.eventTypes.includes(data.eventType)) return false;
    if (
        query.q &&
        ![data.summary, data.description, data.location].some((text) =>
            text?.toLowerCase().includes(query.q.toLowerCase()),
        )
    )
        return false;
    return (
        hasProperties(data.extendedProperties?.private, query.privateExtendedProperty) &&
        hasProperties(data.extendedProperties?.shared, query.sharedExtendedProperty)
    );
}

/** Google's texts contradict each other on repeated constraints (AND or OR), so only one is taken. */
function hasProperties(table, constraints) {
    if (!constraints) return true;
    if (constraints.length > 1)
        throw badRequest('Use one property constraint: the meaning of several is not settled.', 'badRequest');
    const at = constraints[0].indexOf('=');
    if (at < 1) throw badRequest('A property constraint has the form name=value.', 'badRequest');
    return table?.[constraints[0].slice(0, at)] === constraints[0].slice(at + 1);
}

function changedSince(world, calendar, query, since) {
    const all = [...calendar.events.values()].filter((record) => record.seq > since);
    if (!query.singleEvents) return all.sort((a, b) => a.seq - b.seq);
    const found = new Map();
    for (const record of all) {
        const instances =
            isSeries(record) && record.data.status !== 'cancelled'
                ? instancesOf(world, calendar, record, Infinity)
                : [record];
        instances.forEach((instance) => found.set(instance.data.id, instance));
    }
    return [...found.values()].sort((a, b) => a.seq - b.seq);
}

function listInstances(context) {
    const { world, account, query } = context;
    const entry = openCalendar(context);
    const series = entry.calendar.events.get(context.params.eventId);
    if (!series || !isSeries(series)) throw notFound();
    const filter = readFilter(world, query);
    const zone = entry.calendar.timeZone;
    const open = () => ({
        items: instancesOf(world, entry.calendar, series, filter.to).filter(
            ({ data }) =>
                instantOf(data.end, zone) > filter.from &&
                (data.status !== 'cancelled' || query.showDeleted) &&
                (!query.originalStart || instantOf(data.originalStartTime, zone) === Date.parse(query.originalStart)),
        ),
        extra: 0,
    });
    const key = `instances ${account.sub} ${context.params.eventId} ${parameterKey(query, 'pageToken', 'maxResults')}`;
    return {
        body: frame(entry, account, query, world.pager.page(query.pageToken, key, pageSize(query), open), null, false),
    };
}

export const eventListMethods = {
    'calendar.events.list': listEvents,
    'calendar.events.instances': listInstances,
};
