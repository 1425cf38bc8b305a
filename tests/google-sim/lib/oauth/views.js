// SPDX-License-Identifier: Apache-2.0
// The pages a user sees between the app and the way back: account choice, consent, Picker, error.
import { html, page } from '../core/html.js';
import { sentence, shortScope } from './scopes.js';

const BASE = '/o/oauth2/v2/auth';
const appName = ({ client }) => client.name ?? client.clientId;

/** A form that carries on one pending request. */
const form = (step, request, content) => html`<form method="post" action="${BASE}/${step}">
    <input type="hidden" name="request" value="${request.id}" />
    ${content}
</form>`;

/** Cancel and the step's own deed; the deed's name is also its test id. */
const deeds = (deed, label) => html`<div class="deeds">
    <button id="cancel" data-testid="cancel" name="decision" value="cancel">Cancel</button>
    <button class="main" id="${deed}" data-testid="${deed}" name="decision" value="${deed}">${label}</button>
</div>`;

/** One choice; field is the form field, its value also names the test id. */
const choice = (type, field, value, label, note) => html`<label class="row">
    <input type="${type}" id="${field}-${value}" data-testid="${field}-${value}" name="${field}" value="${value}" />
    <span>${label}<br /><span class="soft">${note}</span></span>
</label>`;

const chosen = ({ account }) => html`<p class="soft" data-testid="chosen-account">${account.email}</p>`;

export function accountPage(request, accounts, hint) {
    const buttons = accounts.map(
        ({ email, name }) => html`<button class="account" id="account-${email}" data-testid="account-${email}"
            name="account" value="${email}"><strong>${name}</strong><br /><span class="soft">${email}</span></button>`,
    );
    return page(
        'Choose an account',
        html`<h1>Choose an account</h1>
            <p class="soft">to continue to <strong>${appName(request)}</strong></p>
            ${hint ? html`<p class="soft">The app suggested ${hint}.</p>` : ''} ${form('account', request, buttons)}`,
    );
}

/** named are the scopes beyond sign-in; request.boxes those of them that get a box. */
export function consentPage(request, named) {
    const lead = request.boxes.length ? 'Select what the app can access:' : 'This will allow the app to:';
    return page(
        'Allow access',
        html`<h1>${appName(request)} wants access to your Google Account</h1>
            ${chosen(request)}
            <p>${named.length ? lead : 'The app will see your name and e-mail address.'}</p>
            ${form('consent', request, [...scopeRows(request, named), deeds('continue', 'Continue')])}`,
    );
}

function scopeRows(request, named) {
    if (request.boxes.length) {
        const all = html`<label class="row">
            <input type="checkbox" id="scope-all" data-testid="scope-all" name="scope_all" /><span>Select all</span>
        </label>`;
        return [all, ...named.map((scope) => choice('checkbox', 'scope', scope, sentence(scope), shortScope(scope)))];
    }
    return named.map(
        (scope) =>
            html`<p data-testid="scope-text">
                ${sentence(scope)}<br /><span class="soft">${shortScope(scope)}</span>
            </p>`,
    );
}

export function pickerPage(request, files) {
    const type = request.picker.multiple ? 'checkbox' : 'radio';
    const rows = files.map(({ id, name, mimeType }) => choice(type, 'file', id, name, mimeType));
    return page(
        'Choose files',
        html`<h1>Choose ${request.picker.multiple ? 'files' : 'a file'} for ${appName(request)}</h1>
            ${chosen(request)}
            <p>The app will be able to see, edit and delete only what you choose here.</p>
            ${form('pick', request, [...rows, deeds('pick', 'Select')])}`,
    );
}

export function errorPage(status, code, text) {
    return page(
        'Access blocked',
        html`<h1>Access blocked</h1>
            <p data-testid="error-text">${text}</p>
            <p class="soft">Error ${status}: <code data-testid="error-code">${code}</code></p>`,
        { status },
    );
}
