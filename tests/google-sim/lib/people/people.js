// SPDX-License-Identifier: Apache-2.0
// People API: single contacts and the list of connections with its sync tokens.
import { ApiError, badRequest, notFound } from '../core/errors.js';
import { decodeSyncToken, encodeSyncToken, parameterKey } from '../core/paging.js';
import {
    addContact,
    checkEtag,
    checkNew,
    checkPerson,
    readMask,
    removeContact,
    setFields,
    showPerson,
    showTombstone,
    touch,
    updateMask,
} from './model.js';

const TOKEN_LIFE_MS = 7 * 86400 * 1000;
const LIST_ITEM_LIMIT = 100;
const PAGE_DEFAULT = 100;
const PAGE_LIMIT = 1000;

export function liveContact(account, resourceName) {
    const contact = account.contacts.get(resourceName);
    if (!contact || contact.deleted) throw notFound('Requested entity was not found.');
    return contact;
}

const nameOf = ({ params }) => `people/${params.peopleId}`;

function getPerson(context) {
    const mask = readMask(context.query.personFields, 'personFields');
    if (context.params.peopleId === 'me') return { body: showSelf(context.account, mask) };
    return { body: showPerson(liveContact(context.account, nameOf(context)), mask) };
}

/** The signed-in user's own profile. */
function showSelf(account, mask) {
    const metadata = { primary: true, source: { type: 'PROFILE', id: account.sub } };
    const known = {
        names: [{ metadata, displayName: account.name }],
        emailAddresses: [{ metadata, value: account.email }],
        metadata: { sources: [{ type: 'PROFILE', id: account.sub }], objectType: 'PERSON' },
    };
    const shown = Object.fromEntries(mask.filter((name) => known[name]).map((name) => [name, known[name]]));
    return { resourceName: `people/${account.sub}`, etag: '%self', ...shown };
}

function createContact({ world, account, query, body }) {
    const mask = query.personFields
        ? readMask(query.personFields, 'personFields')
        : ['names', 'metadata', 'memberships'];
    checkNew(account, [body]);
    return { body: showPerson(addContact(world, account, body), mask) };
}

function updateContact(context) {
    const { world, account, query, body } = context;
    const fields = updateMask(query.updatePersonFields, 'updatePersonFields');
    const mask = query.personFields ? readMask(query.personFields, 'personFields') : [...fields, 'metadata'];
    const contact = liveContact(account, nameOf(context));
    checkUpdate(account, contact, body, fields);
    applyUpdate(world, account, contact, body, fields);
    return { body: showPerson(contact, mask) };
}

export function checkUpdate(account, contact, person, fields) {
    checkEtag(contact, person);
    checkPerson(account, person, fields);
    if (fields.includes('memberships') && !(person.memberships ?? []).some((item) => item.contactGroupMembership)) {
        throw badRequest('At least one contact group membership must be specified.');
    }
}

export function applyUpdate(world, account, contact, person, fields) {
    setFields(contact, person, fields);
    touch(world, account, contact);
}

function deleteContact(context) {
    removeContact(context.world, context.account, liveContact(context.account, nameOf(context)));
    return { body: {} };
}

function listConnections(context) {
    const { world, account, query } = context;
    if (context.params.peopleId !== 'me') throw badRequest('Resource name must be people/me.');
    const mask = readMask(query.personFields, 'personFields');
    const size = query.pageSize ?? PAGE_DEFAULT;
    if (size < 1 || size > PAGE_LIMIT) throw badRequest(`pageSize must be between 1 and ${PAGE_LIMIT}.`);
    const since = query.syncToken ? readSyncToken(world, account, query) : null;
    const key = parameterKey(query, 'pageToken');
    const open = () => (since ? changed(world, account, since) : everything(world, account, query.sortOrder));
    const { items, extra, next } = world.pager.page(query.pageToken, `people ${account.sub} ${key}`, size, open);
    const last = !next && (query.requestSyncToken || since);
    return {
        body: {
            connections: items.map((contact) =>
                contact.deleted
                    ? showTombstone(contact)
                    : showPerson(contact, mask, { itemLimit: LIST_ITEM_LIMIT, previous: Boolean(since) }),
            ),
            totalPeople: extra.total,
            totalItems: extra.total,
            ...(next && { nextPageToken: next }),
            ...(last && { nextSyncToken: writeSyncToken(account, query, extra) }),
        },
    };
}

const paramsOfSync = (query) => parameterKey(query, 'pageToken', 'syncToken', 'requestSyncToken');

function writeSyncToken(account, query, { seq, full }) {
    return encodeSyncToken({
        p: 'people',
        a: account.sub,
        s: seq,
        t: full,
        g: account.peopleTokensFrom,
        q: paramsOfSync(query),
    });
}

function readSyncToken(world, account, query) {
    const token = decodeSyncToken(query.syncToken);
    if (token?.p !== 'people' || token.a !== account.sub) throw badRequest('Sync token is invalid.');
    if (token.g < account.peopleTokensFrom || token.t + TOKEN_LIFE_MS < world.now()) {
        throw new ApiError(
            400,
            'failedPrecondition',
            'Sync token is expired. Clear local cache and retry call without the sync ' + 'token.',
            { rpcStatus: 'FAILED_PRECONDITION', info: 'EXPIRED_SYNC_TOKEN' },
        );
    }
    if (token.q !== paramsOfSync(query)) throw badRequest('Sync token was issued for other request parameters.');
    return { seq: token.s, full: token.t };
}

/** The newest change that syncs may show already: writes take a while to reach them (option peopleSyncDelaySeconds). */
function visibleSeq(world, account) {
    const delay = world.options.peopleSyncDelaySeconds * 1000;
    if (!delay) return account.peopleSeq;
    const late = [...account.contacts.values()].filter((contact) => contact.updatedAt > world.now() - delay);
    return late.reduce((seq, contact) => Math.min(seq, contact.seq - 1), account.peopleSeq);
}

function everything(world, account, order) {
    const live = [...account.contacts.values()].filter((contact) => !contact.deleted);
    live.sort(COMPARE[order ?? 'LAST_MODIFIED_ASCENDING']);
    return { items: live, extra: { total: live.length, seq: visibleSeq(world, account), full: world.now() } };
}

function changed(world, account, since) {
    const bound = visibleSeq(world, account);
    const items = [...account.contacts.values()].filter((contact) => contact.seq > since.seq && contact.seq <= bound);
    items.sort(COMPARE.LAST_MODIFIED_ASCENDING);
    return { items, extra: { total: items.length, seq: Math.max(bound, since.seq), full: since.full } };
}

const nameKey = (contact, part) => (contact.fields.names?.[0]?.[part] ?? '').toLowerCase();
const byName = (part) => (a, b) => nameKey(a, part).localeCompare(nameKey(b, part));
const COMPARE = {
    LAST_MODIFIED_ASCENDING: (a, b) => a.seq - b.seq,
    LAST_MODIFIED_DESCENDING: (a, b) => b.seq - a.seq,
    FIRST_NAME_ASCENDING: byName('givenName'),
    LAST_NAME_ASCENDING: byName('familyName'),
};

export const peopleMethods = {
    'people.people.get': getPerson,
    'people.people.createContact': createContact,
    'people.people.updateContact': updateContact,
    'people.people.deleteContact': deleteContact,
    'people.people.connections.list': listConnections,
};
