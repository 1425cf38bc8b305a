// SPDX-License-Identifier: Apache-2.0
// Calendars, the user's list of them, and what a token may do with each.
import { ApiError, badRequest, notFound } from '../core/errors.js';
import { decodeSyncToken, encodeSyncToken, parameterKey } from '../core/paging.js';
import { randomHex } from '../core/ids.js';
import { isZone } from './times.js';

const ROLES = ['freeBusyReader', 'reader', 'writer', 'owner'];
const ANY_CALENDAR = [
    'calendar',
    'calendar.readonly',
    'calendar.events',
    'calendar.events.readonly',
    'calendar.calendars',
    'calendar.calendars.readonly',
];
const OWNED = ['calendar.events.owned', 'calendar.events.owned.readonly'];

export function makeCalendar(world, account, given) {
    const calendar = {
        id: given.id ?? `c_${randomHex(32)}@group.calendar.google.com`,
        summary: given.summary,
        description: given.description,
        location: given.location,
        timeZone: given.timeZone ?? account.timeZone,
        primary: given.primary ?? false,
        owner: account.email,
        createdBy: given.createdBy ?? null,
        events: new Map(),
        seq: 0,
        version: world.stamp(),
    };
    subscribe(world, account, calendar, 'owner');
    return calendar;
}

/** Puts a calendar on an account's list with an access role. */
export function subscribe(world, account, calendar, accessRole) {
    account.calendarListSeq += 1;
    account.calendars.set(calendar.id, { calendar, accessRole, seq: account.calendarListSeq, deleted: false });
}

/** The list entry for an id or `primary`; 404 when the account has no such calendar. */
export function entryOf(account, id) {
    const entry = account.calendars.get(id === 'primary' ? account.email : id);
    if (!entry || entry.deleted) throw notFound();
    return entry;
}

/** The entry plus the view the token has on its events: full or busy. */
export function openCalendar(context, { write = false } = {}) {
    const entry = entryOf(context.account, context.params.calendarId);
    const view = viewOf(context, entry);
    if (!view) {
        if (context.hasScope(...OWNED))
            throw new ApiError(403, 'forbidden', 'Forbidden: the scope allows only calendars that the user owns.');
        throw notFound();
    }
    if (write && ROLES.indexOf(entry.accessRole) < ROLES.indexOf('writer')) {
        throw new ApiError(403, 'requiredAccessLevel', 'You need to have writer access to this calendar.', {
            domain: 'calendar',
        });
    }
    return { ...entry, view };
}

function viewOf(context, entry) {
    const open =
        context.hasScope(...ANY_CALENDAR) ||
        (entry.accessRole === 'owner' && context.hasScope(...OWNED)) ||
        (context.hasScope('calendar.app.created') && entry.calendar.createdBy === context.project);
    if (open) return entry.accessRole === 'freeBusyReader' ? 'busy' : 'full';
    return context.hasScope('calendar.events.freebusy') ? 'busy' : null;
}

const etagOf = (calendar) => `"${calendar.version}"`;

function showCalendar(calendar) {
    const { id, summary, description, location, timeZone } = calendar;
    return {
        kind: 'calendar#calendar',
        etag: etagOf(calendar),
        id,
        summary,
        timeZone,
        ...(description && { description }),
        ...(location && { location }),
        conferenceProperties: { allowedConferenceSolutionTypes: ['hangoutsMeet'] },
    };
}

function showEntry({ calendar, accessRole, deleted }) {
    if (deleted) return { kind: 'calendar#calendarListEntry', etag: etagOf(calendar), id: calendar.id, deleted: true };
    return {
        ...showCalendar(calendar),
        kind: 'calendar#calendarListEntry',
        accessRole,
        selected: true,
        colorId: '14',
        backgroundColor: '#9fe1e7',
        foregroundColor: '#000000',
        defaultReminders: [{ method: 'popup', minutes: 30 }],
        ...(calendar.primary && { primary: true }),
    };
}

function listCalendars({ account, query, world }) {
    const size = query.maxResults ?? 100;
    if (size < 1) throw badRequest('maxResults must be positive.');
    if (query.syncToken && query.minAccessRole) throw badRequest('minAccessRole cannot be combined with syncToken.');
    const since = query.syncToken ? listSeq(account, query.syncToken) : null;
    const open = () => {
        const all = [...account.calendars.values()];
        const strong = (entry) =>
            !query.minAccessRole || ROLES.indexOf(entry.accessRole) >= ROLES.indexOf(query.minAccessRole);
        const items =
            since === null
                ? all.filter((entry) => (query.showDeleted || !entry.deleted) && strong(entry))
                : all.filter((entry) => entry.seq > since);
        return { items, extra: account.calendarListSeq };
    };
    const key = `calendarList ${account.sub} ${parameterKey(query, 'pageToken', 'maxResults')}`;
    const { items, extra, next } = world.pager.page(query.pageToken, key, Math.min(size, 250), open);
    return {
        body: {
            kind: 'calendar#calendarList',
            etag: `"p${account.calendarListSeq}"`,
            items: items.map(showEntry),
            ...(next
                ? { nextPageToken: next }
                : {
                      nextSyncToken: encodeSyncToken({
                          p: 'calendarList',
                          a: account.sub,
                          s: extra,
                          g: account.calendarTokensFrom,
                      }),
                  }),
        },
    };
}

function listSeq(account, text) {
    const token = decodeSyncToken(text);
    if (token?.p === 'calendarList' && token.a === account.sub && token.g >= account.calendarTokensFrom) return token.s;
    throw new ApiError(410, 'fullSyncRequired', 'Sync token is no longer valid, a full sync is required.', {
        domain: 'calendar',
    });
}

/** `calendar.app.created` alone knows only the calendars this app made. */
function visibleEntry(context, broad) {
    const entry = entryOf(context.account, context.params.calendarId);
    if (!context.hasScope(...broad) && entry.calendar.createdBy !== context.project) throw notFound();
    return entry;
}

const LIST_SCOPES = ['calendar', 'calendar.readonly', 'calendar.calendarlist', 'calendar.calendarlist.readonly'];
const CALENDAR_SCOPES = ['calendar', 'calendar.readonly', 'calendar.calendars', 'calendar.calendars.readonly'];

function checkCalendar(body) {
    if (!body.summary) throw badRequest('Missing summary.', 'required');
    if (body.timeZone && !isZone(body.timeZone)) throw badRequest('Invalid time zone.');
}

function insertCalendar({ world, account, body, project }) {
    checkCalendar(body);
    const { summary, description, location, timeZone } = body;
    return {
        body: showCalendar(
            makeCalendar(world, account, { summary, description, location, timeZone, createdBy: project }),
        ),
    };
}

function patchCalendar(context) {
    const { account, body, world } = context;
    const entry = ownEntry(context);
    checkCalendar({ ...entry.calendar, ...body });
    for (const name of ['summary', 'description', 'location', 'timeZone'])
        if (name in body) entry.calendar[name] = body[name];
    entry.calendar.version = world.stamp();
    account.calendarListSeq += 1;
    entry.seq = account.calendarListSeq;
    return { body: showCalendar(entry.calendar) };
}

function deleteCalendar(context) {
    const entry = ownEntry(context);
    if (entry.calendar.primary)
        throw new ApiError(403, 'cannotDeletePrimaryCalendar', 'Primary calendars cannot be deleted.');
    context.account.calendarListSeq += 1;
    Object.assign(entry, { deleted: true, seq: context.account.calendarListSeq });
    return { status: 204 };
}

function ownEntry(context) {
    const entry = visibleEntry(context, CALENDAR_SCOPES);
    if (entry.accessRole !== 'owner') throw new ApiError(403, 'forbidden', 'Forbidden');
    return entry;
}

export const calendarMethods = {
    'calendar.calendarList.list': listCalendars,
    'calendar.calendarList.get': (context) => ({ body: showEntry(visibleEntry(context, LIST_SCOPES)) }),
    'calendar.calendars.get': (context) => ({ body: showCalendar(visibleEntry(context, CALENDAR_SCOPES).calendar) }),
    'calendar.calendars.insert': insertCalendar,
    'calendar.calendars.patch': patchCalendar,
    'calendar.calendars.delete': deleteCalendar,
};
