// SPDX-License-Identifier: Apache-2.0
// The browser part of OAuth: request checks, account choice, consent with a box per scope, and the way back to the
// app. Works with plain forms. Each step posts the id of the pending request, which lives on this side.
import { randomText } from '../core/ids.js';
import { isKnown, isSignIn, parseScopes, DRIVE_FILE } from './scopes.js';
import { accountPage, consentPage, errorPage, pickerPage } from './views.js';

const LOOPBACK = /^https?:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$)/;
const PENDING_LIMIT = 1000;

/** GET (or POST) /o/oauth2/v2/auth */
export function authorize(world, params) {
    const request = readRequest(world, params);
    if (request.page) return request.page;
    const hinted = hintedAccount(world, params.get('login_hint'));
    if (request.prompt.has('none')) return withoutUser(world, request, hinted);
    if (hinted && !request.prompt.has('select_account')) return afterAccount(world, remember(world, request), hinted);
    const accounts = [...world.accounts.values()];
    return accountPage(remember(world, request), accounts, params.get('login_hint') ?? '');
}

/** POST /o/oauth2/v2/auth/account */
export function chooseAccount(world, form) {
    const request = world.pendingConsents.get(form.get('request'));
    const account = world.accounts.get(form.get('account'));
    if (!request || !account) return expiredPage();
    return afterAccount(world, request, account);
}

/** POST /o/oauth2/v2/auth/consent: form fields request, decision and one `scope` per ticked box. */
export function decide(world, form) {
    const request = world.pendingConsents.get(form.get('request'));
    if (!request?.account) return expiredPage();
    world.pendingConsents.delete(request.id);
    if (form.get('decision') !== 'continue') return denied(world, request);
    const ticked = new Set(form.getAll('scope'));
    const all = form.get('scope_all') === 'on' || request.boxes.length === 0;
    const granted = request.scopes.filter((scope) => !request.boxes.includes(scope) || all || ticked.has(scope));
    return granted.length ? back(world, request, granted) : denied(world, request);
}

/** POST /o/oauth2/v2/auth/pick: form fields request, decision and one `file` per choice. */
export function pick(world, form) {
    const request = world.pendingConsents.get(form.get('request'));
    if (!request?.account || !request.picker) return expiredPage();
    world.pendingConsents.delete(request.id);
    if (form.get('decision') !== 'pick') return denied(world, request);
    const files = form
        .getAll('file')
        .map((id) => request.account.files.get(id))
        .filter(Boolean);
    const chosen = request.picker.multiple ? files : files.slice(0, 1);
    if (!chosen.length) return denied(world, request);
    chosen.forEach((file) => file.apps.add(request.client.project));
    return back(world, request, request.scopes, { picked_file_ids: chosen.map((file) => file.id).join(',') });
}

function readRequest(world, params) {
    const client = world.clients.get(params.get('client_id'));
    const fail = (status, code, text) => ({ page: errorPage(status, code, text) });
    if (!params.get('client_id')) return fail(400, 'invalid_request', 'Missing required parameter: client_id');
    if (!client) return fail(401, 'invalid_client', 'The OAuth client was not found.');
    const redirectUri = params.get('redirect_uri') ?? '';
    const allowed =
        client.redirectUris.includes(redirectUri) || (client.anyLoopbackRedirect && LOOPBACK.test(redirectUri));
    if (!allowed)
        return fail(400, 'redirect_uri_mismatch', `The redirect URI ${redirectUri} is not registered for this app.`);
    if (params.get('response_type') !== 'code')
        return fail(400, 'unsupported_response_type', 'Only response_type=code is known here.');
    const scopes = parseScopes(params.get('scope') ?? '');
    const unknown = scopes.filter((scope) => !isKnown(scope));
    if (!scopes.length) return fail(400, 'invalid_request', 'Missing required parameter: scope');
    if (unknown.length) return fail(400, 'invalid_scope', `Some requested scopes were invalid: ${unknown.join(' ')}`);
    const prompt = new Set((params.get('prompt') ?? '').split(' ').filter(Boolean));
    if (prompt.has('none') && prompt.size > 1) return fail(400, 'invalid_request', 'prompt=none must stand alone.');
    const method = params.get('code_challenge_method') ?? (params.get('code_challenge') ? 'plain' : null);
    if (method && !['S256', 'plain'].includes(method))
        return fail(400, 'invalid_request', 'Unknown code_challenge_method.');
    const picker =
        params.get('trigger_onepick') === 'true'
            ? {
                  multiple: params.get('allow_multiple') === 'true',
                  mimeTypes: (params.get('mimetypes') ?? '').split(',').filter(Boolean),
              }
            : null;
    if (picker && (scopes.length !== 1 || scopes[0] !== DRIVE_FILE)) {
        return fail(400, 'invalid_request', 'trigger_onepick needs the scope drive.file alone.');
    }
    return {
        client,
        redirectUri,
        scopes,
        prompt,
        picker,
        state: params.get('state'),
        nonce: params.get('nonce'),
        challenge: params.get('code_challenge') ? { value: params.get('code_challenge'), method } : null,
        offline: params.get('access_type') === 'offline',
        includeGranted: params.get('include_granted_scopes') === 'true',
    };
}

function remember(world, request) {
    const pending = { ...request, id: randomText(18) };
    world.pendingConsents.set(pending.id, pending);
    if (world.pendingConsents.size > PENDING_LIMIT)
        world.pendingConsents.delete(world.pendingConsents.keys().next().value);
    return pending;
}

function hintedAccount(world, hint) {
    return hint ? (world.accounts.get(hint) ?? world.accountBySub(hint)) : null;
}

function isGranted(world, request, account) {
    const grant = world.grants.find(account, request.client.project);
    return Boolean(grant) && request.scopes.every((scope) => grant.scopes.has(scope));
}

function withoutUser(world, request, account) {
    if (!account) return goBack(world, request, { error: 'login_required' });
    if (request.picker || !isGranted(world, request, account))
        return goBack(world, request, { error: 'interaction_required' });
    return back(world, { ...request, account }, request.scopes);
}

function afterAccount(world, request, account) {
    request.account = account;
    if (request.picker) return pickerPage(request, pickable(request, account));
    if (!request.prompt.has('consent') && isGranted(world, request, account)) {
        world.pendingConsents.delete(request.id);
        return back(world, request, request.scopes);
    }
    const named = request.scopes.filter((scope) => !isSignIn(scope));
    request.boxes = named.length > 1 ? named : [];
    return consentPage(request, named);
}

function pickable(request, account) {
    const { mimeTypes } = request.picker;
    return [...account.files.values()].filter(
        (file) => !file.trashed && (!mimeTypes.length || mimeTypes.includes(file.mimeType)),
    );
}

function back(world, request, granted, extra = {}) {
    const { account, client } = request;
    const { grant, first } = world.grants.record(account, client.project, granted);
    const scopes = request.includeGranted ? [...new Set([...granted, ...grant.scopes])] : granted;
    const code = world.grants.issueCode({
        account,
        client,
        scopes,
        redirectUri: request.redirectUri,
        challenge: request.challenge,
        nonce: request.nonce,
        offline: request.offline,
        wantsRefresh: request.offline && (first || request.prompt.has('consent')),
    });
    return goBack(world, request, { code, scope: scopes.join(' '), ...extra });
}

function denied(world, request) {
    return goBack(world, request, { error: 'access_denied' });
}

function goBack(world, request, answer) {
    const target = new URL(request.redirectUri);
    if (request.state !== null) target.searchParams.set('state', request.state);
    target.searchParams.set('iss', world.settings.issuer);
    Object.entries(answer).forEach(([name, value]) => target.searchParams.set(name, value));
    return { status: 302, headers: { location: target.href, 'cache-control': 'no-store' }, body: '' };
}

function expiredPage() {
    return errorPage(400, 'invalid_request', 'This sign-in page is too old. Go back to the app and start again.');
}
