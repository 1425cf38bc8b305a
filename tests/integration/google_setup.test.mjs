// SPDX-License-Identifier: Apache-2.0
// Setting up Google from nothing, as the operator does: the command, its link, the page's API, a wrong and a right secret, a
// user's connection with it; then that the secret is nowhere in the clear, outlives rotation and restart, and can be forgotten.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { scanFiles } from '../support/canary.mjs';
import { accountName, connect } from '../support/google.mjs';
import { World, eventually, root, runCli } from '../support/portico.mjs';

const mark = 'GOCSPX-cAnArYcAnArY';
const first = { clientId: '123456789012-firstclient.apps.googleusercontent.com', clientSecret: `${mark}0123456789a` };
const second = { clientId: '210987654321-secondclient.apps.googleusercontent.com', clientSecret: `${mark}9876543210z` };

let world, page;
before(async () => {
  const clients = [first, second].map((client, i) => ({ ...client, project: `project-${i}`, anyLoopbackRedirect: true }));
  world = await World.start({ client: false, seed: { clients } });
});
after(() => world?.stop());

const google = async (verb, ...more) => runCli(['google', verb, '--data', world.data, ...more]);
async function link() {
  const { code, out } = await google('setup');
  assert.equal(code, 0, out);
  return new URL(/https:\S+/.exec(out)[0]);
}
async function open(url) {
  const client = world.client();
  const answer = await client.post('/api/v1/setup/google/session', { token: url.hash.slice(1) });
  client.csrf = answer.json.csrfToken;
  return { client, answer };
}
const put = (client, input) => client.request('PUT', '/api/v1/setup/google/client', { body: input });
const stateOf = (setup, name) => { const found = setup.checks.find((check) => check.name === name); return `${found.code} ${found.state}`; };
const sim = (path, body) => world.simulator().post(`/__sim/${path}`, body);
const checked = async () => (await page.post('/api/v1/setup/google/check')).json;
const save = (client, name) => client.post('/api/v1/contacts', { card: { name: { components: [{ kind: 'given', value: name }] } } });
const connectionOf = async (owner) => (await owner.get('/api/v1/connections')).json.items.find((each) => each.plugin === 'google-contacts');

test('without a client the rest works, and it is said in words', async () => {
  const ready = await world.client().get('/readyz');
  assert.equal(ready.status, 200, ready.text);
  assert.match(ready.json.parts.Google, /not set up/);
  const doctor = await runCli(['doctor', '--data', world.data]);
  assert.equal(doctor.code, 0, doctor.out);
  assert.match(doctor.out, /Google.*not set up.*portico google setup/);
  const owner = await world.owner();
  assert.deepEqual((await owner.get('/api/v1/connections/google')).json, { ready: false });
  const begun = await owner.post('/api/v1/connections/begin', { plugin: 'google-contacts' });
  assert.deepEqual([begun.status, begun.json.code], [503, 'google_not_configured']);
  const status = await google('status');
  assert.equal(status.code, 0, status.out);
  assert.match(status.out, /ATTENTION There is no client id yet/);
});

test('the link opens the page once, and nothing else', async () => {
  const url = await link();
  assert.equal(url.pathname, '/setup/google');
  assert.match(url.hash, /^#[\w-]{43}$/);
  const { client, answer } = await open(url);
  assert.equal(answer.status, 201, answer.text);
  assert.match(answer.headers['set-cookie'][0], /^__Host-portico-operator=.*HttpOnly; SameSite=Strict; Secure; Max-Age=3600/);
  assert.deepEqual([answer.json.client.source, answer.json.redirectUri], ['none', `${world.origin}/oauth/callback/google`]);
  assert.deepEqual(answer.json.wanted.apis.map((api) => api.title).sort(), ['Google Calendar API', 'Google Drive API', 'Google People API', 'Google Picker API']);
  const contacts = answer.json.wanted.scopes.find((scope) => scope.name.endsWith('/auth/contacts'));
  assert.deepEqual([contacts.tier, answer.json.wanted.verification], ['sensitive', 'sensitive']);
  assert.equal((await open(url)).answer.json.code, 'setup_link_expired');
  assert.equal((await client.get('/api/v1/contacts')).status, 401);
  assert.equal((await (await world.owner()).get('/api/v1/setup/google')).json.code, 'setup_link_needed');
  assert.ok(!world.log.includes(url.hash.slice(1)), 'the token stands in the log');
  page = client;
});

test('a wrong secret is said and not kept; the right one works at once', async () => {
  const wrong = await put(page, { ...first, clientSecret: `${mark}wrong000000` });
  assert.deepEqual([wrong.status, wrong.json.code], [400, 'client_refused']);
  assert.match(wrong.json.detail, /Unauthorized/);
  const unknown = await put(page, { ...first, clientId: '1-nobody.apps.googleusercontent.com' });
  assert.match(unknown.json.detail, /client was not found/);
  assert.equal((await checked()).client.source, 'none');
  const right = await put(page, first);
  assert.equal(right.status, 200, right.text);
  assert.equal(right.json.client.hint, '123456789012-…ient');
  for (const [name, wanted] of Object.entries({ client: 'stored ok', secret: 'plausible ok', known: 'accepted ok', redirect: 'loopback unknown', api: 'unseen unknown',
    consent: 'unseen unknown', scopes: 'sensitive attention', clock: 'right ok', notifications: 'off ok' })) assert.equal(stateOf(right.json, name), wanted, name);
  assert.ok(!right.text.includes(mark), 'the secret came back');
  await eventually('readiness', async () => (await world.client().get('/readyz')).json.parts.Google === 'ok');
});

test('a user connects with it, and what Google answers is noticed', async () => {
  await sim('options', { testingConsent: true, disabledApis: ['people'], dateSkewSeconds: 90 });
  const owner = await world.owner();
  assert.deepEqual((await owner.get('/api/v1/connections/google')).json, { ready: true });
  const { location } = await connect(world, owner, 'google-contacts');
  assert.match(location, /connected=google-contacts/);
  const api = (setup) => setup.checks.find((check) => check.values.api === 'Google People API');
  let setup;
  await eventually('the refusal of the People API', async () => api(setup = await checked()).state === 'failing');
  assert.match(api(setup).link, /^https:\/\/console\.cloud\.google\.com\/apis\/library\/people\.googleapis\.com\?project=123456789012$/);
  assert.deepEqual([stateOf(setup, 'redirect'), stateOf(setup, 'consent'), stateOf(setup, 'clock')], ['works ok', 'testing attention', 'behind attention']);
  const seconds = +setup.checks.find((check) => check.name === 'clock').values.seconds;
  assert.ok(seconds >= 85 && seconds <= 91, `${seconds}`);
  const status = await google('status');
  assert.equal(status.code, 1, status.out);
  assert.match(status.out, /FAULT +Google People API is not enabled in your project/);
  await sim('options', { testingConsent: false, disabledApis: [], dateSkewSeconds: 3600 });
  assert.equal(stateOf(await checked(), 'clock'), 'behind failing');
  await sim('options', { dateSkewSeconds: 0 });
  await save(owner, 'Noticed');
  await owner.post('/api/v1/sync/run', {});
  await eventually('the client at Google', async () => JSON.stringify(await world.google(accountName)).includes('Noticed'));
  await eventually('the People API at work', async () => api(setup = await checked()).state === 'ok');
  assert.equal(stateOf(setup, 'clock'), 'right ok');
});

test('the secret is in no file of the data folder, its backup, or the log', async () => {
  const backup = join(world.folder, 'backup');
  const made = await runCli(['backup', backup, '--data', world.data]);
  assert.equal(made.code, 0, made.out);
  for (const folder of [world.data, backup]) {
    assert.equal(scanFiles(folder, first.clientId).hits.length > 0, true, 'the search finds what is there');
    const { hits } = scanFiles(folder, mark);
    assert.deepEqual(hits, []);
  }
  assert.ok(!world.log.includes(mark), 'the secret stands in the log');
  assert.deepEqual(readdirSync(join(world.data, 'vault')).filter((name) => name.includes('secret')), []);
});

test('it outlives a rotation of the keys and a restart', async () => {
  await world.stopServing();
  for (const verb of ['rotate', 'verify', 'rewrap']) {
    const { code, out } = await runCli(['vault', verb, '--data', world.data]);
    assert.equal(code, 0, out);
  }
  // A second implementation opens it from the files, with the new root key.
  const verifier = join(root, 'tests/unit/credential/record_vectors.py');
  assert.deepEqual(JSON.parse(execFileSync('/usr/bin/python3', [verifier, 'clients', join(world.data, 'vault')])), [{ client: first.clientId, secret: first.clientSecret }]);
  await world.serve();
  const owner = await world.owner();
  await save(owner, 'Rotated');
  await eventually('the client at Google', async () => JSON.stringify(await world.google(accountName)).includes('Rotated'));
  page = (await open(await link())).client;
  assert.equal(stateOf(await checked(), 'known'), 'accepted ok');
});

test('another client must be meant, and asks everyone to connect again', async () => {
  const refused = await put(page, second);
  assert.deepEqual([refused.status, refused.json.code], [409, 'client_in_use']);
  const changed = await put(page, { ...second, replace: true });
  assert.equal(changed.status, 200, changed.text);
  assert.equal(changed.json.client.waiting, 1);
  const owner = await world.owner();
  const waiting = await connectionOf(owner);
  assert.equal(waiting.state, 'needsReconnect');
  assert.match(waiting.problem, /connect the account again/);
  await connect(world, owner, 'google-contacts');
  assert.equal((await connectionOf(owner)).state, 'connected');
  assert.equal((await checked()).client.waiting, 0);
});

test('forgotten, it is gone; the page closes', async () => {
  const careful = await google('forget');
  assert.equal(careful.code, 1, careful.out);
  assert.match(careful.out, /1 connections.*--yes/s);
  const gone = await google('forget', '--yes');
  assert.equal(gone.code, 0, gone.out);
  assert.equal((await checked()).client.source, 'none');
  assert.deepEqual((await (await world.owner()).get('/api/v1/connections/google')).json, { ready: false });
  assert.equal((await page.request('DELETE', '/api/v1/setup/google/session')).status, 204);
  assert.equal((await page.get('/api/v1/setup/google')).json.code, 'setup_link_needed');
  await world.stopServing();
  const files = readdirSync(join(world.data, 'vault')).map((name) => join(world.data, 'vault', name)).filter((file) => statSync(file).isFile());
  assert.ok(!files.some((file) => readFileSync(file).includes('firstclient')), 'the client of before is still in a file');
});
