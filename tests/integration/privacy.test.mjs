// SPDX-License-Identifier: Apache-2.0
// What people are shown of what is done with their data: the privacy page that anybody can read, its versions, the age
// that is asked for, one's own sign-ins, requests, scopes and the log of one's connections.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accountName, connect, scopesAsked } from '../support/google.mjs';
import { World, eventually, password, root, runCli } from '../support/portico.mjs';

const api = '/api/v1';
let world, owner, anybody;
before(async () => {
  world = await World.start();
  owner = await world.owner();
  anybody = world.client();
});
after(() => world?.stop());

const slug = async () => (await owner.get(`${api}/me`)).json.tenant.slug;
const page = async () => {
  const answer = await anybody.get(`${api}/privacy/${await slug()}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const version = async (number) => (await anybody.get(`${api}/privacy/${await slug()}/versions/${number}`)).json;
const texts = (sections) => sections.flatMap((section) => section.statements.map((statement) => statement.text));
const notice = async (client) => (await client.get(`${api}/session`)).json.me.privacy;
const name = (controller) => owner.request('PUT', `${api}/controller`, { body: controller });
const enable = (plugin, how = 'enable') => owner.post(`${api}/plugins/${plugin}/${how}`, {});

test('the privacy page is public at an address that stays, and says clearly when nobody is named', async () => {
  assert.equal((await anybody.get(`${api}/privacy`)).json.slug, await slug());
  const html = await anybody.get(`/privacy/${await slug()}`, { headers: { accept: 'text/html' } });
  assert.equal(html.status, 200);
  const found = await page();
  assert.equal(found.controllerNamed, false);
  assert.match(texts(found.sections).join('\n'), /has not named yet who is responsible/);
  assert.equal((await anybody.get(`${api}/controller`)).status, 401);
});

test('it is made from what is enabled: every scope and host of that, and nothing of the rest', async () => {
  const plugins = (await owner.get(`${api}/plugins`)).json.items;
  const check = async () => {
    const said = texts((await page()).sections).join('\n');
    const enabled = (await owner.get(`${api}/plugins`)).json.items.filter((plugin) => plugin.enabled).map((plugin) => plugin.id);
    for (const plugin of plugins) {
      for (const connection of plugin.asks.connections) {
        for (const { scope, reason } of connection.scopes) {
          const others = plugins.some((other) => other.id !== plugin.id && enabled.includes(other.id) && JSON.stringify(other.asks.connections).includes(scope));
          if (enabled.includes(plugin.id)) assert.ok(said.includes(scope) && said.includes(reason.replace(/\.$/, '')), scope);
          else if (!others) assert.ok(!said.includes(scope), `${scope} of ${plugin.id}, which is off`);
        }
        if (enabled.includes(plugin.id)) for (const host of connection.hosts) assert.ok(said.includes(host), host);
      }
    }
    return { said, enabled };
  };
  const all = await check();
  assert.ok(all.enabled.includes('google-drive'));
  await enable('google-drive', 'disable');
  const fewer = await check();
  assert.ok(!fewer.enabled.includes('google-drive') && !fewer.said.includes('Google Drive'));
  for (const plugin of ['google-contacts', 'google-calendar']) await enable(plugin, 'disable');
  const none = await check();
  assert.ok(!/Limited Use/.test(JSON.stringify((await page()).sections)) && !none.said.includes('googleapis.com'));
  for (const plugin of ['google-contacts', 'google-calendar', 'google-drive']) await enable(plugin);
  await check();
});

test('it has every part that Google asks for, and the promises in their own words', async () => {
  const { sections } = await page();
  assert.deepEqual(sections.map((section) => section.id),
    ['who', 'data', 'why', 'storage', 'retention', 'sharing', 'limited-use', 'rights', 'cookies', 'children', 'changes']);
  const said = texts(sections).join('\n');
  assert.match(said, /Google API Services User Data Policy \(https:\/\/developers\.google\.com\/terms\/api-services-user-data-policy\), including the Limited Use requirements/);
  assert.match(said, /Not for people under 13/);
  const register = readFileSync(join(root, 'tests/promises/register.txt'), 'utf8');
  const promises = sections.flatMap((section) => section.statements).filter((statement) => statement.key.startsWith('promise/'));
  assert.ok(promises.length > 20);
  for (const { key, text } of promises) assert.ok(register.includes(`${key.slice(8)} ${text}\n`), `${key}: ${text}`);
});

test('Last Updated moves when, and only when, the meaning does', async () => {
  const first = await page();
  await owner.request('PUT', `${api}/plugins/google-contacts/settings`, { body: { values: { sync: 'label', label: 'Salon' } } });
  await enable('google-contacts');  // it is already
  await owner.post(`${api}/contacts`, { card: { '@type': 'Card', version: '1.0', name: { full: 'Ada' } } });
  assert.equal((await page()).lastUpdated, first.lastUpdated);
  await world.stopServing();
  await world.serve(new URL(world.origin).port);
  owner = await world.owner();
  const again = await page();
  assert.deepEqual([again.lastUpdated, again.number], [first.lastUpdated, first.number]);

  assert.equal((await name({ name: 'Dana Owner', address: '1 High Street, London', email: 'privacy@demo.test' })).status, 200);
  const named = await page();
  assert.equal(named.number, first.number + 1);
  assert.ok(Date.parse(named.lastUpdated) > Date.parse(first.lastUpdated));
  assert.equal(named.controllerNamed, true);
  assert.match(texts(named.sections).join('\n'), /Dana Owner, 1 High Street, London\. Contact: privacy@demo\.test/);
  await name({ name: 'Dana Owner', address: '1 High Street, London', email: 'privacy@demo.test' });
  assert.equal((await page()).number, named.number);
  assert.equal((await name({ name: 'Dana Owner', email: 'nowhere' })).status, 400);
});

test('earlier versions stay, with what changed', async () => {
  const now = await page();
  await enable('google-drive', 'disable');
  const later = await page();
  assert.equal(later.number, now.number + 1);
  const difference = await version(later.number);
  assert.ok(difference.removed.length > 0 && difference.removed.every(({ text }) => /Drive|drive/.test(text)), JSON.stringify(difference.removed));
  assert.deepEqual(difference.added, []);
  assert.ok(texts((await version(now.number)).sections).some((text) => /Google Drive/.test(text)));
  await enable('google-drive');
  assert.equal((await page()).number, later.number + 1);
  assert.deepEqual((await page()).versions.map((each) => each.number), Array.from({ length: later.number + 1 }, (_, i) => later.number + 1 - i));
  assert.equal((await anybody.get(`${api}/privacy/${await slug()}/versions/999`)).status, 404);
});

test('each person is told of a new version until they have seen it', async () => {
  const mia = { email: 'mia@demo.test', name: 'Mia', role: 'staff', password: 'a long enough phrase' };
  assert.equal((await owner.post(`${api}/users`, mia)).status, 201);
  const her = world.client();
  await her.signIn(mia.email, mia.password);
  for (const client of [owner, her]) assert.equal((await notice(client)).seen, false);
  const { number } = await page();
  assert.equal((await owner.post(`${api}/me/privacy-seen`, { number })).status, 204);
  assert.equal((await notice(owner)).seen, true);
  assert.equal((await notice(her)).seen, false);
  assert.equal((await her.post(`${api}/me/privacy-seen`, { number: number + 1 })).status, 400);
  await name({ name: 'Dana Owner Ltd', email: 'privacy@demo.test' });
  assert.equal((await notice(owner)).seen, false);
});

test('nobody gets in who has not said that they are 13 or over', async () => {
  const made = await runCli(['tenant', 'create', 'Second Studio', '--owner', 'olive@second.test', '--data', world.data]);
  const secret = /with the password (\S+)/.exec(made.out)[1];
  const say = (more) => world.client().post(`${api}/session`, { email: 'olive@second.test', password: secret, ...more });
  for (const more of [{}, { ofAge: false }]) {
    const refused = await say(more);
    assert.equal(refused.status, 403);
    assert.equal(refused.json.code, 'age_unconfirmed');
    assert.equal(refused.headers['set-cookie'], undefined);
  }
  assert.equal((await say({ ofAge: true })).status, 201);
  assert.equal((await say({})).status, 201);  // said once

  const empty = await World.start({ sim: false });
  try {
    const [, token] = await eventually('the link', () => /\/setup\?token=(\S+)/.exec(empty.log));
    const input = { token, tenantName: 'My Studio', timeZone: 'Europe/Berlin', name: 'Ida', email: 'ida@first.test', password: 'a long enough phrase' };
    for (const more of [{}, { ofAge: false }]) {
      const refused = await empty.client().post(`${api}/setup`, { ...input, ...more });
      assert.equal(refused.status, 400, refused.text);
      assert.equal(refused.json.errors[0].path, '/ofAge');
    }
    assert.equal((await empty.client().post(`${api}/setup`, { ...input, ofAge: true })).status, 201);  // the link still works
  } finally {
    await empty.stop();
  }
});

test('sign-ins are kept with their times, wrong passwords too, and shown to their own person alone', async () => {
  await world.client().post(`${api}/session`, { email: 'owner@demo.test', password: 'wrong wrong wrong' });
  await world.client().signIn('owner@demo.test', password);
  const { items } = (await owner.get(`${api}/me/sign-ins`)).json;
  assert.deepEqual(items.slice(0, 2).map((note) => note.outcome), ['signedIn', 'failed']);
  assert.ok(items.every((note) => Math.abs(Date.now() - Date.parse(note.at)) < 600_000));
  assert.equal((await owner.get(`${api}/me`)).json.historyDays, 396);
  const mia = world.client();
  await mia.signIn('mia@demo.test', 'a long enough phrase');
  assert.ok((await mia.get(`${api}/me/sign-ins`)).json.items.every((note) => note.outcome === 'signedIn'));
});

test('what was done in my name is counted by day, and each scope says when it was last used', async () => {
  const asked = scopesAsked((await owner.get(`${api}/plugins/google-calendar`)).json.asks.connections[0]);
  await connect(world, owner, 'google-contacts');
  await connect(world, owner, 'google-calendar', { scopes: [asked[0]] });
  const mine = async (plugin) => (await owner.get(`${api}/connections`)).json.items.find((each) => each.plugin === plugin);
  const used = await eventually('a use of the contacts', async () => {
    const [scope] = (await mine('google-contacts')).scopes;
    return scope.lastUsedAt && scope;
  });
  assert.ok(used.requested && used.granted && Math.abs(Date.now() - Date.parse(used.lastUsedAt)) < 600_000);
  const calendar = (await mine('google-calendar')).scopes;
  assert.deepEqual(calendar.map((each) => each.scope), asked);
  assert.ok(calendar.some((each) => each.requested && !each.granted && each.lastUsedAt === null));

  await eventually('both lists to agree', async () => {
    const groups = (await owner.get(`${api}/connections/uses-by-day?limit=500`)).json.items;
    const uses = (await owner.get(`${api}/connections/uses?limit=500`)).json.items;
    const count = (list) => list.filter((each) => each.plugin === 'google-contacts' && each.path === '/v1/people/me/connections').reduce((sum, each) => sum + (each.count ?? 1), 0);
    return groups.length > 0 && groups.length <= uses.length && count(groups) > 0 && count(groups) === count(uses);
  });
  const first = (await owner.get(`${api}/connections/uses-by-day?limit=1`)).json;
  const second = (await owner.get(`${api}/connections/uses-by-day?limit=1&after=${first.next}`)).json;
  assert.ok(first.next && second.items[0].id !== first.items[0].id);
});

test('the address of the Google account is shown to its person and is in no file and no log', async () => {
  assert.equal((await owner.get(`${api}/connections`)).json.items[0].account, accountName);
  const seen = [];
  const files = readdirSync(world.data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const entry of files) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (readFileSync(path).includes(accountName)) seen.push(path);
  }
  assert.deepEqual(seen, []);
  assert.ok(files.some((entry) => entry.name === 'vault.db') && files.some((entry) => /portico.*\.db$/.test(entry.name)));
  assert.ok(!world.log.includes(accountName));
  const people = (await owner.get(`${api}/plugins/google-contacts`)).json.people;
  assert.ok(people.some((person) => person.connections.length > 0) && !JSON.stringify(people).includes(accountName));
  assert.ok(!(await owner.get(`${api}/audit-events?limit=200`)).text.includes(accountName));
});

test('the log of connections tells connects, failed renewals, changed scopes and disconnects', async () => {
  const kinds = async () => (await owner.get(`${api}/connections/log?limit=200`)).json.items.map((entry) => `${entry.plugin} ${entry.kind}`);
  await connect(world, owner, 'google-calendar');  // now with all of its scopes
  await eventually('the changed scopes in the log', async () => (await kinds()).includes('google-calendar scopesChanged'));

  const sim = world.simulator();
  await sim.post('/__sim/faults', { match: { method: 'POST', path: '/token' }, times: 1, respond: { preset: 'invalid_rapt' } });
  await sim.post('/__sim/expire-access-tokens', {});
  await owner.post(`${api}/sync/run`, { plugin: 'google-contacts' });
  await eventually('the failed renewal in the log', async () => (await kinds()).some((kind) => kind.endsWith('refreshFailed')));
  await sim.post('/__sim/faults/clear', {});

  assert.equal((await owner.post(`${api}/connections/disconnect-google`, { account: accountName })).status, 200);
  const log = await kinds();
  for (const kind of ['google-contacts connected', 'google-contacts disconnected', 'google-calendar disconnected']) assert.ok(log.includes(kind), `${kind} of ${log}`);
  const after = (await owner.get(`${api}/connections/log?limit=200`)).json.items;
  assert.ok(after.every((entry) => entry.at && !JSON.stringify(entry.detail ?? '').includes(accountName)));
});
