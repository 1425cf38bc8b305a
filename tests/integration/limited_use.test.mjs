// SPDX-License-Identifier: Apache-2.0
// P27: no advertising, no analytics, no profiling. Every page, asset, route, table and outgoing host is walked: nothing
// of ours loads from, reports to or links its work with anybody else, and the only servers that are spoken to are those
// that an enabled plugin declares, for what it declares.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, build, eventually, root } from '../support/portico.mjs';

let world, owner;
before(async () => {
  world = await World.start();
  owner = await world.owner();
});
after(() => world?.stop());

const files = (folder, ...ends) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile() && ends.some((end) => e.name.endsWith(end))).map((e) => join(e.parentPath ?? e.path, e.name));
const manifests = () => readdirSync(join(build, 'plugins')).map((id) => join(build, 'plugins', id, 'plugin.json')).filter(existsSync).map((file) => JSON.parse(readFileSync(file, 'utf8')));
// Words of the trade that measures people. Whoever needs one of them for something else says so here.
const trade = /analytic|telemetr|beacon|advert|doubleclick|\bpixel\b|fingerprint|segment\.(io|com)|sentry|matomo|mixpanel|amplitude|hotjar|gtag|tracking|profiling|visitor|attribution/i;

test('no page and no asset names another host, but as a name or for a person to click', () => {
  const served = files(join(root, 'web/dist'), '.html', '.js', '.css', '.svg', '.json', '.webmanifest');
  assert.ok(served.length > 30, served.join('\n'));
  // Namespaces, the texts of libraries' errors, the policy that the privacy page cites, the console that the
  // operator is led to, a URL that a parser completes.
  const known = new Set(['http://www.w3.org', 'https://react.dev', 'https://mantine.dev', 'https://react.i18next.com', 'https://github.com', 'https://developers.google.com', 'https://console.cloud.google.com', 'http://localhost', 'https://example.com']);
  for (const file of served) {
    const text = readFileSync(file, 'utf8');
    const hosts = [...text.matchAll(/(?:https?|wss?):\/\/[a-zA-Z0-9._-]+/g)].map((match) => match[0]).filter((host) => !known.has(host));
    assert.deepEqual(hosts, [], file);
    assert.doesNotMatch(text, /navigator\.sendBeacon|new WebSocket|RTCPeerConnection|document\.referrer|navigator\.plugins/, file);
  }
});

test('no page may load, send or link to anything but this server', async () => {
  for (const path of ['/', '/clients', '/connections', '/privacy/demo', '/sign-in']) {
    const page = await owner.get(path, { headers: { accept: 'text/html' } });
    assert.equal(page.status, 200, path);
    for (const directive of page.headers['content-security-policy'].split(';').map((part) => part.trim().split(/\s+/))) {
      const [name, ...sources] = directive;
      const foreign = sources.filter((source) => !/^('none'|'self'|'script'|'nonce-[\w-]+'|data:|blob:|default)$/.test(source));
      // Forms may go on to Google's own page, where a person consents: there, and nowhere else.
      assert.deepEqual(foreign, name === 'form-action' ? foreign.filter((source) => [world.simUrl, 'https://accounts.google.com'].includes(source.replace(/\/$/, ''))) : [], `${path}: ${directive.join(' ')}`);
    }
    for (const header of ['report-to', 'reporting-endpoints', 'nel', 'link', 'server-timing', 'topics']) assert.equal(page.headers[header], undefined, `${path}: ${header}`);
    assert.doesNotMatch(page.text, /<(iframe|img|script|link)[^>]+(src|href)="(https?:)?\/\//);
  }
});

test('no route, no table and no setting of ours is there to measure people', () => {
  const yaml = readFileSync(join(root, 'host/api/openapi.yaml'), 'utf8');
  const paths = [...yaml.matchAll(/^ {2}(\/\S+):$|operationId: (\S+)/gm)].map((match) => match[1] ?? match[2]);
  assert.ok(paths.length > 150, String(paths.length));
  const tables = files(join(root, 'host'), '.sql').flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/CREATE (?:VIRTUAL )?TABLE (\w+)|^ {4}(\w+) /gm)].map((match) => match[1] ?? match[2]));
  assert.ok(tables.includes('contacts') && tables.includes('plugin_sharing'));
  const settings = [...readFileSync(join(root, 'config/portico.properties'), 'utf8').matchAll(/^#?([a-z_.]+) =/gm)].map((match) => match[1]);
  assert.ok(settings.length > 10);
  for (const name of [...paths, ...tables, ...settings]) assert.doesNotMatch(name, trade);
});

test('cookies: the one of the session', async () => {
  assert.deepEqual([...owner.cookies.keys()], ['__Host-portico']);
  const stranger = world.client();
  for (const path of ['/', '/sign-in', '/privacy/demo', '/api/v1/session']) await stranger.get(path, { headers: { accept: 'text/html' } });
  assert.deepEqual([...stranger.cookies.keys()], []);
});

test('the only servers spoken to are those that enabled plugins declare, and the provider’s own for signing in', async () => {
  const declared = new Set(manifests().flatMap((manifest) => (manifest.connections ?? []).flatMap((connection) => (connection.rules ?? []).map((rule) => rule.host))));
  assert.deepEqual([...declared].sort(), ['people.googleapis.com', 'www.googleapis.com']);
  await world.simulator().post('/__sim/requests/clear', {});
  for (const plugin of ['google-contacts', 'google-calendar', 'google-drive']) assert.match((await connect(world, owner, plugin)).location, /connected=/);
  await eventually('clients in Google', async () => (await world.google(accountName)).accounts[0].contacts.length >= 5);
  await eventually('events in Google', async () => (await owner.get('/api/v1/sync')).json.items.every((stream) => stream.pending === 0));
  const { requests } = (await world.simulator().get('/__sim/requests')).json;
  const ours = requests.filter((request) => !request.path.startsWith('/__sim') && request.path !== '/o/oauth2/v2/auth' && !request.path.startsWith('/signin'));
  assert.ok(ours.length > 10, JSON.stringify(requests.slice(0, 3)));
  const apart = ours.filter(({ host = '', method, path }) => {
    const name = host.split(':')[0];
    const token = ['oauth2.googleapis.com', 'www.googleapis.com'].includes(name) && ['/token', '/revoke', '/oauth2/v3/certs', '/drive/v3/about'].includes(path);
    const page = !declared.has(name) && ['GET', 'POST'].includes(method) && /^\/(o\/oauth2|oauth|accounts|consent|picker|$)/.test(path);  // the person's own browser
    return !token && !page && !declared.has(name);
  });
  assert.deepEqual(apart.map(({ host, method, path }) => `${method} ${host}${path}`), []);
  const uses = (await owner.get('/api/v1/connections/uses?limit=500')).json.items;
  assert.ok(uses.length > 5 && uses.every((use) => declared.has(use.host) && ['google-contacts', 'google-calendar', 'google-drive'].includes(use.plugin)), 'and each stands in the list of what was done in one’s name');
});

test('P15 each plugin asks Google for its own feature’s data alone', () => {
  const feature = { 'google-contacts': /^\/v1\/(people|contactGroups)/, 'google-calendar': /^\/calendar\/v3\//, 'google-drive': /^\/(upload\/)?drive\/v3\// };
  const scopes = { 'google-contacts': /auth\/contacts$/, 'google-calendar': /auth\/calendar\./, 'google-drive': /auth\/drive\.file$/ };
  for (const manifest of manifests()) {
    for (const connection of manifest.connections ?? []) {
      assert.ok(feature[manifest.id], manifest.id);
      for (const rule of connection.rules) assert.match(rule.path, feature[manifest.id], `${manifest.id} ${rule.path}`);
      for (const { scope } of connection.scopes) assert.match(scope, scopes[manifest.id], `${manifest.id} ${scope}`);
    }
    // Of what other plugins brought: names of clients, for the titles of their appointments, and back to Google alone.
    assert.deepEqual((manifest.provenance ?? []).map(({ permission, fields }) => [permission, fields]), manifest.id === 'google-calendar' ? [['google-data', ['contact.name']]] : []);
  }
});
