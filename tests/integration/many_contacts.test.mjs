// SPDX-License-Identifier: Apache-2.0
// A real salon has thousands of clients: 5,000 of them are imported from a Google Contacts export by the command line, and
// every one reaches the simulated Google Contacts, once.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { World, eventually, runCli } from '../support/portico.mjs';

const count = 5000;
let world, owner;
before(async () => { world = await World.start(); owner = await world.owner(); });
after(() => world?.stop());

test('portico import previews, then takes 5,000 clients', async () => {
  const file = join(world.folder, 'contacts.csv');
  const rows = ['First Name,Middle Name,Last Name,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Organization Name'];
  for (let i = 1; i <= count; i++) rows.push(`Client${i},,Family${i % 97},"likes ""tea"", not coffee",* myContacts,* Home,client${i}@many.test,Mobile,+44 7700 ${String(100000 + i)},`);
  writeFileSync(file, rows.join('\r\n') + '\r\n');
  const preview = await runCli(['import', file, '--data', world.data, '--tenant', 'demo']);
  assert.equal(preview.code, 0, preview.out);
  assert.match(preview.out, /5,?000/);
  assert.equal((await owner.get('/api/v1/contacts?q=client4999')).json.items.length, 0, 'a preview changes nothing');
  const done = await runCli(['import', file, '--data', world.data, '--tenant', 'demo', '--commit']);
  assert.equal(done.code, 0, done.out);
  assert.equal((await owner.get('/api/v1/contacts?q=client4999')).json.items.length, 1);
});

test('all of them arrive in Google Contacts, none twice', async () => {
  await connect(world, owner, 'google-contacts');
  const mails = async () => (await world.google(accountName)).accounts[0].contacts.filter((c) => !c.deleted).flatMap((c) => (c.emailAddresses ?? []).map((e) => e.value)).filter((m) => m.endsWith('@many.test'));
  await eventually('5,000 contacts', async () => (await mails()).length >= count, 240_000);
  const all = await mails();
  assert.equal(all.length, count);
  assert.equal(new Set(all).size, count);
  await eventually('nothing waiting', async () => {
    const stream = (await owner.get('/api/v1/sync')).json.items.find((s) => s.plugin === 'google-contacts');
    return stream.pending === 0 && stream.failed === 0;
  }, 60_000);
});
