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
    this.plugin = join(this.plugins, ThirdParty.id);
    cpSync(join(build, 'plugins'), this.plugins, { recursive: true });
    cpSync(process.env.PORTICO_KEYS ?? join(root, '.portico/keys'), this.keys, { recursive: true });
    cpSync(join(build, 'test-plugins', ThirdParty.id), this.plugin, { recursive: true });
    this.portico('keygen', '--key', this.key, '--public', join(this.keys, 'lund.pub'));
    this.sign();
  }

  portico(...args) { execFileSync(join(build, 'bin/portico'), ['plugin', ...args], { stdio: ['ignore', 'ignore', 'inherit'] }); }
  sign() { this.portico('sign', this.plugin, '--key', this.key); }

  // A new release: `change` edits the manifest. Takes effect when the server starts again.
  release(change) {
    const file = join(this.plugin, 'plugin.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    change(manifest);
    writeFileSync(file, JSON.stringify(manifest, null, 2));
    this.sign();
  }

  remove() { rmSync(this.folder, { recursive: true, force: true }); }
}
