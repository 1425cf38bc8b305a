// SPDX-License-Identifier: Apache-2.0
// The banner about states of trouble: calm, there while they last and no longer, for admins with what to do.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect } from '../support/google.mjs';
import { World, freeze, password, processes } from '../support/portico.mjs';
import { Owner } from './owner.mjs';

let world, screens, owner;
before(async () => {
  world = await World.start();
  owner = await world.owner();
  await connect(world, owner, 'google-contacts');
  screens = await Owner.start(world);
});
after(async () => { await screens?.stop(); await world?.stop(); });

const sim = (path, body) => world.simulator().post(`/__sim/${path}`, body);
const line = (page, key) => page.getByTestId(`condition-${key}`);
const aClient = (name) => owner.post('/api/v1/contacts', { card: { '@type': 'Card', version: '1.0', name: { full: name } } });

test('an outage of Google and a wrong clock are said in plain words, and gone when they end', async () => {
  const { page, context, faults } = await screens.open();
  await page.goto(`${world.origin}/clients`);
  await page.getByTestId('conditions').waitFor({ state: 'detached' });
  await sim('clock', { advanceSeconds: 90 });
  await sim('faults', { match: { path: '*' }, times: 100_000, respond: { status: 503, body: 'down' } });
  await aClient('While Google was away');
  await line(page, 'provider_down').waitFor({ timeout: 60_000 });  // without a reload
  const text = await line(page, 'provider_down').innerText();
  assert.match(text, /Google has not answered since \d\d:\d\d\. Your changes are kept and sent when it answers again\./);
  assert.match(text, /You need not do anything\./);
  assert.match(await line(page, 'clock_off').innerText(), /The clock of this server is 8\d s behind\.[^]*time synchronisation/);
  await screens.look('/clients', (other) => line(other, 'clock_off').waitFor(), 'trouble-google');
  await sim('faults/clear', {});
  await sim('clock', { advanceSeconds: -90 });
  await line(page, 'provider_down').waitFor({ state: 'detached', timeout: 60_000 });
  await owner.post('/api/v1/sync/run', { plugin: 'google-contacts' });
  await page.getByTestId('conditions').waitFor({ state: 'detached', timeout: 60_000 });
  assert.deepEqual(faults, []);
  await context.close();
});

test('while the vault hangs the connections page says so and the rest works; it comes back by itself', async () => {
  const { pid } = processes(world.portico.pid).find((p) => p.name.startsWith('portico-vault'));
  const { page, context, faults } = await screens.open();
  await page.goto(`${world.origin}/connections`);
  await page.getByTestId('connection-google-contacts').waitFor();
  await freeze(pid);
  try {
    await line(page, 'vault_unreachable').waitFor({ timeout: 60_000 });
    assert.match(await line(page, 'vault_unreachable').innerText(), /looks after connected accounts has not answered since \d\d:\d\d\. Your data is safe; changes are sent later\.[^]*restart Portico/);
    await page.reload();
    await page.getByTestId('problem').getByText('Your data is safe', { exact: false }).waitFor();
    await screens.look('/connections', (other) => other.getByTestId('problem').waitFor(), 'trouble-vault');
    await page.goto(`${world.origin}/clients`);
    await page.getByText('While Google was away').first().waitFor();
    await page.goto(`${world.origin}/connections`);
    await page.getByTestId('problem').waitFor();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await page.getByTestId('conditions').waitFor({ state: 'detached', timeout: 60_000 });
  await page.getByTestId('connection-google-contacts').waitFor();  // without a reload
  assert.deepEqual(faults, []);
  await context.close();
});

test('staff read what it means for them, in their language, and not what the operator should do', async () => {
  await owner.post('/api/v1/users', { email: 'mia@demo.test', name: 'Mia', role: 'staff', password });
  const { pid } = processes(world.portico.pid).find((p) => p.name.startsWith('portico-vault'));
  const { page, context } = await screens.open({ locale: 'de-DE', storageState: undefined });
  await page.goto(world.url);
  await page.getByTestId('sign-in-email').fill('mia@demo.test');
  await page.getByTestId('sign-in-password').fill(password);
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('of-age').check();
  await page.getByTestId('sign-in-submit').click();
  await page.getByTestId('sign-in-submit').waitFor({ state: 'detached' });
  await freeze(pid);
  try {
    await line(page, 'vault_unreachable').waitFor({ timeout: 60_000 });
    const text = await line(page, 'vault_unreachable').innerText();
    assert.match(text, /^Der Teil von Portico, der verbundene Konten betreut, antwortet seit \d\d:\d\d nicht\. Ihre Daten sind sicher; Änderungen werden später gesendet\.$/);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await page.getByTestId('conditions').waitFor({ state: 'detached', timeout: 60_000 });
  await context.close();
});
