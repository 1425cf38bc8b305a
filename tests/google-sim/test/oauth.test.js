// SPDX-License-Identifier: Apache-2.0
// OAuth facts: consent per scope, codes, PKCE, refresh tokens, narrowing, project-wide revocation.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { CLIENT, OWNER, REDIRECT, SAM, reasonOf, requestId, scope, simulator } from './support.js';

const sim = await simulator(after);
const CONTACTS = scope('contacts');
const CALENDAR = scope('calendar.events.owned');
const FREEBUSY = scope('calendar.events.freebusy');
beforeEach(() => sim.sim('reset', {}));

const errorCode = (answer) => answer.text.match(/data-testid="error-code">([^<]+)/)?.[1];

test('a request that is not right is answered with a page, never with a redirect', async () => {
    const cases = [
        [{ client_id: 'nobody' }, 401, 'invalid_client'],
        [{ redirect_uri: 'https://evil.test/' }, 400, 'redirect_uri_mismatch'],
        [{ redirect_uri: 'https://localhost.evil.test/' }, 400, 'redirect_uri_mismatch'],
        [{ response_type: 'token' }, 400, 'unsupported_response_type'],
        [{ scope: '' }, 400, 'invalid_request'],
        [{ scope: 'contacts' }, 400, 'invalid_scope'],
        [{ prompt: 'none consent' }, 400, 'invalid_request'],
        [{ trigger_onepick: 'true' }, 400, 'invalid_request'],
    ];
    for (const [change, status, code] of cases) {
        const answer = await sim.get(sim.authPath([CONTACTS], change));
        assert.deepEqual([answer.status, errorCode(answer)], [status, code], JSON.stringify(change));
    }
});

test('the pages can be driven by test ids and say that this is not Google', async () => {
    const choice = await sim.get(sim.authPath([CONTACTS, CALENDAR]));
    assert.match(choice.text, /Google simulator – not Google/);
    assert.match(choice.text, new RegExp(`data-testid="account-${SAM}"`));
    const body = new URLSearchParams({ request: requestId(choice), account: SAM });
    const consent = await sim.send('POST', '/o/oauth2/v2/auth/account', { body });
    for (const id of [`scope-${CONTACTS}`, `scope-${CALENDAR}`, 'continue', 'cancel']) {
        assert.ok(consent.text.includes(`data-testid="${id}"`), id);
    }
});

test('with exactly one scope beyond sign-in there is no box', async () => {
    const page = await sim.get(sim.authPath(['openid', 'email', CONTACTS], { login_hint: OWNER }));
    assert.ok(!page.text.includes('type="checkbox"'));
    assert.match(page.text, /permanently delete your contacts/);
});

test('the callback carries code, state, scope and issuer', async () => {
    const answer = await sim.consent(sim.authPath(['openid', 'email', CONTACTS]));
    assert.match(answer.get('code'), /^4\//);
    assert.equal(answer.get('state'), 'st');
    assert.equal(answer.get('iss'), sim.url);
    assert.equal(answer.get('scope'), `openid ${scope('userinfo.email')} ${CONTACTS}`);
});

test('a partial consent gives only the ticked scopes', async () => {
    const tokens = await sim.connect(['openid', CONTACTS, CALENDAR], { boxes: [CALENDAR] });
    assert.equal(tokens.scope, `openid ${CALENDAR}`);
    const refused = await sim.get('/v1/people/me/connections?personFields=names', tokens.access_token);
    assert.equal(refused.status, 403);
    assert.equal(reasonOf(refused), 'ACCESS_TOKEN_SCOPE_INSUFFICIENT');
});

test('cancel and an empty choice come back as access_denied', async () => {
    const path = sim.authPath([CONTACTS, CALENDAR]);
    assert.equal((await sim.consent(path, { decision: 'cancel' })).get('error'), 'access_denied');
    assert.equal((await sim.consent(path, { boxes: [] })).get('error'), 'access_denied');
});

test('a code works once, for ten minutes, for its redirect address and its verifier', async () => {
    const code = async (more) => (await sim.consent(sim.authPath([CONTACTS], more))).get('code');
    const first = await code();
    assert.equal((await sim.exchange(first)).status, 200);
    assert.equal(reasonOf(await sim.exchange(first)), 'invalid_grant');
    assert.equal(reasonOf(await sim.exchange(await code(), { redirect_uri: `${REDIRECT}/` })), 'invalid_grant');
    const pkce = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };
    assert.equal(reasonOf(await sim.exchange(await code(pkce))), 'invalid_grant');
    assert.equal(reasonOf(await sim.exchange(await code(pkce), { code_verifier: 'x'.repeat(43) })), 'invalid_grant');
    const right = { code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' };
    assert.equal((await sim.exchange(await code(pkce), right)).status, 200);
    const old = await code();
    await sim.sim('clock', { advanceSeconds: 601 });
    assert.equal(reasonOf(await sim.exchange(old)), 'invalid_grant');
});

test('the client must show its secret, in the body', async () => {
    const code = (await sim.consent(sim.authPath([CONTACTS]))).get('code');
    const wrong = await sim.exchange(code, { client_secret: 'guess' });
    assert.deepEqual([wrong.status, reasonOf(wrong)], [401, 'invalid_client']);
    const basic = Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64');
    const body = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT });
    const inHeader = await sim.send('POST', '/token', { body, headers: { authorization: `Basic ${basic}` } });
    assert.equal(reasonOf(inHeader), 'invalid_request');
});

test('a refresh token comes only offline, at the first consent or with prompt=consent', async () => {
    const tokensOf = async (more) =>
        (await sim.exchange((await sim.consent(sim.authPath([CONTACTS], more))).get('code'))).json;
    assert.equal((await tokensOf({ access_type: 'online' })).refresh_token, undefined);
    await sim.sim('revoke', { account: OWNER });
    const first = await tokensOf({});
    assert.match(first.refresh_token, /^1\/\//);
    assert.match(first.access_token, /^ya29\./);
    assert.equal((await tokensOf({ login_hint: OWNER })).refresh_token, undefined);
    assert.ok((await tokensOf({ login_hint: OWNER, prompt: 'consent' })).refresh_token);
});

test('prompt=none never shows a page', async () => {
    const ask = async (more) => {
        const answer = await sim.get(sim.authPath([CONTACTS], { prompt: 'none', ...more }));
        return new URL(answer.headers.location).searchParams;
    };
    assert.equal((await ask({})).get('error'), 'login_required');
    assert.equal((await ask({ login_hint: OWNER })).get('error'), 'interaction_required');
    await sim.connect([CONTACTS]);
    assert.ok((await ask({ login_hint: OWNER })).get('code'));
});

test('a token carries earlier scopes only when include_granted_scopes asks for them', async () => {
    await sim.connect([CONTACTS]);
    assert.equal((await sim.connect([CALENDAR])).scope, CALENDAR);
    assert.equal((await sim.connect([CALENDAR], { include_granted_scopes: 'true' })).scope, `${CALENDAR} ${CONTACTS}`);
});

test('refresh keeps the token, can narrow, and refuses what was not granted', async () => {
    const tokens = await sim.connect([CALENDAR, FREEBUSY]);
    const plain = await sim.refresh(tokens.refresh_token);
    assert.equal(plain.json.refresh_token, undefined);
    assert.equal(plain.json.scope, `${CALENDAR} ${FREEBUSY}`);
    const narrow = await sim.refresh(tokens.refresh_token, { scope: FREEBUSY });
    assert.equal(narrow.json.scope, FREEBUSY);
    const path = '/calendar/v3/calendars/primary/events';
    const refused = await sim.send('POST', path, { token: narrow.json.access_token, body: {} });
    assert.equal(refused.status, 403);
    assert.equal(reasonOf(await sim.refresh(tokens.refresh_token, { scope: CONTACTS })), 'invalid_scope');
});

test('access tokens end with their time, refresh tokens after half a year unused', async () => {
    const tokens = await sim.connect([CONTACTS]);
    const path = '/v1/people/me/connections?personFields=names';
    assert.equal((await sim.get(path, tokens.access_token)).status, 200);
    await sim.sim('clock', { advanceSeconds: tokens.expires_in + 1 });
    const late = await sim.get(path, tokens.access_token);
    assert.equal(late.status, 401);
    assert.equal(late.json.error.status, 'UNAUTHENTICATED');
    assert.equal((await sim.refresh(tokens.refresh_token)).status, 200);
    await sim.sim('clock', { advanceSeconds: 183 * 86400 });
    assert.equal(reasonOf(await sim.refresh(tokens.refresh_token)), 'invalid_grant');
});

test('revoking any token ends all grants of the user to the project, over all its clients', async () => {
    await sim.sim('clients', {
        clientId: 'second',
        clientSecret: 's2',
        project: 'portico-demo',
        redirectUris: [REDIRECT],
    });
    await sim.sim('clients', { clientId: 'other', clientSecret: 's3', project: 'other', redirectUris: [REDIRECT] });
    const contacts = await sim.connect([CONTACTS]);
    const calendar = await sim.connect([CALENDAR]);
    const sam = await sim.connect([CONTACTS], { account: SAM });
    const viaClient = async (id, secret) => {
        const code = (await sim.consent(sim.authPath([CALENDAR], { client_id: id, prompt: 'consent' }))).get('code');
        return (await sim.exchange(code, { client_id: id, client_secret: secret })).json;
    };
    const second = await viaClient('second', 's2');
    const other = await viaClient('other', 's3');
    const revoked = await sim.send('POST', '/revoke', { body: new URLSearchParams({ token: contacts.access_token }) });
    assert.equal(revoked.status, 200);
    assert.equal(reasonOf(await sim.refresh(contacts.refresh_token)), 'invalid_grant');
    assert.equal(reasonOf(await sim.refresh(calendar.refresh_token)), 'invalid_grant');
    assert.equal((await sim.get('/calendar/v3/calendars/primary/events', calendar.access_token)).status, 401);
    const ofSecond = await sim.refresh(second.refresh_token, { client_id: 'second', client_secret: 's2' });
    assert.equal(reasonOf(ofSecond), 'invalid_grant');
    assert.equal((await sim.refresh(other.refresh_token, { client_id: 'other', client_secret: 's3' })).status, 200);
    assert.equal((await sim.refresh(sam.refresh_token)).status, 200);
    const again = await sim.send('POST', '/revoke', { body: new URLSearchParams({ token: contacts.access_token }) });
    assert.deepEqual([again.status, reasonOf(again)], [400, 'invalid_token']);
});

test('the 101st live refresh token silently ends the oldest', async () => {
    const tokens = [];
    for (let i = 0; i < 101; i += 1) tokens.push((await sim.connect([CONTACTS], { login_hint: OWNER })).refresh_token);
    assert.equal(reasonOf(await sim.refresh(tokens[0])), 'invalid_grant');
    assert.equal((await sim.refresh(tokens[1])).status, 200);
    assert.equal((await sim.refresh(tokens[100])).status, 200);
});

test('time-limited accounts say so and end', async () => {
    await sim.sim('accounts', { email: 'trial@gmail.test', refreshTokenLifeSeconds: 604800 });
    const tokens = await sim.connect([CONTACTS], { account: 'trial@gmail.test' });
    assert.equal(tokens.refresh_token_expires_in, 604800);
    await sim.sim('clock', { advanceSeconds: 604801 });
    assert.equal(reasonOf(await sim.refresh(tokens.refresh_token)), 'invalid_grant');
});

test('userinfo in both dialects, discovery and keys', async () => {
    const tokens = await sim.connect(['openid', 'email', 'profile']);
    const info = (await sim.get('/v1/userinfo', tokens.access_token)).json;
    assert.deepEqual([info.email, info.email_verified, info.name], [OWNER, true, 'Dana Owner']);
    const old = (await sim.get('/oauth2/v2/userinfo', tokens.access_token)).json;
    assert.deepEqual([old.id, old.verified_email], [info.sub, true]);
    const discovery = (await sim.get('/.well-known/openid-configuration')).json;
    assert.equal(discovery.issuer, sim.url);
    assert.equal(discovery.token_endpoint, `${sim.url}/token`);
    const before = (await sim.get('/oauth2/v3/certs')).json.keys;
    await sim.sim('rotate-keys', {});
    const later = (await sim.get('/oauth2/v3/certs')).json.keys;
    assert.equal(later[1].kid, before[0].kid);
    assert.notEqual(later[0].kid, before[0].kid);
});

test('without openid there is no id_token', async () => {
    assert.equal((await sim.connect([CONTACTS])).id_token, undefined);
    const tokens = await sim.connect(['openid', 'email', CONTACTS], { nonce: 'n-1' });
    const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url'));
    assert.deepEqual([claims.iss, claims.aud, claims.nonce, claims.email], [sim.url, CLIENT.id, 'n-1', OWNER]);
});

test('the Picker in the redirect gives access to the picked files only', async () => {
    const file = (await sim.state()).files.find(({ name }) => name === 'Price list 2026.pdf');
    const before = await sim.connect([scope('drive.file')]);
    assert.equal((await sim.get(`/drive/v3/files/${file.id}`, before.access_token)).status, 404);
    const path = sim.authPath([scope('drive.file')], { trigger_onepick: 'true', prompt: 'consent', login_hint: OWNER });
    const page = await sim.get(path);
    assert.ok(page.text.includes(`data-testid="file-${file.id}"`));
    const body = new URLSearchParams({ request: requestId(page), decision: 'pick', file: file.id });
    const answer = await sim.send('POST', '/o/oauth2/v2/auth/pick', { body });
    const callback = new URL(answer.headers.location).searchParams;
    assert.equal(callback.get('picked_file_ids'), file.id);
    const tokens = (await sim.exchange(callback.get('code'))).json;
    const seen = await sim.get('/drive/v3/files?fields=files(name)', tokens.access_token);
    assert.deepEqual(seen.json.files, [{ name: 'Price list 2026.pdf' }]);
    const bytes = await sim.get(`/drive/v3/files/${file.id}?alt=media`, tokens.access_token);
    assert.match(bytes.text, /^%PDF-/);
});

test('the Picker takes several files only with allow_multiple, and can filter types', async () => {
    const { files } = await sim.state();
    const pick = async (more) => {
        const page = await sim.get(
            sim.authPath([scope('drive.file')], { trigger_onepick: 'true', login_hint: OWNER, ...more }),
        );
        const body = new URLSearchParams({ request: requestId(page), decision: 'pick' });
        files.forEach(({ id }) => body.append('file', id));
        const { headers } = await sim.send('POST', '/o/oauth2/v2/auth/pick', { body });
        return { page, picked: new URL(headers.location).searchParams.get('picked_file_ids').split(',') };
    };
    assert.equal((await pick({})).picked.length, 1);
    assert.equal((await pick({ allow_multiple: 'true' })).picked.length, 3);
    const { page } = await pick({ mimetypes: 'image/png' });
    assert.ok(page.text.includes('Colour chart.png') && !page.text.includes('Price list'));
});

test('picking nothing, or cancelling the Picker, is access_denied', async () => {
    const [file] = (await sim.state()).files;
    for (const choice of [{ decision: 'pick' }, { decision: 'cancel', file: file.id }]) {
        const path = sim.authPath([scope('drive.file')], { trigger_onepick: 'true', login_hint: OWNER });
        const body = new URLSearchParams({ request: requestId(await sim.get(path)), ...choice });
        const { headers } = await sim.send('POST', '/o/oauth2/v2/auth/pick', { body });
        assert.equal(new URL(headers.location).searchParams.get('error'), 'access_denied');
    }
});
