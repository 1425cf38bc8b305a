// SPDX-License-Identifier: Apache-2.0
// The audit page proves that its log is whole, also against a fingerprint that somebody kept elsewhere.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World } from '../support/portico.mjs';
import { Owner } from './owner.mjs';

let world, screens;
before(async () => { world = await World.start({ sim: false, serve: ['--demo'] }); screens = await Owner.start(world); await (await screens.open()).context.close(); });
after(async () => { await screens?.stop(); await world?.stop(); });

const check = async (page) => { await page.getByTestId('check-log').click(); await page.getByTestId('log-fingerprint').waitFor(); };

test('the log is proved to be whole, and a fingerprint noted earlier is found in it or not', async () => {
  await screens.look('/audit', check, 'audit-proof');
  const { page, context, faults } = await screens.open();
  await page.goto(`${world.origin}/audit`);
  await check(page);
  assert.match(await page.getByTestId('log-proof').innerText(), /nothing is missing and nothing was changed. \d+ entries/);
  const noted = await page.getByTestId('log-fingerprint').innerText();
  const field = page.getByLabel('A fingerprint you noted earlier'), compare = page.getByRole('button', { name: 'Compare' });
  await field.fill('what?');
  await compare.click();
  await page.getByText('This is no fingerprint', { exact: false }).waitFor();
  await field.fill(` ${noted.toUpperCase()} `);
  await compare.click();
  await page.getByText('It is still in the log', { exact: false }).waitFor();
  await field.fill(noted.replace(/-..../, (start) => (start === '-0000' ? '-1111' : '-0000')));
  await compare.click();
  await page.getByText('It is not in this log.', { exact: false }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
