// SPDX-License-Identifier: Apache-2.0
// People API: contact groups (the labels a user sees) and their members.
import { ApiError, badRequest, notFound } from '../core/errors.js';
import { randomHex } from '../core/ids.js';
import { decodeSyncToken, encodeSyncToken, parameterKey } from '../core/paging.js';
import { groupsOf, membershipOf, removeContact, setFields, touch } from './model.js';

const PAGE_DEFAULT = 30;
const PAGE_LIMIT = 1000;
const BATCH_LIMIT = 200;
const MODIFY_LIMIT = 1000;
const FIELDS = ['clientData', 'groupType', 'memberCount', 'metadata', 'name'];
const DEFAULT_FIELDS = ['metadata', 'groupType', 'memberCount', 'name'];

const system = (id, formattedName) => ({
    resourceName: `contactGroups/${id}`,
    name: id,
    formattedName,
    groupType: 'SYSTEM_CONTACT_GROUP',
    deleted: false,
});
export const SYSTEM_GROUPS = [system('myContacts', 'My Contacts'), system('starred', 'Starred')];

function groupMask(text) {
    const fields = text ? text.split(',').map((field) => field.trim()) : DEFAULT_FIELDS;
    const unknown = fields.filter((field) => !FIELDS.includes(field));
    if (unknown.length) throw badRequest(`Invalid groupFields mask path: "${unknown.join('", "')}".`);
    return fields;
}

const membersOf = (account, group) =>
    [...account.contacts.values()].filter(
        (contact) => !contact.deleted && groupsOf(contact).includes(group.resourceName),
    );

const etagOf = (group) => Buffer.from(`g${group.version ?? 0}`).toString('base64');

function show(account, group, mask, maxMembers = 0) {
    if (group.deleted) return { resourceName: group.resourceName, metadata: { deleted: true } };
    const members = mask.includes('memberCount') || maxMembers ? membersOf(account, group) : [];
    return {
        resourceName: group.resourceName,
        etag: etagOf(group),
        formattedName: group.formattedName,
        ...(mask.includes('name') && { name: group.name }),
        ...(mask.includes('groupType') && { groupType: group.groupType }),
        ...(mask.includes('metadata') && group.updateTime && { metadata: { updateTime: group.updateTime } }),
        ...(mask.includes('memberCount') && members.length && { memberCount: members.length }),
        ...(mask.includes('clientData') && group.clientData && { clientData: group.clientData }),
        ...(maxMembers &&
            members.length && {
                memberResourceNames: members.slice(0, maxMembers).map((member) => member.resourceName),
            }),
    };
}

function liveGroup(account, name) {
    const group = account.groups.get(name);
    if (!group || group.deleted) throw notFound('Requested entity was not found.');
    return group;
}

const nameOf = ({ params }) => `contactGroups/${params.contactGroupsId}`;

function touchGroup(world, account, group) {
    account.peopleSeq += 1;
    Object.assign(group, { seq: account.peopleSeq, version: world.stamp(), updateTime: world.isoNow() });
}

function list({ world, account, query }) {
    const mask = groupMask(query.groupFields);
    const size = query.pageSize ?? PAGE_DEFAULT;
    if (size < 1 || size > PAGE_LIMIT) throw badRequest(`pageSize must be between 1 and ${PAGE_LIMIT}.`);
    const since = query.syncToken ? syncSeq(account, query.syncToken) : null;
    const open = () => {
        const all = [...account.groups.values()];
        const items = since === null ? all.filter((group) => !group.deleted) : all.filter((group) => group.seq > since);
        return { items, extra: { seq: account.peopleSeq, total: items.length } };
    };
    const { items, extra, next } = world.pager.page(
        query.pageToken,
        `groups ${account.sub} ${parameterKey(query, 'pageToken')}`,
        size,
        open,
    );
    return {
        body: {
            contactGroups: items.map((group) => show(account, group, mask)),
            totalItems: extra.total,
            ...(next
                ? { nextPageToken: next }
                : {
                      nextSyncToken: encodeSyncToken({
                          p: 'groups',
                          a: account.sub,
                          s: extra.seq,
                          g: account.peopleTokensFrom,
                      }),
                  }),
        },
    };
}

function syncSeq(account, text) {
    const token = decodeSyncToken(text);
    if (token?.p !== 'groups' || token.a !== account.sub) throw badRequest('Sync token is invalid.');
    if (token.g < account.peopleTokensFrom) {
        throw new ApiError(
            400,
            'failedPrecondition',
            'Sync token is expired. Clear local cache and retry call without the sync ' + 'token.',
            { rpcStatus: 'FAILED_PRECONDITION', info: 'EXPIRED_SYNC_TOKEN' },
        );
    }
    return token.s;
}

function get(context) {
    const group = liveGroup(context.account, nameOf(context));
    return { body: show(context.account, group, groupMask(context.query.groupFields), context.query.maxMembers) };
}

function batchGet({ account, query }) {
    const mask = groupMask(query.groupFields);
    const names = query.resourceNames ?? [];
    if (names.length < 1 || names.length > BATCH_LIMIT)
        throw badRequest(`resourceNames: 1 to ${BATCH_LIMIT} are allowed.`);
    return {
        body: {
            responses: names.map((name) => {
                const group = account.groups.get(name);
                if (!group || group.deleted)
                    return { requestedResourceName: name, status: { code: 5, message: 'Not found' } };
                return {
                    requestedResourceName: name,
                    status: {},
                    contactGroup: show(account, group, mask, query.maxMembers),
                };
            }),
        },
    };
}

function checkName(account, name, self = null) {
    if (!name) throw badRequest('contactGroup.name is required.');
    const taken = [...account.groups.values()].some(
        (group) => group !== self && !group.deleted && (group.name === name || group.formattedName === name),
    );
    if (taken) throw new ApiError(409, 'duplicate', 'Contact group name already exists.');
}

function create({ world, account, body }) {
    const name = body.contactGroup?.name;
    checkName(account, name);
    const group = {
        resourceName: `contactGroups/${randomHex(8)}`,
        name,
        formattedName: name,
        groupType: 'USER_CONTACT_GROUP',
        clientData: body.contactGroup.clientData,
        deleted: false,
    };
    touchGroup(world, account, group);
    account.groups.set(group.resourceName, group);
    return { body: show(account, group, groupMask(body.readGroupFields)) };
}

function userGroup(context) {
    const group = liveGroup(context.account, nameOf(context));
    if (group.groupType !== 'USER_CONTACT_GROUP') throw badRequest('System contact groups cannot be changed.');
    return group;
}

function update(context) {
    const { world, account, body } = context;
    const group = userGroup(context);
    if (body.contactGroup?.etag && body.contactGroup.etag !== etagOf(group)) {
        throw new ApiError(400, 'failedPrecondition', 'Contact group etag does not match.', {
            rpcStatus: 'FAILED_PRECONDITION',
        });
    }
    checkName(account, body.contactGroup?.name, group);
    Object.assign(group, { name: body.contactGroup.name, formattedName: body.contactGroup.name });
    if (body.contactGroup.clientData) group.clientData = body.contactGroup.clientData;
    touchGroup(world, account, group);
    return { body: show(account, group, groupMask(body.readGroupFields)) };
}

function remove(context) {
    const { world, account, query } = context;
    const group = userGroup(context);
    for (const contact of membersOf(account, group)) {
        if (query.deleteContacts) removeContact(world, account, contact);
        else leave(world, account, contact, group.resourceName);
    }
    group.deleted = true;
    touchGroup(world, account, group);
    return { body: {} };
}

function leave(world, account, contact, name) {
    setGroups(
        world,
        account,
        contact,
        groupsOf(contact).filter((other) => other !== name),
    );
}

function setGroups(world, account, contact, names) {
    setFields(contact, { memberships: names.map(membershipOf) }, ['memberships']);
    touch(world, account, contact);
}

function modifyMembers(context) {
    const { world, account, body } = context;
    const group = liveGroup(account, nameOf(context));
    const add = body.resourceNamesToAdd ?? [];
    const drop = body.resourceNamesToRemove ?? [];
    if (add.length + drop.length > MODIFY_LIMIT)
        throw badRequest(`At most ${MODIFY_LIMIT} resource names can be given.`);
    const found = (name) => account.contacts.get(name) && !account.contacts.get(name).deleted;
    const missing = [...add, ...drop].filter((name) => !found(name));
    for (const contact of add.filter(found).map((name) => account.contacts.get(name))) {
        const names = groupsOf(contact);
        if (!names.includes(group.resourceName)) setGroups(world, account, contact, [...names, group.resourceName]);
    }
    const stuck = [];
    for (const contact of drop.filter(found).map((name) => account.contacts.get(name))) {
        const names = groupsOf(contact);
        if (!names.includes(group.resourceName)) continue;
        if (names.length === 1) stuck.push(contact.resourceName);
        else leave(world, account, contact, group.resourceName);
    }
    touchGroup(world, account, group);
    return {
        body: {
            ...(missing.length && { notFoundResourceNames: missing }),
            ...(stuck.length && { canNotRemoveLastContactGroupResourceNames: stuck }),
        },
    };
}

export const contactGroupMethods = {
    'people.contactGroups.list': list,
    'people.contactGroups.get': get,
    'people.contactGroups.batchGet': batchGet,
    'people.contactGroups.create': create,
    'people.contactGroups.update': update,
    'people.contactGroups.delete': remove,
    'people.contactGroups.members.modify': modifyMembers,
};
