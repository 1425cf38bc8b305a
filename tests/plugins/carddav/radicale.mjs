// SPDX-License-Identifier: Apache-2.0
// A real Radicale (Debian's python3-radicale) over TLS on a free port, with an authority and a folder of its own; and a
// second HTTPS server of the same authority that answers nothing but 401 and remembers what it was sent.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ended, eventually } from '../../support/portico.mjs';

const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });

function makeCertificates(folder) {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...curve, '-days', '2', '-subj', '/CN=Office authority', '-keyout', `${folder}/ca.key`, '-out', `${folder}/ca.crt`);
  openssl('req', ...curve, '-subj', '/CN=books.localhost', '-keyout', `${folder}/server.key`, '-out', `${folder}/server.csr`);
  writeFileSync(`${folder}/server.ext`, 'subjectAltName=DNS:books.localhost,DNS:other.localhost\n');
  openssl('x509', '-req', '-days', '2', '-in', `${folder}/server.csr`, '-CA', `${folder}/ca.crt`, '-CAkey', `${folder}/ca.key`, '-CAcreateserial',
    '-extfile', `${folder}/server.ext`, '-out', `${folder}/server.crt`);
}

const freePort = () => new Promise((done) => {
  const probe = net.createServer().listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => done(port)); });
});

export class Radicale {
  static async start(users) {
    const it = new Radicale();
    it.folder = mkdtempSync(join(tmpdir(), 'portico-radicale-'));
    it.storage = join(it.folder, 'storage');
    mkdirSync(it.storage);
    makeCertificates(it.folder);
    it.caFile = join(it.folder, 'ca.crt');
    it.ca = readFileSync(it.caFile);
    it.users = users;
    writeFileSync(join(it.folder, 'users'), Object.entries(users).map(([name, secret]) => `${name}:${secret}\n`).join(''));
    it.port = await freePort();
    it.server = `books.localhost:${it.port}`;
    writeFileSync(join(it.folder, 'config'), `
[server]
hosts = 127.0.0.1:${it.port}
ssl = True
certificate = ${it.folder}/server.crt
key = ${it.folder}/server.key
[auth]
type = htpasswd
htpasswd_filename = ${it.folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = ${it.storage}
[logging]
level = info
`);
    // Debian's own interpreter: another one in the PATH would not find Debian's module.
    it.child = spawn('/usr/bin/python3', ['-m', 'radicale', '--config', join(it.folder, 'config')], { stdio: ['ignore', 'pipe', 'pipe'] });
    it.log = '';
    for (const stream of [it.child.stdout, it.child.stderr]) stream.on('data', (chunk) => (it.log += chunk));
    await eventually('Radicale answers', async () => {
      if (it.child.exitCode !== null) throw new Error(`Radicale ended: ${it.log}`);
      return it.request('OPTIONS', '/').then((answer) => answer.status === 200, () => false);
    });
    return it;
  }

  // As another program would: {status, headers, text}.
  request(method, path, { user = Object.keys(this.users)[0], body, headers = {} } = {}) {
    return new Promise((done, failed) => {
      const request = https.request({ host: '127.0.0.1', port: this.port, servername: 'books.localhost', ca: this.ca, method, path,
        headers: { host: this.server, authorization: `Basic ${Buffer.from(`${user}:${this.users[user]}`).toString('base64')}`, ...headers } }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => done({ status: response.statusCode, headers: response.headers, text }));
      });
      request.on('error', failed);
      request.end(body);
    });
  }

  put(path, lines, headers) {
    return this.request('PUT', path, { body: ['BEGIN:VCARD', 'VERSION:3.0', ...lines, 'END:VCARD', ''].join('\r\n'), headers: { 'content-type': 'text/vcard', ...headers } });
  }

  // The one address book's path, and every card in it: [{path, etag, text}].
  async book(user) {
    const answer = await this.request('PROPFIND', `/${user}/`, { user, headers: { depth: '1', 'content-type': 'application/xml' },
      body: '<propfind xmlns="DAV:"><prop><resourcetype/></prop></propfind>' });
    return [...answer.text.matchAll(/<href>([^<]+)<\/href>(?:(?!<\/response>)[^])*addressbook/g)].map((match) => match[1])[0];
  }
  async cards(user) {
    const book = await this.book(user);
    if (!book) return [];
    const answer = await this.request('PROPFIND', book, { user, headers: { depth: '1', 'content-type': 'application/xml' },
      body: '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>' });
    const paths = [...answer.text.matchAll(/<href>([^<]+\.vcf)<\/href>/g)].map((match) => match[1]);
    return Promise.all(paths.map(async (path) => {
      const card = await this.request('GET', path, { user });
      return { path, etag: card.headers.etag, text: card.text };
    }));
  }

  async stop() {
    this.child?.kill('SIGTERM');
    if (this.child) await ended(this.child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// {port, server, requests: [authorization headers], stop()}
export function refusingServer(folder) {
  const requests = [];
  const server = https.createServer({ key: readFileSync(join(folder, 'server.key')), cert: readFileSync(join(folder, 'server.crt')) }, (request, response) => {
    requests.push(request.headers.authorization ?? '');
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    done({ port, server: `other.localhost:${port}`, requests, stop: () => new Promise((closed) => { server.closeAllConnections(); server.close(closed); }) });
  }));
}
