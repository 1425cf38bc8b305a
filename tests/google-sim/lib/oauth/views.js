// SPDX-License-Identifier: Apache-2.0
// The pages a user sees between the app and the way back: account choice, consent, Picker, error.
import { html, page } from '../core/html.js';
import { sentence } from './scopes.js';

const BASE = '/o/oauth2/v2/auth';

export function accountPage(request, accounts, hint) {
    return page(
        'Choose an account',
        html`<h1>Choose an account</h1>
<p class="soft">to continue to <strong>${request.client.name ?? request.client.clientId}</strong></p>
${hint ? html`<p class="soft">The app suggested ${hint}.</p>` : ''}
<form method="post" action="${BASE}/account"><input type="hidden" name="request" value="${request.id}">
${accounts.map(
    (account) => html`<button class="account" id="account-${account.email}" data-testid="account-${account.email}"
 name="account" value="${account.email}"><strong>${account.name}</strong><br><span class="soft">${account.email}</span></button>`,
)}
</form>`,
    );
}

export function consentPage(request, named) {
    const boxes = request.boxes.length > 0;
    return page(
        'Allow access',
        html`<h1>${request.client.name ?? request.client.clientId} wants access to your Google Account</h1>
<p class="soft" data-testid="chosen-account">${request.account.email}</p>
<form method="post" action="${BASE}/consent"><input type="hidden" name="request" value="${request.id}">
${named.length ? html`<p>${boxes ? 'Select what the app can access:' : 'This will allow the app to:'}</p>` : html`<p>The app will see your name and e-mail address.</p>`}
${boxes ? html`<label class="row"><input type="checkbox" id="scope-all" data-testid="scope-all" name="scope_all"><span>Select all</span></label>` : ''}
${named.map((scope) =>
    boxes
        ? html`<label class="row"><input type="checkbox" id="scope-${scope}" data-testid="scope-${scope}"
 name="scope" value="${scope}"><span>${sentence(scope)}<br><span class="soft">${scope}</span></span></label>`
        : html`<p data-testid="scope-text">${sentence(scope)}<br><span class="soft">${scope}</span></p>`,
)}
<div class="deeds"><button id="cancel" data-testid="cancel" name="decision" value="cancel">Cancel</button>
<button class="main" id="continue" data-testid="continue" name="decision" value="continue">Continue</button></div></form>`,
    );
}

export function pickerPage(request, files) {
    const type = request.picker.multiple ? 'checkbox' : 'radio';
    return page(
        'Choose files',
        html`<h1>Choose ${request.picker.multiple ? 'files' : 'a file'} for ${request.client.name ?? request.client.clientId}</h1>
<p class="soft" data-testid="chosen-account">${request.account.email}</p>
<p>The app will be able to see, edit and delete only what you choose here.</p>
<form method="post" action="${BASE}/pick"><input type="hidden" name="request" value="${request.id}">
${files.map(
    (
        file,
    ) => html`<label class="row"><input type="${type}" id="file-${file.id}" data-testid="file-${file.id}" name="file"
 value="${file.id}"><span>${file.name}<br><span class="soft">${file.mimeType}</span></span></label>`,
)}
<div class="deeds"><button id="cancel" data-testid="cancel" name="decision" value="cancel">Cancel</button>
<button class="main" id="pick" data-testid="pick" name="decision" value="pick">Select</button></div></form>`,
    );
}

export function errorPage(status, code, text) {
    return page(
        'Access blocked',
        html`<h1>Access blocked</h1><p data-testid="error-text">${text}</p>
<p class="soft">Error ${status}: <code data-testid="error-code">${code}</code></p>`,
        { status },
    );
}
