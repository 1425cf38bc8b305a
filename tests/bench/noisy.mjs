// SPDX-License-Identifier: Apache-2.0
// The noisy neighbour: what a page and another plugin's call cost while a plugin crashes, hangs, floods its log or eats
// memory, against the quiet of the same run. Alone: node tests/bench/noisy.mjs BUILD_FOLDER [SECONDS_PER_FIGURE]
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

process.env.PORTICO_BUILD ??= resolve(process.argv[2]);
const seconds = process.argv[3] ?? '4';
const { World, build } = await import('../support/portico.mjs');
const { bad, misbehavingPlugins } = await import('../support/misbehaving.mjs');
const times = (a, b) => `${(a / b).toFixed(2)} ×`;

// In a process of its own, while this one goes on: whoever makes the noise lives here.
function loadBeside(world, owner, path, more) {
  const cookie = [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const args = [world.origin + path, '--seconds', seconds, '--header', `Cookie: ${cookie}`, ...more];
  return new Promise((done, failed) => execFile(join(build, 'bin/bench_http'), args, { encoding: 'utf8' }, (error, out) => (error ? failed(error) : done(JSON.parse(out)))));
}

// row(what, value, floor, ratio) is called for each figure.
export async function noisyRows(row) {
  const plugins = await misbehavingPlugins();
  const world = await World.start({ plugins, serve: ['--log-level', 'error'] });
  try {
    const owner = await world.owner();
    await owner.post(`/api/v1/plugins/${bad}/enable`, {});
    // Below the rate at which one tenant may call one plugin.
    const calls = async () => {
      const taken = [];
      for (const end = Date.now() + 1000 * seconds; Date.now() < end; await new Promise((next) => setTimeout(next, 10))) {
        const start = performance.now();
        const { status, text } = await owner.post('/api/v1/plugins/audit-log/actions/list', { args: {} });
        if (status !== 200) throw new Error(`${status} ${text}`);
        taken.push(performance.now() - start);
      }
      taken.sort((x, y) => x - y);
      return { p50_ms: taken[Math.floor(taken.length / 2)], p99_ms: taken[Math.floor(taken.length * 0.99)] };
    };
    const measure = async () => ({ page: await loadBeside(world, owner, '/icon.svg', ['--connections', '2']), call: await calls() });
    const quiet = await measure();
    const show = (r) => `p50 ${r.p50_ms.toFixed(2)} ms, p99 ${r.p99_ms.toFixed(2)} ms`;
    row('static reply, all plugins quiet', show(quiet.page));
    row('call of a plugin, the others quiet', show(quiet.call));
    for (const [what, misbehave] of [
      ['crashes', () => owner.post(`/api/v1/plugins/${bad}/actions/crash`, { args: {} }).then(() => owner.post(`/api/v1/plugins/${bad}/enable`, {}))],
      ['hangs', () => owner.post(`/api/v1/plugins/${bad}/actions/hang`, { args: {} }).then(() => owner.post(`/api/v1/plugins/${bad}/enable`, {}))],
      ['floods', () => owner.post(`/api/v1/plugins/${bad}/actions/flood`, { args: {} })],
      ['eats memory', () => owner.post(`/api/v1/plugins/${bad}/actions/allocate`, { args: { bytes: 48 << 20 } })],
    ]) {
      let going = true;
      const noise = [1, 2].map(async () => { while (going) { await misbehave(); await new Promise((next) => setTimeout(next, 5)); } });
      const [noisy] = await Promise.all([measure().finally(() => { going = false; }), ...noise]);
      await owner.post(`/api/v1/plugins/${bad}/enable`, {});
      for (const [name, key] of [['static reply', 'page'], ['call of another plugin', 'call']])
        row(`${name} while a plugin ${what}`, show(noisy[key]), 'quiet', `p50 ${times(noisy[key].p50_ms, quiet[key].p50_ms)}, p99 ${times(noisy[key].p99_ms, quiet[key].p99_ms)}`);
    }
  } finally {
    await world.stop();
    rmSync(plugins, { recursive: true });
  }
}

if (process.argv[1].endsWith('noisy.mjs')) await noisyRows((...cells) => console.log(cells.join('   ')));
