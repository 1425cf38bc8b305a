// SPDX-License-Identifier: Apache-2.0
// The noisy neighbour: what a page and another plugin's call cost while a plugin crashes, hangs, floods its log or eats
// memory, against the same run with that plugin as busy and well behaved. Whoever calls is a process of its own, and
// those who call the noisy plugin come last for the processor: in life they are other machines.
// Alone: node tests/bench/noisy.mjs BUILD_FOLDER [SECONDS_PER_FIGURE]
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

process.env.PORTICO_BUILD ??= resolve(process.argv[2]);
const seconds = process.argv[3] ?? '4';
const { World, build } = await import('../support/portico.mjs');
const { bad, misbehavingPlugins } = await import('../support/misbehaving.mjs');
const times = (a, b) => `${(a / b).toFixed(2)} ×`;

// row(what, value, floor, ratio) is called for each figure.
export async function noisyRows(row) {
  const plugins = await misbehavingPlugins();
  const world = await World.start({ plugins, serve: ['--log-level', 'error'] });
  try {
    const owner = await world.owner();
    const headers = ['Cookie', 'Origin', 'X-CSRF-Token'].map((name) => `${name}: ${{
      Cookie: [...owner.cookies].map(([key, value]) => `${key}=${value}`).join('; '), Origin: world.origin, 'X-CSRF-Token': owner.csrf,
    }[name]}`);
    const load = (path, nice, ...more) => new Promise((done, failed) => execFile('nice', ['-n', nice, join(build, 'bin/bench_http'), world.origin + path,
      '--seconds', seconds, ...headers.flatMap((each) => ['--header', each]), ...more], { encoding: 'utf8' }, (error, out) => (error ? failed(error) : done(JSON.parse(out)))));
    const call = (plugin, action, nice, connections, pause, args = {}) => load(`/api/v1/plugins/${plugin}/actions/${action}`, nice,
      '--method', 'POST', '--body', JSON.stringify({ args }), '--connections', connections, '--pause', pause);
    const measure = async (action, args) => {
      await owner.post(`/api/v1/plugins/${bad}/enable`, {});  // lifts the quarantine of the round before
      const [page, other, noise] = await Promise.all([
        load('/icon.svg', '0', '--connections', '2', '--pause', '5'), call('audit-log', 'list', '0', '1', '10'), call(bad, action, '19', '2', '5', args)]);
      if (other.statuses[200] !== other.requests) throw new Error(JSON.stringify(other));
      return { page, other, noise };
    };
    const show = (r) => `p50 ${r.p50_ms.toFixed(2)} ms, p99 ${r.p99_ms.toFixed(2)} ms`;
    await measure('echo');  // warms up
    const calm = await measure('echo');
    row('static reply beside a busy plugin', show(calm.page));
    row('call of a plugin beside a busy one', show(calm.other));
    for (const [what, action, args] of [['crashes', 'crash'], ['hangs', 'hang'], ['floods', 'flood'], ['eats memory', 'allocate', { bytes: 48 << 20 }]]) {
      const noisy = await measure(action, args);
      for (const [name, key] of [['static reply', 'page'], ['call of another plugin', 'other']])
        row(`${name} while a plugin ${what}`, show(noisy[key]), 'well behaved', `p50 ${times(noisy[key].p50_ms, calm[key].p50_ms)}, p99 ${times(noisy[key].p99_ms, calm[key].p99_ms)}`);
      if (process.env.NOISY_VERBOSE) console.log(JSON.stringify(noisy.noise));
    }
  } finally {
    await world.stop();
    rmSync(plugins, { recursive: true });
  }
}

if (process.argv[1].endsWith('noisy.mjs')) await noisyRows((...cells) => console.log(cells.join('   ')));
