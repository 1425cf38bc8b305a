// SPDX-License-Identifier: Apache-2.0
// The simulator's own side: faults, clock, request log, pages, control token, HTTP/2, and the program itself.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { OWNER, SAM, makeCertificate, reasonOf, scope, simulator } from './support.js';

const sim = await simulator(after);
const LIST = '/v1/people/me/connections?personFields=names';
const CREATE = '/v1/people:createContact';
let token;
beforeEach(async () => {
    await sim.sim('reset', {});
    token = (await sim.connect([scope('contacts')])).access_token;
});
const create = () => sim.send('POST', CREATE, { token, body: { names: [{ givenName: 'A' }] } });
const fault = (match, respond, times) => sim.sim('faults', { match, respond, times });
const contactCount = async () => (await sim.state()).contacts.length;

test('faults: presets, counts, nth, account', async () => {
    await fault({ path: '/v1/people/*', nth: 2 }, { preset: 'userRateLimitExceeded' }, 2);
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await sim.get(LIST, token)).status);
    assert.deepEqual(statuses, [200, 403, 403, 200]);
    await fault({ account: SAM }, { status: 500 });
    assert.equal((await sim.get(LIST, token)).status, 200);
    await sim.sim('faults/clear', {});
    await fault({}, { status: 429, headers: { 'retry-after': '7' }, body: { error: { code: 429 } } });
    const answer = await sim.get(LIST, token);
    assert.deepEqual([answer.status, answer.headers['retry-after']], [429, '7']);
    await fault({}, { preset: 'htmlError' });
    assert.match((await sim.get(LIST, token)).headers['content-type'], /html/);
});

test('a project that is not set up: an API that is not enabled, a consent screen in Testing, another clock', async () => {
    await sim.sim('options', { disabledApis: ['people', 'drive'] });
    const people = await sim.get(LIST, token);
    assert.equal(people.status, 403);
    assert.deepEqual(
        people.json.error.details.map(({ reason }) => reason),
        [undefined, 'SERVICE_DISABLED'],
    );
    const { access_token: files } = await sim.connect([scope('drive.file')]);
    assert.equal(reasonOf(await sim.get('/drive/v3/files', files)), 'accessNotConfigured');
    await sim.sim('options', { disabledApis: [] });
    assert.equal((await sim.get(LIST, token)).status, 200);
    assert.equal((await sim.connect([scope('contacts')])).refresh_token_expires_in, undefined);
    await sim.sim('options', { testingConsent: true });
    const { refresh_token: mine, refresh_token_expires_in: life } = await sim.connect([scope('contacts')]);
    assert.equal(life, 604799);
    assert.equal((await sim.refresh(mine)).status, 200);
    await sim.sim('clock', { advanceSeconds: 604800 });
    assert.equal(reasonOf(await sim.refresh(mine)), 'invalid_grant');
    await sim.sim('options', { dateSkewSeconds: 3600 });
    const ahead = Date.parse((await sim.get(LIST, token)).headers.date) - (Date.now() + 604800_000);
    assert.ok(Math.abs(ahead - 3600_000) < 60_000, `${ahead}`);
});

test('faults on the token endpoint find the account of the refresh token', async () => {
    const { refresh_token: mine } = await sim.connect([scope('contacts')]);
    const { refresh_token: other } = await sim.connect([scope('contacts')], { account: SAM });
    await fault({ path: '/token', account: OWNER }, { preset: 'invalid_grant' });
    assert.equal((await sim.refresh(other)).status, 200);
    assert.equal(reasonOf(await sim.refresh(mine)), 'invalid_grant');
    assert.equal((await sim.refresh(mine)).status, 200);
});

test('cut connections: before changes nothing, after has applied the write', async () => {
    await fault({ path: CREATE }, { cut: 'before' });
    await assert.rejects(create());
    assert.equal(await contactCount(), 0);
    await fault({ path: CREATE }, { cut: 'after' });
    await assert.rejects(create());
    assert.equal(await contactCount(), 1);
    await fault({ path: CREATE }, { cut: 'mid' });
    await assert.rejects(create());
    assert.equal(await contactCount(), 2);
    await fault({ path: CREATE }, { truncate: true });
    await assert.rejects(create(), SyntaxError);
    await fault({ path: CREATE }, { status: 503, applied: true });
    assert.equal((await create()).status, 503);
    assert.equal(await contactCount(), 4);
});

test('over HTTP/2 a cut is a reset stream, and real host names reach the same rooms', async () => {
    const session = http2.connect(sim.url, { ca: sim.ca });
    const get = async () => {
        const stream = session.request({
            ':path': LIST,
            ':authority': 'people.googleapis.com',
            authorization: `Bearer ${token}`,
        });
        let text = '';
        stream.on('data', (chunk) => {
            text += chunk;
        });
        const [headers] = await once(stream, 'response');
        await once(stream, 'end');
        return { status: headers[':status'], text };
    };
    assert.equal((await get()).status, 200);
    await fault({}, { cut: 'before' });
    await assert.rejects(get(), /NGHTTP2_INTERNAL_ERROR/);
    await fault({}, { cut: 'mid' });
    await assert.rejects(get(), /NGHTTP2_INTERNAL_ERROR/);
    session.close();
    const { requests } = await sim.sim('requests');
    assert.equal(requests.at(-1).host, 'people.googleapis.com');
});

test('unknown fields can be mixed in, for clients that must ignore them', async () => {
    await sim.sim('options', { unknownFields: true });
    await create();
    const { connections, xNewField } = (await sim.get(LIST, token)).json;
    assert.ok(xNewField && connections[0].xNewField);
});

test('the request log shows who did what with which scopes, and no secrets', async () => {
    await sim.sim('requests/clear', {});
    const { refresh_token: refreshToken } = await sim.connect([scope('contacts')]);
    await sim.get(LIST, token);
    await sim.send('POST', `/revoke?token=${encodeURIComponent(refreshToken)}`);
    const { requests } = await sim.sim('requests');
    const entry = requests.find(({ operation }) => operation === 'people.people.connections.list');
    assert.deepEqual(
        [entry.account, entry.scopes, entry.status, entry.method],
        [OWNER, [scope('contacts')], 200, 'GET'],
    );
    const text = JSON.stringify(requests);
    assert.ok(!text.includes(token) && !text.includes(refreshToken) && !text.includes('secret'));
    assert.equal((await sim.state()).requestCounts['people.people.connections.list'], 1);
});

test('the pages show what is held, and removing access there works', async () => {
    await create();
    assert.match((await sim.get('/')).text, new RegExp(`data-testid="open-${OWNER}"`));
    const page = (await sim.get(`/account/${encodeURIComponent(OWNER)}`)).text;
    assert.match(page, /data-testid="contact-count">1</);
    assert.match(page, /Dentist \(private\)/);
    assert.match(page, /data-testid="remove-access-portico-demo"/);
    const body = new URLSearchParams({ project: 'portico-demo' });
    assert.equal((await sim.send('POST', `/account/${encodeURIComponent(OWNER)}/remove-access`, { body })).status, 303);
    assert.equal((await sim.get(LIST, token)).status, 401);
});

test('what users write is shown as text, never as markup', async () => {
    await sim.sim('contacts', {
        account: OWNER,
        action: 'create',
        person: { names: [{ givenName: '<script>alert(1)</script>' }] },
    });
    const page = (await sim.get(`/account/${OWNER}`)).text;
    assert.ok(page.includes('&lt;script&gt;') && !page.includes('<script>alert'));
});

test('accounts, clients, options and mistakes', async () => {
    await sim.sim('accounts', {
        email: 'new@gmail.test',
        name: 'New Person',
        files: [{ name: 'a.txt', text: 'a' }],
        events: [],
    });
    const state = await sim.state('new@gmail.test');
    assert.deepEqual([state.files.length, state.calendars[0].events.length, state.contacts.length], [1, 0, 0]);
    for (const [path, body] of [
        ['accounts', { email: 'new@gmail.test' }],
        ['options', { no: 1 }],
        ['revoke', { account: 'x' }],
        ['clock', {}],
        ['faults', { respond: { preset: 'x' } }],
    ]) {
        const answer = await sim.send('POST', `/__sim/${path}`, { body });
        assert.ok(answer.status >= 400, path);
    }
    assert.equal((await sim.get('/__sim/nothing')).status, 404);
});

test('malformed requests are 400 or 404, never 500', async () => {
    const malformed = [
        ['POST', CREATE, 'null'],
        ['POST', CREATE, '{"names":[null]}'],
        ['POST', CREATE, '{"constructor":1}'],
        ['POST', CREATE, '{'],
        ['GET', '/v1/people/%ZZ?personFields=names'],
        ['GET', `${LIST}&constructor=1`],
        ['GET', `${LIST}&fields=toString`],
        ['GET', `${LIST}&fields=a(b`],
        ['GET', '/account/%ZZ'],
        ['GET', '//evil.test/'],
    ];
    for (const [method, path, body] of malformed) {
        const { status } = await sim.send(method, path, { token, body });
        assert.ok([400, 404].includes(status), `${method} ${path} ${body}: ${status}`);
    }
    assert.deepEqual((await sim.state()).violations, []);
});

test('a security event can name a refresh token by prefix or hash', async () => {
    const { refresh_token: refreshToken } = await sim.connect([scope('contacts')]);
    const subjectOf = async (identify) => {
        const event = 'oauth/event-type/token-revoked';
        const answer = await sim.sim('risc', { account: OWNER, event, identify });
        return Object.values(JSON.parse(Buffer.from(answer.token.split('.')[1], 'base64url')).events)[0].subject;
    };
    assert.equal((await subjectOf('prefix')).token, refreshToken.slice(0, 16));
    const sha512 = (data) => createHash('sha512').update(data).digest();
    const hash = sha512(sha512(refreshToken)).toString('base64');
    assert.equal((await subjectOf('hash_base64_sha512_sha512')).token, hash);
});

test('security events are signed with the published keys', async () => {
    const configuration = (await sim.get('/.well-known/risc-configuration')).json;
    const { token: event } = await sim.sim('risc', { account: OWNER, event: 'risc/event-type/sessions-revoked' });
    const [head, claims] = event
        .split('.')
        .slice(0, 2)
        .map((part) => JSON.parse(Buffer.from(part, 'base64url')));
    const { keys } = (await sim.get('/oauth2/v3/certs')).json;
    assert.equal(claims.iss, configuration.issuer);
    assert.ok(keys.some(({ kid }) => kid === head.kid));
    assert.ok(claims.events['https://schemas.openid.net/secevent/risc/event-type/sessions-revoked'].subject.sub);
});

/** Starts main.js and waits for its ready line. */
async function program(certificate, ...more) {
    const main = new URL('../main.js', import.meta.url).pathname;
    const args = [main, '--cert', certificate.certFile, '--key', certificate.keyFile, '--port', '0', ...more];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = await once(child.stdout, 'data');
    const url = line.toString().match(/^google-sim ready (https:\/\/localhost:\d+)\n$/)?.[1];
    assert.ok(url, line.toString());
    return { child, url };
}

const fetchText = (url, certificate, headers = {}) =>
    new Promise((resolve, reject) => {
        https
            .get(url, { ca: certificate.cert, headers, agent: false }, (answer) => {
                let text = '';
                answer.on('data', (chunk) => {
                    text += chunk;
                });
                answer.on('end', () => resolve({ status: answer.statusCode, text }));
            })
            .on('error', reject);
    });

test('the program: ready line, seed, control token, end with stdin and with SIGTERM', async () => {
    const certificate = makeCertificate();
    const seed = join(certificate.folder, 'seed.json');
    writeFileSync(seed, JSON.stringify({ canaryEventTitle: 'Canary 42' }));
    const one = await program(certificate, '--seed', seed, '--control-token', 'tok', '--exit-with-stdin');
    assert.equal((await fetchText(`${one.url}/__sim/state`, certificate)).status, 403);
    const state = await fetchText(`${one.url}/__sim/state`, certificate, { 'x-sim-token': 'tok' });
    assert.match(state.text, /Canary 42/);
    one.child.stdin.end();
    assert.deepEqual(await once(one.child, 'exit'), [0, null]);
    const two = await program(certificate, '--issuer-host', 'accounts.google.com');
    const discovery = JSON.parse((await fetchText(`${two.url}/.well-known/openid-configuration`, certificate)).text);
    assert.deepEqual(
        [discovery.issuer, discovery.token_endpoint],
        ['https://accounts.google.com', 'https://oauth2.googleapis.com/token'],
    );
    two.child.kill('SIGTERM');
    assert.deepEqual(await once(two.child, 'exit'), [0, null]);
    certificate.remove();
});
