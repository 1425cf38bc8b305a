// SPDX-License-Identifier: Apache-2.0
// Pages that show what "Google" holds of an account, so that a human can see what the app wrote, and can take the
// app's access away as on Google's own page.
import { html, page } from '../core/html.js';
import { readForm } from '../core/http.js';
import { formatInstant } from '../calendar/times.js';
import { sentence } from '../oauth/scopes.js';

const SHOWN = 100;

/** The response, or null when the path is not one of these pages. */
export function overview(world, call) {
    if (call.method === 'GET' && call.path === '/') return accountsPage(world);
    const match = call.path.match(/^\/account\/([^/]+)(\/remove-access)?$/);
    const account = match && world.accounts.get(decodeURIComponent(match[1]));
    if (!account) return null;
    if (call.method === 'GET' && !match[2]) return accountPage(world, account);
    if (call.method !== 'POST' || !match[2]) return null;
    world.grants.revoke(account, readForm(call).get('project'));
    return { status: 303, headers: { location: `/account/${encodeURIComponent(account.email)}` }, body: '' };
}

function accountsPage(world) {
    return page(
        'Google simulator',
        html`<h1>Accounts in this simulator</h1>
<p>What an app sends to “Google” ends up here and nowhere else. Choose an account to see what it holds.</p>
<ul>${[...world.accounts.values()].map(
            (account) => html`<li><a data-testid="open-${account.email}"
 href="/account/${encodeURIComponent(account.email)}">${account.name}</a> <span class="soft">${account.email}</span></li>`,
        )}</ul>`,
    );
}

function accountPage(world, account) {
    return page(
        account.email,
        html`<p><a href="/">All accounts</a></p><h1 data-testid="account">${account.name}</h1>
<p class="soft">${account.email}</p>${grants(world, account)}${contacts(account)}${calendars(account)}${files(account)}${mails(account)}`,
        { wide: true },
    );
}

function grants(world, account) {
    const list = world.grants.summary(account);
    return html`<h2>Apps with access</h2>${list.length ? '' : html`<p data-testid="no-grants">No app has access.</p>`}
${list.map(
    (grant) => html`<div data-testid="grant-${grant.project}"><p><strong>${grant.project}</strong>
 <span class="soft">since ${grant.since}, ${grant.refreshTokens.length} refresh tokens</span></p>
<ul>${grant.scopes.map((scope) => html`<li data-testid="granted-scope">${sentence(scope)} <span class="soft">${scope}</span></li>`)}</ul>
<form method="post" action="/account/${encodeURIComponent(account.email)}/remove-access">
<button name="project" value="${grant.project}" data-testid="remove-access-${grant.project}">Remove access</button></form></div>`,
)}`;
}

const join = (items, key) =>
    (items ?? [])
        .map((item) => item[key])
        .filter(Boolean)
        .join(', ');

function contacts(account) {
    const live = [...account.contacts.values()].filter((contact) => !contact.deleted);
    const shown = live.slice(-SHOWN).reverse();
    return html`<h2>Contacts (<span data-testid="contact-count">${live.length}</span>)</h2>${note(live.length)}
<table data-testid="contacts"><tr><th>Name</th><th>E-mail</th><th>Phone</th><th>Company</th></tr>${shown.map(
        ({ resourceName, fields }) => html`
<tr data-testid="contact-${resourceName}"><td>${join(fields.names, 'displayName')}</td><td>${join(fields.emailAddresses, 'value')}</td>
<td>${join(fields.phoneNumbers, 'value')}</td><td>${join(fields.organizations, 'name')}</td></tr>`,
    )}</table>`;
}

const note = (count) => (count > SHOWN ? html`<p class="soft">The newest ${SHOWN} are shown.</p>` : '');

function calendars(account) {
    return [...account.calendars.values()]
        .filter((entry) => !entry.deleted)
        .map(({ calendar }) => {
            const live = [...calendar.events.values()].filter((record) => record.data.status !== 'cancelled');
            const when = (time) => time.date ?? formatInstant(Date.parse(time.dateTime), calendar.timeZone);
            return html`<h2>Calendar ${calendar.summary} (<span data-testid="event-count-${calendar.id}">${live.length}</span>)</h2>${note(live.length)}
<table data-testid="events-${calendar.id}"><tr><th>Event</th><th>Start</th><th>End</th><th>Guests</th></tr>${live
                .slice(-SHOWN)
                .reverse()
                .map(
                    ({ data }) => html`
<tr data-testid="event-${data.id}"><td>${data.summary}</td><td>${when(data.start)}</td><td>${when(data.end)}</td>
<td>${(data.attendees ?? []).map((guest) => `${guest.email} (${guest.responseStatus})`).join(', ')}</td></tr>`,
                )}</table>`;
        });
}

function files(account) {
    const live = [...account.files.values()].filter((file) => !file.trashed);
    const shares = (file) =>
        [...file.permissions.values()]
            .filter(({ role }) => role !== 'owner')
            .map(
                (permission) =>
                    `${permission.emailAddress ?? permission.domain ?? 'anyone with the link'}: ${permission.role}`,
            )
            .join(', ');
    return html`<h2>Drive (<span data-testid="file-count">${live.length}</span>)</h2>${note(live.length)}
<table data-testid="files"><tr><th>File</th><th>Type</th><th>Bytes</th><th>Shared with</th><th>Apps with access</th></tr>
${live
    .slice(-SHOWN)
    .reverse()
    .map(
        (file) => html`<tr data-testid="file-${file.id}"><td>${file.name}</td><td>${file.mimeType}</td>
<td>${file.content?.length ?? '–'}</td><td data-testid="shares-${file.id}">${shares(file)}</td><td>${[...file.apps].join(', ')}</td></tr>`,
    )}</table>`;
}

function mails(account) {
    return html`<h2>Mails sent in this user's name (<span data-testid="mail-count">${account.mails.length}</span>)</h2>
<table data-testid="mails">${account.mails
        .slice(-SHOWN)
        .reverse()
        .map(
            (mail) => html`<tr><td>${mail.at}</td><td>${mail.kind}</td>
<td>${mail.to}</td><td>${mail.summary ?? mail.name}</td></tr>`,
        )}</table>`;
}
