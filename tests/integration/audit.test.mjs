// SPDX-License-Identifier: Apache-2.0
// The audit log tells everything, in spite of crashes and of its own plugin being away; and who edits it in the database
// while nothing runs is noticed, with the number of the entry.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { World, build, eventually, processes } from '../support/portico.mjs';

let world, owner;
before(async () => { world = await World.start({ sim: false, serve: ['--demo'] }); owner = await world.owner(); });
after(() => world?.stop());

const add = async (name) => (await owner.post('/api/v1/contacts', { card: { '@type': 'Card', version: '1.0', name: { full: name } } }).catch(() => ({}))).json?.id;
const verify = async (noted) => {
  const answer = await owner.get(`/api/v1/audit-events/proof${noted ? `?noted=${noted}` : ''}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
async function entries() {
  const all = [];
  for (let after_ = ''; after_ !== null;) {
    const { json } = await owner.get(`/api/v1/audit-events?limit=200${after_ && `&after=${after_}`}`);
    all.push(...json.items);
    after_ = json.next ?? null;
  }
  return all;
}
const delivered = () => eventually('every event in the log', () => world.sql('crm/portico.db',
  "SELECT count(*) FROM outbox_heads JOIN event_consumers USING (tenant_id) WHERE consumer = 'audit-log' AND acked_seq < seq") === '0');
const ready = () => eventually('ready again', async () => (await world.client().get('/readyz').catch(() => ({}))).status === 200);

// Everything from the first to the newest event, once each, and each of these clients among them.
async function complete(ids) {
  await delivered();
  const log = await entries();
  assert.deepEqual(log.map((entry) => entry.seq), log.map((_, at) => log.length - at), 'no number is missing, none is there twice');
  const created = log.filter((entry) => entry.type === 'contact.created').map((entry) => entry.subjectId);
  for (const id of ids) assert.equal(created.filter((each) => each === id).length, 1, id);
  const { ok, count } = await verify();
  assert.deepEqual({ ok, count }, { ok: true, count: log.length });
}

const known = [];
for (const name of ['portico-runner', 'portico-server']) {
  test(`P45 a crash of ${name} amid changes loses no event and tells none twice`, async () => {
    for (let round = 0; round < 3; round++) {
      const changes = Promise.all(Array.from({ length: 20 }, (_, i) => add(`${name} ${round} ${i}`)));
      for (const { pid } of processes(world.portico.pid).filter((p) => p.name === name && p.state !== 'Z')) process.kill(pid, 'SIGKILL');
      known.push(...(await changes).filter(Boolean));
      await ready();
    }
    assert.ok(known.length > 0, 'some were told that they were saved');
    await complete(known);
  });
}

test('P45 while its plugin is away everything is kept for it; other plugins being off changes nothing', async () => {
  const all = join(build, 'plugins'), few = join(world.folder, 'plugins');
  cpSync(all, few, { recursive: true });
  rmSync(join(few, 'audit-log'), { recursive: true });
  await world.stopServing();
  world.options.plugins = few;
  await world.serve();
  owner = await world.owner();
  assert.equal((await world.client().get('/readyz')).status, 503, 'that it is away is said');
  for (let i = 0; i < 5; i++) known.push(await add(`Away ${i}`));
  await world.stopServing('SIGKILL');
  world.options.plugins = all;
  await world.serve();
  owner = await world.owner();
  for (const plugin of ['google-contacts', 'google-calendar', 'google-drive']) assert.equal((await owner.post(`/api/v1/plugins/${plugin}/disable`)).status, 200);
  assert.equal((await owner.post('/api/v1/plugins/audit-log/disable')).status, 409, 'nobody can switch it off');
  known.push(await add('With the others off'));
  assert.ok(known.every(Boolean));
  await complete(known);
});

// With the server down, as who has the machine could: an edit in SQL, and the number that must be named.
const store = "plugin_store SET value = CAST(replace(CAST(value AS TEXT), ";
const mine = "tenant_id = (SELECT tenant_id FROM plugin_store WHERE plugin = 'audit-log' LIMIT 1) AND plugin = 'audit-log'";
const key = (seq) => `key = 'e/${(0xffffffffffffffffn - BigInt(seq)).toString(16)}'`;
for (const [what, edit, seq] of [
  ['who did it', `UPDATE ${store}'"actor":"', '"actor":"x') AS BLOB) WHERE ${mine} AND ${key(5)}`, 5],
  ['the hash of an entry', `UPDATE ${store}'"hash":"', '"hash":"0') AS BLOB) WHERE ${mine} AND ${key(7)}`, 7],
  ['an entry into nonsense', `UPDATE plugin_store SET value = CAST('nonsense' AS BLOB) WHERE ${mine} AND ${key(6)}`, 6],
  ['the newest entry away', `DELETE FROM plugin_store WHERE ${mine} AND key = (SELECT min(key) FROM plugin_store WHERE ${mine} AND key LIKE 'e/%')`, 'newest'],
  ['an entry in the middle away', `DELETE FROM plugin_store WHERE ${mine} AND ${key(9)}`, 9],
  ['the oldest entry away', `DELETE FROM plugin_store WHERE ${mine} AND ${key(1)}`, 1],
  ['an entry over another', `UPDATE plugin_store SET value = (SELECT value FROM plugin_store WHERE ${mine} AND ${key(4)}) WHERE ${mine} AND ${key(8)}`, 4],
]) {
  test(`P45 tampering is noticed, and where: ${what}`, async () => {
    await delivered();
    const before_ = await verify();
    assert.ok(before_.ok, JSON.stringify(before_));
    const newest = (await entries())[0].seq;
    await world.stopServing();
    const database = join(world.data, 'crm/portico.db');
    copyFileSync(database, `${database}.kept`);
    const changes = execFileSync('sqlite3', [database, `${edit}; SELECT changes(); PRAGMA wal_checkpoint(TRUNCATE);`], { encoding: 'utf8' });
    assert.match(changes, /^1\n/, 'the edit did happen');
    await world.serve();
    owner = await world.owner();
    await delivered();
    const { ok, problem } = await verify();
    assert.equal(ok, false);
    assert.equal(problem.seq, seq === 'newest' ? newest : seq, JSON.stringify(problem));
    assert.ok(problem.what.length > 10);
    await world.stopServing();
    for (const extra of ['-wal', '-shm']) rmSync(database + extra, { force: true });
    copyFileSync(`${database}.kept`, database);
    await world.serve();
    owner = await world.owner();
  });
}

// The best a forger can do who has the database: change what was done, and make every hash after it anew.
function forge(database) {
  const sqlite = (...args) => execFileSync('sqlite3', [...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  const rows = JSON.parse(sqlite('-json', database, `SELECT key, CAST(value AS TEXT) AS value FROM plugin_store WHERE ${mine} ORDER BY key DESC`));
  const sorted = (value) => (value && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.keys(value).sort().map((each) => [each, sorted(value[each])])) : value);
  let previous = '0'.repeat(64);
  const entries = rows.filter((row) => row.key.startsWith('e/')).map((row) => {
    const entry = JSON.parse(row.value);
    if (entry.seq === 5) entry.actor = 'somebody-else';
    delete entry.hash;
    entry.previous = previous;
    previous = createHash('sha256').update(JSON.stringify(sorted(entry))).digest('hex');
    return [row.key, JSON.stringify({ ...entry, hash: previous })];
  });
  const head = { ...JSON.parse(rows.find((row) => row.key === 'head').value), hash: previous };
  const sql = [...entries, ['head', JSON.stringify(head)]].map(([name, value]) => `UPDATE plugin_store SET value = CAST('${value.replaceAll("'", "''")}' AS BLOB) WHERE ${mine} AND key = '${name}';`);
  execFileSync('sqlite3', [database], { input: `BEGIN; ${sql.join('\n')} COMMIT;` });
}

test('P45 a log that was made anew as a whole is noticed by a fingerprint that was noted elsewhere', async () => {
  await delivered();
  const { seq, head } = await verify();
  const noted = `${seq}-${head.slice(0, 20)}`;
  await add('After the note');
  await delivered();
  assert.equal((await verify(noted)).noted, true);
  assert.equal((await owner.get('/api/v1/audit-events/proof?noted=nonsense')).status, 400);
  await world.stopServing();
  forge(join(world.data, 'crm/portico.db'));
  await world.serve();
  owner = await world.owner();
  await delivered();
  assert.equal((await entries()).find((entry) => entry.seq === 5).actor, 'somebody-else', 'the forgery did happen');
  assert.equal((await verify()).ok, true, 'by itself it fits');
  assert.equal((await verify(noted)).noted, false);
});
