// SPDX-License-Identifier: Apache-2.0
// A plugins folder as an operator has it who installed somebody else's plugin: ours beside the stamp card of
// tests/plugins/panels, signed with a key of that somebody, which is among the trusted ones.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, root } from './portico.mjs';

export class ThirdParty {
  static id = 'test-stamp-card';

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'portico-plugins-'));
    this.plugins = join(this.folder, 'plugins');
    this.keys = join(this.folder, 'keys');
    this.key = join(this.folder, 'lund.pem');
    cpSync(join(build, 'plugins'), this.plugins, { recursive: true });
    cpSync(process.env.PORTICO_KEYS ?? join(root, '.portico/keys'), this.keys, { recursive: true });
    this.portico('keygen', '--key', this.key, '--public', join(this.keys, 'lund.pub'));
    this.add(ThirdParty.id, 'test-plugins');
  }

  portico(...args) { execFileSync(join(build, 'bin/portico'), ['plugin', ...args], { stdio: ['ignore', 'ignore', 'inherit'] }); }
  sign(id) { this.portico('sign', join(this.plugins, id), '--key', this.key); }

  // One more plugin of that somebody; `from` is where the build leaves it.
  add(id, from = 'examples') {
    cpSync(join(build, from, id), join(this.plugins, id), { recursive: true });
    this.sign(id);
  }

  // A new release: `change` edits the manifest. Takes effect when the server starts again.
  release(change, id = ThirdParty.id) {
    const file = join(this.plugins, id, 'plugin.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    change(manifest);
    writeFileSync(file, JSON.stringify(manifest, null, 2));
    this.sign(id);
  }

  remove() { rmSync(this.folder, { recursive: true, force: true }); }
}
