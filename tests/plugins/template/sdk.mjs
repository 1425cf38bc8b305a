// SPDX-License-Identifier: Apache-2.0
// A workplace of a plugin author: a temporary folder outside the tree with the SDK installed into `sdk` and an empty
// `work`; commands run there with nothing of the tree in their environment.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../support/portico.mjs';

export class Workplace {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'portico-sdk-'));
    this.sdk = join(this.folder, 'sdk');
    this.work = join(this.folder, 'work');
    mkdirSync(this.work);
    execFileSync(process.env.CMAKE ?? 'cmake', ['--install', build, '--prefix', this.sdk, '--component', 'sdk'], { stdio: ['ignore', 'ignore', 'inherit'] });
    this.env = { PATH: `${join(this.sdk, 'bin')}:${process.env.PATH}`, PORTICO_SDK: this.sdk, HOME: this.folder, LANG: 'C.UTF-8' };
  }

  // Returns {code, out}; never throws on a failing command.
  run(command, folder = this.work, env = {}) {
    const done = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', command],
      { cwd: folder, env: { ...this.env, ...env }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return { code: done.status, out: done.stdout + done.stderr };
  }

  remove() { rmSync(this.folder, { recursive: true, force: true }); }
}
