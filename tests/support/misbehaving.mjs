// SPDX-License-Identifier: Apache-2.0
// A plugins folder with google-contacts, audit-log and a signed plugin that misbehaves when asked to.
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, root, runCli } from './portico.mjs';

export const bad = 'conformance';  // what its library calls itself

// The caller removes the folder.
export async function misbehavingPlugins() {
  const plugins = mkdtempSync(join(tmpdir(), 'portico-plugins-'));
  for (const id of ['google-contacts', 'audit-log']) cpSync(join(build, 'plugins', id), join(plugins, id), { recursive: true });
  mkdirSync(join(plugins, bad));
  cpSync(join(build, 'test-plugins/conformance.so'), join(plugins, bad, 'conformance.so'));
  writeFileSync(join(plugins, bad, 'plugin.json'), JSON.stringify({
    id: bad, version: '1.0.0', name: 'Misbehaving', description: 'Misbehaves on purpose.', vendor: 'Portico', license: 'Apache-2.0',
    abi: { major: 1, minor: 0 }, library: 'conformance.so', concurrency: 2, requires: { host: [] }, provides: ['portico.action/1'],
    actions: ['echo', 'crash', 'hang', 'flood', 'allocate'].map((name) => ({ name, title: name, role: 'staff' })),
    limits: { memory_mib: 64, call_seconds: 1, calls_per_minute: 6000, cpu_percent: 100 },
  }));
  const key = join(process.env.PORTICO_KEYS ?? join(root, '.portico/keys'), 'built-in.pem');
  const { code, out } = await runCli(['plugin', 'sign', join(plugins, bad), '--key', key]);
  if (code !== 0) throw new Error(out);
  return plugins;
}
