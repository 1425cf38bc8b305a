// SPDX-License-Identifier: Apache-2.0
// `portico plugin dev`: an unsigned plugin in a running demo, its log, reload when the build writes it anew, and the undo.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { World, awaitLine, ended } from '../../support/portico.mjs';
import { Workplace } from './sdk.mjs';

let place, world, owner, folder, built;
before(async () => {
  place = new Workplace();
  const { code, out } = place.run('portico plugin new loyalty-card && cd loyalty-card && cmake --preset dev -DBUILD_TESTING=OFF && cmake --build --preset dev --target loyalty-card');
  assert.equal(code, 0, out);
  folder = join(place.work, 'loyalty-card');
  built = join(folder, 'build/dev/plugins/loyalty-card');
  world = await World.start({ serve: ['--min-sandbox', '2', '--developer-mode'] });
  owner = await world.owner();
});
after(async () => { await world?.stop(); place?.remove(); });

const dev = () => spawn('portico', ['plugin', 'dev', built, '--data', world.data], { env: place.env, stdio: ['ignore', 'pipe', 'pipe'] });
const action = (name) => owner.post(`/api/v1/plugins/loyalty-card/actions/${name}`, { args: { client: 'ada' } });

test('it runs, says what it logs, is reloaded by a build and taken out again', async () => {
  const session = dev();
  await awaitLine(session, /loyalty-card 0\.1\.0: running/, 'portico plugin dev');
  assert.equal((await owner.get('/api/v1/plugins/loyalty-card')).json.trust, 'unsigned');
  assert.equal((await owner.post('/api/v1/plugins/loyalty-card/enable')).status, 200);
  const logged = awaitLine(session, /info stamped (.*)/, 'the plugin\'s log');
  assert.equal((await action('stamp')).json.result.stamps, 1);
  assert.deepEqual(JSON.parse((await logged)[1]), { stamps: 1 });

  const reloaded = awaitLine(session, /loyalty-card 0\.2\.0: running/, 'the reload');
  for (const [file, from, to] of [['src/loyalty_card.cpp', '++now.stamps;', 'now.stamps += 3;'], ['plugin.json', '0.1.0', '0.2.0']])
    writeFileSync(join(folder, file), readFileSync(join(folder, file), 'utf8').replace(from, to));
  const again = await place.start('cmake --build --preset dev --target loyalty-card', folder);
  assert.equal(again.code, 0, again.out);
  await reloaded;
  assert.equal((await action('stamp')).json.result.stamps, 4, 'the new code works on what the old one stored');

  const broken = awaitLine(session, /not reloaded: /, 'the complaint');
  const manifest = join(built, 'plugin.json'), good = readFileSync(manifest);
  writeFileSync(manifest, '{');
  await broken;
  assert.equal((await action('stamp')).json.result.stamps, 7, 'a broken build leaves what runs alone');
  const mended = awaitLine(session, /loyalty-card 0\.2\.0: running/, 'the reload');
  writeFileSync(manifest, good);
  await mended;

  const out = awaitLine(session, /is taken out/, 'the end');
  session.kill('SIGINT');
  await out;
  await ended(session);
  assert.equal(session.exitCode, 0);
  assert.equal((await owner.get('/api/v1/plugins/loyalty-card')).status, 404);
  assert.ok(!existsSync(join(world.data, 'plugins/loyalty-card')));
});

test('an installed version is put back, also after the program was killed', async () => {
  const install = place.run(`portico plugin install ${built} --data ${world.data}`);
  assert.equal(install.code, 0, install.out);
  const before = readFileSync(join(world.data, 'plugins/loyalty-card/plugin.json'), 'utf8');
  const manifest = join(built, 'plugin.json');
  writeFileSync(manifest, before.replace('"0.2.0"', '"0.9.0"'));
  const killed = dev();
  await awaitLine(killed, /version 0\.9\.0 does not start/, 'portico plugin dev');
  killed.kill('SIGKILL');
  await ended(killed);
  const session = dev();
  await awaitLine(session, /version 0\.9\.0 does not start/, 'portico plugin dev');
  session.kill('SIGTERM');
  await ended(session);
  assert.equal(readFileSync(join(world.data, 'plugins/loyalty-card/plugin.json'), 'utf8'), before);
  assert.equal((await owner.get('/api/v1/plugins/loyalty-card')).json.version, '0.2.0');
});

test('a host that is not in developer mode refuses, and says how to start one that is', async () => {
  const strict = await World.start({ sim: false, serve: ['--min-sandbox', '2'] });
  try {
    const { code, out } = place.run(`portico plugin dev ${built} --data ${strict.data}`);
    assert.equal(code, 1);
    assert.match(out, /not in developer mode, so it runs signed plugins only/);
    assert.ok(!existsSync(join(strict.data, 'plugins/loyalty-card')));
  } finally {
    await strict.stop();
  }
});
