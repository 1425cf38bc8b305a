// SPDX-License-Identifier: Apache-2.0
// Contacts: storing, replacing fields, etags, masks, and the Person a client sees.
import { ApiError, badRequest } from '../core/errors.js';
import { randomDigits, randomHex } from '../core/ids.js';

const ACCOUNT_LIMIT = 25000;
const SINGLETONS = ['biographies', 'birthdays', 'genders', 'names'];
const UPDATABLE = [
    'addresses',
    'biographies',
    'birthdays',
    'calendarUrls',
    'clientData',
    'emailAddresses',
    'events',
    'externalIds',
    'genders',
    'imClients',
    'interests',
    'locales',
    'locations',
    'memberships',
    'miscKeywords',
    'names',
    'nicknames',
    'occupations',
    'organizations',
    'phoneNumbers',
    'relations',
    'sipAddresses',
    'urls',
    'userDefined',
];
const READABLE = new Set([...UPDATABLE, 'ageRanges', 'coverPhotos', 'metadata', 'photos', 'skills']);
export const MY_CONTACTS = 'contactGroups/myContacts';

/** A read mask as a list; missing or unknown paths are 400. */
export function readMask(text, name) {
    const fields = (text ?? '')
        .split(',')
        .map((field) => field.trim())
        .filter(Boolean);
    if (!fields.length) throw badRequest(`${name} mask is required. Please specify one or more valid paths.`);
    const unknown = fields.filter((field) => !READABLE.has(field));
    if (unknown.length) throw badRequest(`Invalid ${name} mask path: "${unknown.join('", "')}".`);
    return fields;
}

export function updateMask(text, name) {
    const fields = (text ?? '')
        .split(',')
        .map((field) => field.trim())
        .filter(Boolean);
    if (!fields.length) throw badRequest(`${name} mask is required. Please specify one or more valid paths.`);
    const unknown = fields.filter((field) => !UPDATABLE.includes(field));
    if (unknown.length) throw badRequest(`Invalid ${name} mask path: "${unknown.join('", "')}".`);
    return fields;
}

/** Throws when the account cannot take this many more contacts or a person breaks a rule. */
export function checkNew(account, persons) {
    const live = [...account.contacts.values()].filter((contact) => !contact.deleted).length;
    if (live + persons.length > ACCOUNT_LIMIT) {
        throw new ApiError(400, 'failedPrecondition', 'MY_CONTACTS_OVERFLOW_COUNT', {
            rpcStatus: 'FAILED_PRECONDITION',
        });
    }
    persons.forEach((person) => checkPerson(account, person, UPDATABLE));
}

export function checkPerson(account, person, fields) {
    for (const name of SINGLETONS) {
        if (fields.includes(name) && (person[name]?.length ?? 0) > 1) {
            throw badRequest(`${name} is a singleton field: a contact can have at most one.`);
        }
    }
    if (!fields.includes('memberships')) return;
    for (const membership of person.memberships ?? []) {
        const group = membership.contactGroupMembership?.contactGroupResourceName;
        if (group && !account.groups.has(group)) throw badRequest(`Contact group ${group} does not exist.`);
    }
}

export function addContact(world, account, person) {
    const contact = {
        resourceName: `people/c${randomDigits(19)}`,
        sourceId: randomHex(8),
        deleted: false,
        fields: {},
        previous: [],
    };
    const given = person.memberships?.length ? person : { ...person, memberships: [membershipOf(MY_CONTACTS)] };
    setFields(contact, given, UPDATABLE);
    touch(world, account, contact);
    account.contacts.set(contact.resourceName, contact);
    return contact;
}

/** Replaces the named fields whole: what the person does not carry is emptied. */
export function setFields(contact, person, fields) {
    const source = { type: 'CONTACT', id: contact.sourceId };
    for (const name of fields) {
        const items = person[name] ?? [];
        if (!items.length) delete contact.fields[name];
        else
            contact.fields[name] = items.map((item, i) =>
                complete(name, item, { ...(i === 0 && { primary: true }), source }),
            );
    }
}

/** New version: sequence for sync tokens, etag, update time. */
export function touch(world, account, contact) {
    account.peopleSeq += 1;
    contact.seq = account.peopleSeq;
    contact.version = world.stamp();
    contact.updatedAt = world.now();
}

export function removeContact(world, account, contact) {
    contact.deleted = true;
    contact.fields = {};
    touch(world, account, contact);
}

export function membershipOf(groupName) {
    return {
        contactGroupMembership: { contactGroupId: groupName.split('/')[1], contactGroupResourceName: groupName },
    };
}

export const groupsOf = (contact) =>
    (contact.fields.memberships ?? [])
        .map((membership) => membership.contactGroupMembership?.contactGroupResourceName)
        .filter(Boolean);

function complete(name, item, metadata) {
    const out = { ...item, metadata };
    if (name === 'names') return completeName(out);
    if (name === 'memberships' && item.contactGroupMembership) {
        return { metadata, ...membershipOf(item.contactGroupMembership.contactGroupResourceName) };
    }
    if (name === 'phoneNumbers' && /^\+[\d ()/.-]+$/.test(item.value ?? '')) {
        out.canonicalForm = `+${item.value.replace(/\D/g, '')}`;
    }
    return out;
}

/** Google splits a free-form name when no parts are given, and derives the display forms. */
function completeName(name) {
    const out = { ...name };
    const parts = ['honorificPrefix', 'givenName', 'middleName', 'familyName'].map((key) => out[key]).filter(Boolean);
    if (!parts.length && out.unstructuredName) {
        const words = out.unstructuredName.trim().split(/\s+/);
        if (words.length > 1) out.familyName = words.pop();
        out.givenName = words.join(' ');
    }
    const whole = [out.honorificPrefix, out.givenName, out.middleName, out.familyName].filter(Boolean).join(' ');
    out.displayName = out.honorificSuffix ? `${whole}, ${out.honorificSuffix}` : whole;
    out.unstructuredName = out.displayName;
    const first = [out.givenName, out.middleName].filter(Boolean).join(' ');
    out.displayNameLastFirst = [out.familyName, first].filter(Boolean).join(', ');
    return out;
}

export const sourceEtag = (contact) => `#${Buffer.from(`s${contact.version}`).toString('base64')}`;
export const personEtag = (contact) => `%${Buffer.from(`p${contact.version}`).toString('base64')}`;

/** The Person as a client sees it, with the fields of the mask. */
export function showPerson(contact, mask, { itemLimit = Infinity, previous = false } = {}) {
    const person = { resourceName: contact.resourceName, etag: personEtag(contact) };
    for (const name of mask) {
        if (name === 'metadata') person.metadata = showMetadata(contact, previous);
        else if (contact.fields[name]) person[name] = contact.fields[name].slice(0, itemLimit);
    }
    return person;
}

function showMetadata(contact, previous) {
    return {
        sources: [
            {
                type: 'CONTACT',
                id: contact.sourceId,
                etag: sourceEtag(contact),
                updateTime: new Date(contact.updatedAt).toISOString(),
            },
        ],
        objectType: 'PERSON',
        ...(previous && contact.previous.length && { previousResourceNames: contact.previous }),
    };
}

/** What a sync says about a deleted contact: only the name can be relied on. */
export function showTombstone(contact) {
    return {
        resourceName: contact.resourceName,
        etag: personEtag(contact),
        metadata: { deleted: true, objectType: 'PERSON' },
    };
}

/** Throws 400 failedPrecondition unless the person carries the contact's present etag. */
export function checkEtag(contact, person) {
    const source = (person.metadata?.sources ?? []).find(({ type }) => type === 'CONTACT');
    if (!source) throw badRequest('Request must include person.metadata.sources with a source of type CONTACT.');
    if (!source.etag)
        throw badRequest('Request must set person.metadata.sources.etag for the source that is being updated.');
    if (source.etag === sourceEtag(contact) && (!person.etag || person.etag === personEtag(contact))) return;
    throw new ApiError(
        400,
        'failedPrecondition',
        'Request person.etag is different than the current person.etag. Clear local ' +
            'cache and get the latest person.',
        { rpcStatus: 'FAILED_PRECONDITION' },
    );
}
