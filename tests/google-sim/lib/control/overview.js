// SPDX-License-Identifier: Apache-2.0
// Pages that show what "Google" holds of an account, so that a human can see what the app wrote, and can take the
// app's access away as on Google's own page.
import { decodePath } from '../core/contract.js';
import { html, page } from '../core/html.js';
import { readForm } from '../core/http.js';
import { formatInstant } from '../calendar/times.js';
import { sentence, shortScope } from '../oauth/scopes.js';

const SHOWN = 100;
const addressOf = (account) => `/account/${encodeURIComponent(account.email)}`;

/** The response, or null when the path is not one of these pages. */
export function overview(world, call) {
    if (call.method === 'GET' && call.path === '/') return accountsPage(world);
    const match = call.path.match(/^\/account\/([^/]+)(\/remove-access)?$/);
    const account = match && world.accounts.get(decodePath(match[1]));
    if (!account) return null;
    if (call.method === 'GET' && !match[2]) return accountPage(world, account);
    if (call.method !== 'POST' || !match[2]) return null;
    world.grants.revoke(account, readForm(call).get('project'));
    return { status: 303, headers: { location: addressOf(account) }, body: '' };
}

function accountsPage(world) {
    const rows = [...world.accounts.values()].map(
        (account) => html`<li>
            <a data-testid="open-${account.email}" href="${addressOf(account)}">${account.name}</a>
            <span class="soft">${account.email}</span>
        </li>`,
    );
    return page(
        'Google simulator',
        html`<h1>Accounts in this simulator</h1>
            <p>What an app sends to “Google” ends up here. Choose an account to see what it holds.</p>
            <ul>
                ${rows}
            </ul>`,
    );
}

function accountPage(world, account) {
    const sections = [grants(world, account), contacts(account), calendars(account), files(account), mails(account)];
    return page(
        account.email,
        html`<p><a href="/">All accounts</a></p>
            <h1 data-testid="account">${account.name}</h1>
            <p class="soft">${account.email}</p>
            ${sections}`,
        { wide: true },
    );
}

function grants(world, account) {
    const list = world.grants.summary(account).map(
        ({ project, since, scopes, refreshTokens }) => html`<div data-testid="grant-${project}">
            <p>
                <strong>${project}</strong>
                <span class="soft">since ${since}, refresh tokens: ${refreshTokens.length}</span>
            </p>
            <ul>
                ${scopes.map((scope) => grantedScope(scope))}
            </ul>
            <form method="post" action="${addressOf(account)}/remove-access">
                <button name="project" value="${project}" data-testid="remove-access-${project}">Remove access</button>
            </form>
        </div>`,
    );
    return html`<h2>Apps with access</h2>
        ${list.length ? list : html`<p data-testid="no-grants">No app has access.</p>`}`;
}

const grantedScope = (scope) =>
    html`<li data-testid="granted-scope">${sentence(scope)} <span class="soft">${shortScope(scope)}</span></li>`;

/** A heading with a count and a table of the newest rows. */
function section(title, id, items, columns, row) {
    return html`<h2>${title} (<span data-testid="${id}-count">${items.length}</span>)</h2>
        ${items.length > SHOWN ? html`<p class="soft">The newest ${SHOWN} are shown.</p>` : ''}
        <table data-testid="${id}s">
            <tr>
                ${columns.map((column) => html`<th>${column}</th>`)}
            </tr>
            ${items.slice(-SHOWN).reverse().map(row)}
        </table>`;
}

const row = (testId, ...cells) => html`<tr data-testid="${testId}">
    ${cells.map((cell) => html`<td>${cell}</td>`)}
</tr>`;
const join = (items, key) =>
    (items ?? [])
        .map((item) => item[key])
        .filter(Boolean)
        .join(', ');

function contacts(account) {
    const live = [...account.contacts.values()].filter((contact) => !contact.deleted);
    return section('Contacts', 'contact', live, ['Name', 'E-mail', 'Phone', 'Company'], ({ resourceName, fields }) =>
        row(
            `contact-${resourceName}`,
            join(fields.names, 'displayName'),
            join(fields.emailAddresses, 'value'),
            join(fields.phoneNumbers, 'value'),
            join(fields.organizations, 'name'),
        ),
    );
}

function calendars(account) {
    const entries = [...account.calendars.values()].filter((entry) => !entry.deleted);
    return entries.map(({ calendar }) => {
        const live = [...calendar.events.values()].filter((record) => record.data.status !== 'cancelled');
        const when = (time) => time.date ?? formatInstant(Date.parse(time.dateTime), calendar.timeZone);
        const guests = (data) => (data.attendees ?? []).map((guest) => `${guest.email} (${guest.responseStatus})`);
        const columns = ['Event', 'Start', 'End', 'Guests'];
        const id = calendar.primary ? 'event' : `event-${calendar.id}`;
        return section(`Calendar ${calendar.summary}`, id, live, columns, ({ data }) =>
            row(`event-${data.id}`, data.summary, when(data.start), when(data.end), guests(data).join(', ')),
        );
    });
}

function files(account) {
    const live = [...account.files.values()].filter((file) => !file.trashed);
    const columns = ['File', 'Type', 'Bytes', 'Shared with', 'Apps with access'];
    return section('Drive', 'file', live, columns, (file) =>
        row(
            `file-${file.id}`,
            file.name,
            file.mimeType,
            file.content?.length ?? '–',
            html`<span data-testid="shares-${file.id}">${sharesOf(file)}</span>`,
            [...file.apps].join(', '),
        ),
    );
}

function sharesOf(file) {
    const others = [...file.permissions.values()].filter(({ role }) => role !== 'owner');
    return others
        .map(({ emailAddress, domain, role }) => `${emailAddress ?? domain ?? 'anyone with the link'}: ${role}`)
        .join(', ');
}

function mails(account) {
    return section("Mails in this user's name", 'mail', account.mails, ['Time', 'Kind', 'To', 'About'], (mail) =>
        row('mail', mail.at, mail.kind, mail.to, mail.summary ?? mail.name),
    );
}
