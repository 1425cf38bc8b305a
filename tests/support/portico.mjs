// SPDX-License-Identifier: Apache-2.0
// Starts the real thing for tests: the Google simulator and `portico serve`, each on a free port, with certificates of
// their own in a temporary folder; and a small HTTPS client that behaves as the browser does (cookie, CSRF token, origin).
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const build = resolve(process.env.PORTICO_BUILD ?? join(root, 'build/release'));
export const password = 'correct horse battery';
const googleHosts = ['accounts.google.com', 'oauth2.googleapis.com', 'www.googleapis.com', 'people.googleapis.com', 'openidconnect.googleapis.com'];

const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'ignore'] });

export function makeCertificates(folder) {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...curve, '-days', '2', '-subj', '/CN=Test authority', '-keyout', `${folder}/ca.key`, '-out', `${folder}/ca.crt`);
  for (const [name, hosts] of [['localhost', []], ['google-sim', googleHosts]]) {
    openssl('req', ...curve, '-subj', `/CN=${name}`, '-keyout', `${folder}/${name}.key`, '-out', `${folder}/${name}.csr`);
    writeFileSync(`${folder}/${name}.ext`, `subjectAltName=${['DNS:localhost', 'IP:127.0.0.1', ...hosts.map((h) => `DNS:${h}`)].join(',')}\n`);
    openssl('x509', '-req', '-days', '2', '-in', `${folder}/${name}.csr`, '-CA', `${folder}/ca.crt`, '-CAkey', `${folder}/ca.key`, '-CAcreateserial',
      '-extfile', `${folder}/${name}.ext`, '-out', `${folder}/${name}.crt`);
  }
}

// Resolves with the match of `pattern` in the child's output, or rejects with all of it when the child ends first.
export function awaitLine(child, pattern, what, ms = 60_000) {
  return new Promise((done, failed) => {
    let seen = '';
    const timer = setTimeout(() => failed(new Error(`${what}: nothing after ${ms} ms; it printed:\n${seen}`)), ms);
    const look = (chunk) => {
      seen += chunk;
      const match = pattern.exec(seen);
      if (match) { clearTimeout(timer); done(match); }
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.on('exit', (code) => { clearTimeout(timer); failed(new Error(`${what} ended with ${code}:\n${seen}`)); });
  });
}

export const ended = (child) => child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : new Promise((done) => child.once('exit', done));

export function runCli(args, env = {}) {
  return new Promise((done) => {
    const child = spawn(join(build, 'bin/portico'), args, { env: { ...process.env, ...env } });
    let out = '';
    child.stdout.on('data', (c) => (out += c));
    child.stderr.on('data', (c) => (out += c));
    child.on('exit', (code) => done({ code, out }));
  });
}

export class World {
  // options: { sim: false } without the simulator, { serve: [...more arguments] }, { plugins, keys } other folders,
  // { config } lines that are added to the configuration file, { seed } what the simulator holds (its README),
  // { wrap: (command) => command } what starts it, { client: false } the simulator stands in for Google, but Portico has
  // no OAuth client there yet, { cwd } the folder that the processes run in, { google: async (folder) => URL } another
  // provider
  static async start(options = {}) {
    const world = new World();
    world.options = options;
    world.folder = mkdtempSync(join(tmpdir(), 'portico-test-'));
    world.data = join(world.folder, 'data');
    mkdirSync(world.data);
    makeCertificates(world.folder);
    world.ca = readFileSync(join(world.folder, 'ca.crt'));
    try {
      if (options.sim !== false) await world.startSimulator();
      await world.serve();
    } catch (error) {
      await world.stop();
      throw error;
    }
    return world;
  }

  async startSimulator() {
    const { folder, options } = this;
    if (options.google) { this.simUrl = await options.google(folder); return; }
    writeFileSync(`${folder}/seed.json`, JSON.stringify(options.seed ?? {}));
    this.sim = spawn(process.execPath, [join(root, 'tests/google-sim/main.js'), '--port', '0', '--cert', `${folder}/google-sim.crt`, '--key', `${folder}/google-sim.key`,
      '--ca', `${folder}/ca.crt`, '--issuer-host', 'accounts.google.com', '--seed', `${folder}/seed.json`, '--exit-with-stdin'], { stdio: ['pipe', 'pipe', 'pipe'] });
    [, this.simUrl] = await awaitLine(this.sim, /google-sim ready (\S+)/, 'the Google simulator');
  }

  async serve(port = '0') {
    const { folder, options } = this;
    const config = join(folder, 'portico.properties');
    const google = this.simUrl && options.client !== false;
    const bare = this.simUrl && !google
      ? `\ngoogle.authorize_origin = ${this.simUrl}\ngoogle.connect_to = ${new URL(this.simUrl).host}\ngoogle.ca_file = ${folder}/ca.crt\ndemo = true\n` : '';
    writeFileSync(config, readFileSync(join(root, 'config/portico.properties'), 'utf8') + bare + (options.config ?? ''));
    const args = ['serve', '--data', this.data, '--port', port, '--web', join(root, 'web/dist'), '--plugins', options.plugins ?? join(build, 'plugins'),
      '--keys', options.keys ?? process.env.PORTICO_KEYS ?? join(root, '.portico/keys'), '--config', config,
      '--certificate', `${folder}/localhost.crt`, '--private-key', `${folder}/localhost.key`,
      ...(google ? ['--demo', '--google-simulator', this.simUrl, '--google-ca', `${folder}/ca.crt`] : []), ...(options.serve ?? [])];
    this.log = '';
    const [program, ...words] = (options.wrap ?? ((command) => command))([join(build, 'bin/portico'), ...args], this);
    this.portico = spawn(program, words, { cwd: options.cwd, env: { ...process.env, PORTICO_DEMO_PASSWORD: password }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.portico.stdout, this.portico.stderr]) stream.on('data', (chunk) => (this.log += chunk));
    [, this.url] = await awaitLine(this.portico, /Portico is ready: (\S+)/, 'portico serve');
    this.origin = this.url.replace(/\/$/, '');
  }

  async stopServing(signal = 'SIGTERM') {
    if (this.portico) { this.portico.kill(signal); await ended(this.portico); }
  }

  async stop() {
    await this.stopServing();
    if (this.sim) { this.sim.stdin.end(); await ended(this.sim); }
    if (process.env.PORTICO_TEST_LOG) process.stderr.write(this.log ?? '');
    rmSync(this.folder, { recursive: true, force: true });
  }

  client() { return new Client(this.origin, this.ca); }
  async owner() {
    const client = this.client();
    await client.signIn('owner@demo.test', password);
    return client;
  }
  // What a query of one of the server's databases prints, at one moment, without changing anything.
  sql(database, query) { return execFileSync('sqlite3', ['-readonly', join(this.data, database), query], { encoding: 'utf8' }).trim(); }
  simulator() { return new Client(this.simUrl, this.ca); }
  async google(account) { return (await this.simulator().get(`/__sim/state?account=${encodeURIComponent(account)}`)).json; }
}

export class Client {
  constructor(origin, ca) {
    this.origin = origin;
    this.ca = ca;
    this.cookies = new Map();
    this.csrf = '';
    this.agent = new https.Agent({ ca, keepAlive: true });
  }

  // Returns {status, headers, text, json}; never throws on an HTTP error status.
  request(method, path, { body, headers = {}, raw } = {}) {
    const url = new URL(path, this.origin);
    const bytes = raw ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const all = {
      accept: 'application/json', origin: this.origin, 'sec-fetch-site': 'same-origin', ...(cookie && { cookie }),
      ...(this.csrf && method !== 'GET' && { 'x-csrf-token': this.csrf }),
      ...(bytes && { 'content-type': 'application/json', 'content-length': bytes.length }), ...headers,
    };
    for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
    if (!bytes && ['POST', 'PUT', 'PATCH'].includes(method)) all['content-length'] = 0;
    return new Promise((done, failed) => {
      // Whatever the Host header says, the certificate is that of the server we mean.
      const request = https.request(url, { method, headers: all, agent: this.agent, ca: this.ca, servername: url.hostname }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          for (const line of response.headers['set-cookie'] ?? []) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
            if (value) this.cookies.set(name, value); else this.cookies.delete(name);
          }
          const content = Buffer.concat(chunks);
          const text = content.toString('utf8');
          let json;
          if (/json/.test(response.headers['content-type'] ?? '')) json = text ? JSON.parse(text) : undefined;
          done({ status: response.statusCode, headers: response.headers, bytes: content, text, json });
        });
      });
      request.on('error', failed);
      request.end(bytes);
    });
  }

  get(path, options) { return this.request('GET', path, options); }
  post(path, body, options = {}) { return this.request('POST', path, { body, ...options }); }
  put(path, body, version) { return this.request('PUT', path, { body, headers: { 'if-match': `"v${version}"` } }); }
  patch(path, body, version) { return this.request('PATCH', path, { body, headers: version ? { 'if-match': `"v${version}"` } : {} }); }
  delete(path, version) { return this.request('DELETE', path, { headers: version ? { 'if-match': `"v${version}"` } : {} }); }

  async signIn(email, secret) {
    const answer = await this.post('/api/v1/session', { email, password: secret, ofAge: true });
    if (answer.status !== 200 && answer.status !== 201) throw new Error(`sign-in: ${answer.status} ${answer.text}`);
    this.csrf = answer.json.csrfToken ?? answer.json.me?.csrfToken;
    return answer;
  }

  // Follows a redirect chain as a browser's top-level navigation does, filling in forms of the simulator's pages.
  async navigate(url, headers = {}) {
    const answer = await this.get(url, { headers: { accept: 'text/html', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', origin: undefined, ...headers } });
    return answer;
  }
}

// Polls until `look` returns something truthy; fails with what was asked for. The only waiting that tests do.
export async function eventually(what, look, ms = 30_000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`never happened within ${ms} ms: ${what}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}

// SIGSTOP, and until it has reached every thread.
export async function freeze(pid) {
  process.kill(pid, 'SIGSTOP');
  const state = (thread) => /\) (\S)/.exec(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'))[1];
  await eventually(`process ${pid} to stop`, () => readdirSync(`/proc/${pid}/task`).every((thread) => state(thread) === 'T'));
}

// The process tree below a pid, from /proc: [{pid, name, state}]
export function processes(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [, , command, state, parent] = /^(\d+) \((.*)\) (\S) (\d+)/.exec(stat);
      return [{ pid: +name, name: command, state, parent: +parent }];
    } catch { return []; }
  });
  const below = (id) => all.filter((p) => p.parent === id).flatMap((p) => [p, ...below(p.pid)]);
  return below(pid);
}
