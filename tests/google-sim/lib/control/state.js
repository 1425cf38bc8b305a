// SPDX-License-Identifier: Apache-2.0
// The full state of an account as JSON, for assertions in tests. File content is shown by size and checksum only.
import { showEvent } from '../calendar/model.js';
import { showPermission } from '../drive/model.js';
import { groupsOf, personEtag } from '../people/model.js';

export function stateOf(world, account) {
    const accounts = account ? [account] : [...world.accounts.values()];
    return {
        now: world.isoNow(),
        violations: world.violations,
        options: world.options,
        channels: [...world.channels.values()]
            .filter((channel) => !account || channel.account === account)
            .map(({ id, address, token, resourceId, expiration, posts }) => {
                return { id, address, token, resourceId, expiration, posts };
            }),
        accounts: accounts.map((one) => accountState(world, one)),
    };
}

function accountState(world, account) {
    return {
        email: account.email,
        name: account.name,
        sub: account.sub,
        contacts: [...account.contacts.values()].map((contact) => ({
            resourceName: contact.resourceName,
            sourceId: contact.sourceId,
            etag: personEtag(contact),
            deleted: contact.deleted,
            groups: groupsOf(contact),
            ...contact.fields,
        })),
        contactGroups: [...account.groups.values()].map(({ resourceName, name, groupType, deleted }) => ({
            resourceName,
            name,
            groupType,
            deleted,
        })),
        calendars: [...account.calendars.values()].map(({ calendar, accessRole, deleted }) => ({
            id: calendar.id,
            summary: calendar.summary,
            timeZone: calendar.timeZone,
            primary: calendar.primary,
            accessRole,
            deleted,
            events: [...calendar.events.values()].map((record) => showEvent(record, calendar, account)),
        })),
        files: [...account.files.values()].map((file) => ({
            id: file.id,
            name: file.name,
            mimeType: file.mimeType,
            trashed: file.trashed,
            parents: file.parents,
            version: file.version,
            size: file.content?.length ?? null,
            md5Checksum: file.md5Checksum ?? null,
            apps: [...file.apps],
            appProperties: Object.fromEntries(file.appProperties),
            permissions: [...file.permissions.values()].map(showPermission),
        })),
        grants: world.grants.summary(account),
        mails: account.mails,
        requestCounts: account.counts,
    };
}
