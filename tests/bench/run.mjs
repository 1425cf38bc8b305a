// SPDX-License-Identifier: Apache-2.0
// The benchmark table: what the product costs, each figure as a ratio to a floor measured in the same run on the same
// machine. Absolute numbers depend on the machine; only the ratios are meant to be kept.
//   node tests/bench/run.mjs BUILD_FOLDER [SECONDS_PER_FIGURE]
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

process.env.PORTICO_BUILD = resolve(process.argv[2]);
const seconds = process.argv[3] ?? '4';
const { World, awaitLine, build, eventually, processes, root, runCli } = await import('../support/portico.mjs');
const { accountName, connect } = await import('../support/google.mjs');
const { noisyRows } = await import('./noisy.mjs');

const program = (name, ...args) => {
  try {
    return JSON.parse(execFileSync(join(build, 'bin', name), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
  } catch (error) {
    throw new Error(`${name} ${args.join(' ')}: ${error.message}`);
  }
};
const rows = [];
const row = (what, value, floor, ratio) => rows.push([what, value, floor ?? '', ratio ?? '']);
const times = (a, b) => `${(a / b).toFixed(2)} ×`;

async function importContacts(world, count) {
  const file = join(world.folder, 'bench.csv');
  const lines = ['First Name,Last Name,E-mail 1 - Value,Phone 1 - Value'];
  for (let i = 0; i < count; i++) lines.push(`Client${i},Family${i % 997},client${i}@bench.test,+44 7700 ${100000 + i}`);
  writeFileSync(file, lines.join('\n'));
  const { code, out } = await runCli(['import', file, '--data', world.data, '--tenant', 'demo', '--commit']);
  if (code !== 0) throw new Error(out);
}

function load(world, owner, path, more = []) {
  const cookie = [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return program('bench_http', world.origin + path, '--connections', '32', '--seconds', seconds, '--header', `Cookie: ${cookie}`, ...more);
}

function httpRows(world, owner, id) {
  const sqlite = program('bench_sqlite_floor', join(world.folder, 'floor.db'), '1');
  const show = (r) => `${Math.round(r.requests_per_second)}/s, p50 ${r.p50_ms.toFixed(2)} ms, p99 ${r.p99_ms.toFixed(2)} ms`;
  const floor = load(world, owner, '/icon.svg');
  row('static reply of the same server (floor)', show(floor));
  const name = Object.keys(sqlite);
  const raw = (pattern) => sqlite[name.find((key) => pattern.test(key))];
  for (const [what, path, more, pattern] of [
    ['read one contact', `/api/v1/contacts/${id}`, [], /row|read|key/],
    ['page of 50 contacts', '/api/v1/contacts?limit=50', [], /page/],
    ['create a contact, durable', '/api/v1/contacts', ['--method', 'POST', '--header', `X-CSRF-Token: ${owner.csrf}`, '--header', `Origin: ${world.origin}`, '--header', 'Content-Type: application/json', '--body', '{"card":{"name":{"full":"Bench {n}"}}}'], /insert/],
  ]) {
    const result = load(world, owner, path, more);
    const statement = raw(pattern);
    row(what, show(result), `static ${Math.round(floor.requests_per_second)}/s; SQLite ${Math.round(statement.per_second)}/s`,
      `${times(floor.requests_per_second, result.requests_per_second)} static, ${times(statement.per_second, result.requests_per_second)} SQLite`);
  }
}

function pluginRows() {
  // Exit code 1 says that a goal was missed; the table shows by how much.
  const measure = (program, ...args) => JSON.parse(spawnSync(program, args, { encoding: 'utf8' }).stdout);
  const call = measure('taskset', '-c', '0', join(build, 'bin/bench_plugin_call'));
  row('sandboxed plugin call, 64 B, one CPU', `${call.call_us.toFixed(1)} µs`, `bare socket round trip ${call.bare_us.toFixed(1)} µs`, `${call.ratio.toFixed(2)} × (goal ≤ ${call.goal})`);
  const start = measure(join(build, 'bin/bench_runner_start'));
  row('start of a runner until its first call is answered', `p50 ${start.p50_ms.toFixed(1)} ms`, `p95 ${start.p95_ms.toFixed(1)} ms, longest of 300 ${start.longest_ms.toFixed(1)} ms`, `goal p50 ≤ ${start.goal_ms} ms`);
  row('private memory of an idle runner', `${start.private_kib} KiB`, `${start.private_alone_kib} KiB when no other runner shares its code`, `goal ≤ ${start.goal_kib} KiB`);
}

// The vault's own work on a plugin's request, and what it costs where each request takes 10 ms at the provider.
async function vaultRows(world) {
  const provider = spawn(process.execPath, [join(root, 'tests/bench/slow_provider.mjs'), `${world.folder}/google-sim.crt`, `${world.folder}/google-sim.key`], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [, address] = await awaitLine(provider, /slow-provider ready (\S+)/, 'the slow provider');
    const it = program('bench_vault', address, `${world.folder}/ca.crt`);
    row('vault: check, attach and record one request', `${it.vault_cpu_us_without_commit.toFixed(0)} µs CPU`, `${it.vault_cpu_us_all_threads.toFixed(0)} µs with its durable commit`, 'goal ≤ 60 µs');
    row('vault: 1,000 calls of 10 ms, 20 at a time', `${(it.thousand_calls_vault_s * 1000).toFixed(0)} ms`, `bare libcurl, HTTP/2: ${(it.thousand_calls_bare_s * 1000).toFixed(0)} ms`, `${it.thousand_calls_ratio.toFixed(2)} × (goal ≤ 1.15)`);
  } finally {
    provider.kill();
  }
}

async function arrivalRow(world, owner) {
  await connect(world, owner, 'google-contacts');
  await eventually('everything pushed', async () => (await owner.get('/api/v1/sync')).json.items.every((s) => s.pending === 0), 600_000);
  const taken = [];
  for (let i = 0; i < 10; i++) {
    const mail = `arrival${i}@bench.test`;
    const start = performance.now();
    await owner.post('/api/v1/contacts', { card: { name: { full: `Arrival ${i}` }, emails: { e1: { address: mail } } } });
    await eventually(mail, async () => (await world.simulator().get(`/__sim/requests`)).text.includes('batchCreate') && JSON.stringify((await world.google(accountName)).accounts[0].contacts.slice(-3)).includes(mail));
    taken.push(performance.now() - start);
  }
  taken.sort((a, b) => a - b);
  row('from saving a client to its arrival in the simulated Google', `median ${Math.round(taken[5])} ms, longest ${Math.round(taken[9])} ms`);
}

async function startRow(world) {
  const taken = [];
  for (let i = 0; i < 3; i++) {
    await world.stopServing();
    const start = performance.now();
    await world.serve();
    taken.push(performance.now() - start);
  }
  taken.sort((a, b) => a - b);
  row('start of the command to ready', `median ${Math.round(taken[1])} ms`);
}

function memoryRows(world) {
  const all = [{ pid: world.portico.pid, name: 'portico' }, ...processes(world.portico.pid)];
  let total = 0;
  for (const { pid, name } of all) {
    const rss = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    total += rss;
    row(`resident memory of ${name}`, `${rss.toFixed(1)} MiB`);
  }
  row('resident memory of all processes', `${total.toFixed(1)} MiB`);
}

const world = await World.start({ serve: ['--log-level', 'warning'] });
try {
  let owner = await world.owner();
  await importContacts(world, 10_000);
  const id = (await owner.get('/api/v1/contacts?q=client77')).json.items[0].id;
  httpRows(world, owner, id);
  pluginRows();
  await vaultRows(world);
  await startRow(world);
  owner = await world.owner();
  memoryRows(world);
  await arrivalRow(world, owner);
} finally {
  await world.stop();
}
await noisyRows(row);
const widths = [0, 1, 2, 3].map((i) => Math.max(...rows.map((cells) => cells[i].length)));
for (const cells of rows) console.log(cells.map((cell, i) => cell.padEnd(widths[i])).join('   ').trimEnd());
