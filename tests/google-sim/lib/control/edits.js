// SPDX-License-Identifier: Apache-2.0
// Edits a user makes on their own phone or in the browser: no OAuth, no scopes, but the same rules and versions.
import { badRequest, notFound } from '../core/errors.js';
import { addContact, checkNew, checkPerson, removeContact, setFields, showPerson, touch } from '../people/model.js';
import { liveContact } from '../people/people.js';
import { entryOf, makeCalendar, subscribe } from '../calendar/calendars.js';
import { applyChange, cancelEvent } from '../calendar/events.js';
import { mergePatch, readEvent, showEvent, storeEvent } from '../calendar/model.js';
import { findInstance } from '../calendar/instances.js';
import { notifyChannels } from '../calendar/watch.js';
import { makeFile, touchFile } from '../drive/model.js';
import { removeFile } from '../drive/files.js';

const CONTACT_VIEW = [
    'names',
    'emailAddresses',
    'phoneNumbers',
    'addresses',
    'organizations',
    'biographies',
    'birthdays',
    'clientData',
    'userDefined',
    'memberships',
    'metadata',
];

/** {action: create|update|delete|fill, resourceName?, person?, count?}; update replaces the fields that are given. */
export function editContacts(world, account, { action, resourceName, person = {}, count }) {
    if (action === 'fill') return fillContacts(world, account, count);
    if (action === 'create') {
        checkNew(account, [person]);
        return showPerson(addContact(world, account, person), CONTACT_VIEW);
    }
    const contact = liveContact(account, resourceName);
    if (action === 'delete') removeContact(world, account, contact);
    else if (action === 'update') {
        const fields = Object.keys(person);
        checkPerson(account, person, fields);
        setFields(contact, person, fields);
        touch(world, account, contact);
    } else if (action === 'rename') renameContact(world, account, contact);
    else throw badRequest(`unknown action ${action}`);
    return showPerson(contact, CONTACT_VIEW);
}

/** The contact gets a new resource name, as when Google links it with a profile; its source id stays. */
function renameContact(world, account, contact) {
    account.contacts.delete(contact.resourceName);
    contact.previous.push(contact.resourceName);
    contact.resourceName = `${contact.resourceName}7`;
    account.contacts.set(contact.resourceName, contact);
    touch(world, account, contact);
}

/** Many plausible contacts at once, for trials with size. */
function fillContacts(world, account, count) {
    for (let i = 1; i <= count; i += 1) {
        addContact(world, account, {
            names: [{ givenName: `Client${i}`, familyName: `Number${i % 97}` }],
            emailAddresses: [{ value: `client${i}@example.test` }],
            phoneNumbers: [{ value: `+49 30 ${100000 + i}` }],
        });
    }
    return { contacts: account.contacts.size };
}

/** {action: create|update|delete, calendarId?, eventId?, event?}; update merges like PATCH. */
export function editEvents(world, account, { action, calendarId = 'primary', eventId, event = {} }) {
    const { calendar } = entryOf(account, calendarId);
    const record =
        action === 'create'
            ? storeEvent(world, account, calendar, event, event.organizer ? { organizer: event.organizer } : {})
            : (calendar.events.get(eventId) ?? findInstance(world, calendar, eventId ?? ''));
    if (!record) throw notFound(`no event ${eventId}`);
    if (action === 'delete') cancelEvent(world, calendar, record);
    else if (action === 'update') {
        applyChange(world, calendar, record, readEvent(mergePatch(record.data, event), calendar, { conference: true }));
    } else if (action !== 'create') throw badRequest(`unknown action ${action}`);
    notifyChannels(world, calendar);
    return showEvent(record, calendar, account);
}

/** {summary, timeZone?, shareWith?, accessRole?}: a new secondary calendar, or the sharing of `calendarId`. */
export function editCalendars(world, account, { calendarId, shareWith, accessRole = 'reader', ...given }) {
    const calendar = calendarId ? entryOf(account, calendarId).calendar : makeCalendar(world, account, given);
    if (shareWith) {
        const other = world.accounts.get(shareWith);
        if (!other) throw notFound(`no account ${shareWith}`);
        subscribe(world, other, calendar, accessRole);
    }
    return { id: calendar.id };
}

/** {action: create|rename|delete, fileId?, name?, mimeType?, text? or base64?} */
export function editFiles(world, account, { action, fileId, name, mimeType, text = '', base64 }) {
    if (action === 'create') {
        const content = base64 === undefined ? Buffer.from(text) : Buffer.from(base64, 'base64');
        return { id: makeFile(world, account, { name, mimeType: mimeType ?? 'text/plain' }, content).id };
    }
    const file = account.files.get(fileId);
    if (!file) throw notFound(`no file ${fileId}`);
    if (action === 'delete') removeFile(file);
    else if (action === 'rename') {
        file.name = name;
        touchFile(world, file);
    } else throw badRequest(`unknown action ${action}`);
    return { id: fileId };
}
