// SPDX-License-Identifier: Apache-2.0
// People API: the batch methods. Each is all or nothing: everything is checked before anything changes.
import { badRequest } from '../core/errors.js';
import { addContact, checkNew, readMask, removeContact, showPerson, updateMask } from './model.js';
import { applyUpdate, checkUpdate, liveContact } from './people.js';

const READ_WRITE_LIMIT = 200;
const DELETE_LIMIT = 500;

function checkCount(count, limit, what) {
    if (count < 1) throw badRequest(`${what}: at least one is required.`);
    if (count > limit) throw badRequest(`${what}: ${count} were given, at most ${limit} are allowed.`);
}

const answer = (contact, mask, requested) => ({
    httpStatusCode: 200,
    person: showPerson(contact, mask),
    status: {},
    ...(requested && { requestedResourceName: requested }),
});

function batchGet({ account, query }) {
    const mask = readMask(query.personFields, 'personFields');
    const names = query.resourceNames ?? [];
    checkCount(names.length, READ_WRITE_LIMIT, 'resourceNames');
    return {
        body: {
            responses: names.map((name) => {
                const contact = account.contacts.get(name);
                if (contact && !contact.deleted) return answer(contact, mask, name);
                return {
                    httpStatusCode: 404,
                    requestedResourceName: name,
                    status: { code: 5, message: 'Requested entity was not found.' },
                };
            }),
        },
    };
}

function batchCreate({ world, account, body }) {
    const persons = (body.contacts ?? []).map((item) => item.contactPerson ?? {});
    checkCount(persons.length, READ_WRITE_LIMIT, 'contacts');
    const mask = body.readMask ? readMask(body.readMask, 'readMask') : null;
    checkNew(account, persons);
    const contacts = persons.map((person) => addContact(world, account, person));
    return {
        body: mask ? { createdPeople: contacts.map((contact) => answer(contact, mask, contact.resourceName)) } : {},
    };
}

function batchUpdate({ world, account, body }) {
    const entries = Object.entries(body.contacts ?? {});
    checkCount(entries.length, READ_WRITE_LIMIT, 'contacts');
    const fields = updateMask(body.updateMask, 'updateMask');
    const mask = body.readMask ? readMask(body.readMask, 'readMask') : null;
    const pairs = entries.map(([name, person]) => ({ name, person, contact: liveContact(account, name) }));
    pairs.forEach(({ contact, person }) => checkUpdate(account, contact, person, fields));
    pairs.forEach(({ contact, person }) => applyUpdate(world, account, contact, person, fields));
    if (!mask) return { body: {} };
    return {
        body: {
            updateResult: Object.fromEntries(pairs.map(({ name, contact }) => [name, answer(contact, mask, name)])),
        },
    };
}

function batchDelete({ world, account, body }) {
    const names = [...new Set(body.resourceNames ?? [])];
    checkCount(names.length, DELETE_LIMIT, 'resourceNames');
    const contacts = names.map((name) => liveContact(account, name));
    contacts.forEach((contact) => removeContact(world, account, contact));
    return { body: {} };
}

export const contactBatchMethods = {
    'people.people.getBatchGet': batchGet,
    'people.people.batchCreateContacts': batchCreate,
    'people.people.batchUpdateContacts': batchUpdate,
    'people.people.batchDeleteContacts': batchDelete,
};
