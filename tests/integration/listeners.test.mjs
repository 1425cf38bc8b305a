// SPDX-License-Identifier: Apache-2.0
// Every way into the running installation: each socket of each of its processes, as the kernel lists them, is expected and
// speaks TLS 1.2 or newer, or is a file of its own user. The search is shown to be able to fail.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import net from 'node:net';
import { dirname, join } from 'node:path';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { accountName, connect } from '../support/google.mjs';
import { doors } from '../support/listeners.mjs';
import { World, awaitLine, ended, eventually, processes, runCli } from '../support/portico.mjs';

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
// The client's own library must not be what refuses the old versions.
const anyCipher = 'ALL:@SECLEVEL=0';
let world, owner;
before(async () => { world = await World.start(); owner = await world.owner(); });
after(() => world?.stop());

const live = () => [{ pid: world.portico.pid, name: 'portico' }, ...processes(world.portico.pid)].filter((p) => p.state !== 'Z');
// Why sockets cannot be looked at here; '' when they can.
const blind = () => {
  try { doors(live()); return ''; } catch (error) {
    if (error.code !== 'EACCES') throw error;
    return 'needs root: the processes forbid everyone else, their own user too, to look at what they hold';
  }
};

const handshake = (port, version) => new Promise((done) => {
  const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: world.ca, minVersion: version, maxVersion: version, ciphers: anyCipher });
  socket.once('secureConnect', () => { done(socket.getProtocol()); socket.destroy(); });
  socket.once('error', (error) => done(`refused: ${error.code}`));
});
const accepted = async (port) => (await Promise.all(versions.map((version) => handshake(port, version)))).filter((answer) => !answer.startsWith('refused'));
// All that comes back for a request in the clear, until the other side closes.
const inTheClear = (port) => new Promise((done) => {
  const socket = net.connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'));
  let text = '';
  socket.on('data', (bytes) => (text += bytes.toString('latin1')));
  socket.on('error', () => {});
  socket.on('close', () => done(text));
});

// What is wrong with these doors, in words; `port` is where the installation is meant to listen.
async function faults(found, port) {
  const all = [];
  for (const { name, kind, host, port: at, path } of found) {
    if (kind === 'tcp') {
      if (host !== '127.0.0.1' || at !== port) {
        all.push(`${name} listens on ${host}:${at}`);
        continue;  // whoever is there may never answer
      }
      if (/^HTTP\//.test(await inTheClear(at))) all.push(`${name} speaks HTTP in the clear`);
      const spoken = await accepted(at);
      if (spoken.join() !== 'TLSv1.2,TLSv1.3') all.push(`${name} speaks ${spoken.join() || 'no TLS'}`);
    } else if (kind === 'unix') {
      if (path !== join(world.data, 'run/admin.sock')) all.push(`${name} listens on ${path}`);
      if ((statSync(path).mode & 0o777) !== 0o600) all.push(`${path} is open to others`);
      if ((statSync(dirname(path)).mode & 0o777) !== 0o700) all.push(`the folder of ${path} is open to others`);
    } else {
      all.push(`${name} has a socket of the kind ${kind}${path ? ` ${path}` : ''}`);
    }
  }
  return all;
}

test('the search can fail: each kind of door that must not be is found in a process that opened it', async () => {
  const file = join(world.folder, 'planted.sock');
  const code = `
import os, socket, ssl, sys, threading
tcp = socket.create_server(('127.0.0.1', 0))
six = socket.create_server(('::1', 0), family=socket.AF_INET6) if socket.has_ipv6 else None
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(('127.0.0.1', 0))
named = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM); named.bind(sys.argv[1]); os.chmod(sys.argv[1], 0o666); named.listen()
mail = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); mail.bind('\\0planted')
bound = socket.socket(); bound.bind(('127.0.0.1', 0))
pair = socket.socketpair()
def answer():
    while True:
        peer, _ = tcp.accept()
        peer.recv(4096); peer.sendall(b'HTTP/1.1 200 OK\\r\\n\\r\\n'); peer.close()
threading.Thread(target=answer, daemon=True).start()
print('listening', flush=True)
sys.stdin.read()`;
  const child = spawn('python3', ['-c', code, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await awaitLine(child, /listening/, 'the planted listeners');
    const found = doors([{ pid: child.pid, name: 'planted' }]);
    assert.deepEqual(found.map((door) => door.kind).sort(), ['abstract unix', 'tcp', 'tcp', 'udp', 'unix', 'unknown'], JSON.stringify(found));
    const expected = found.find((door) => door.host === '127.0.0.1' && door.kind === 'tcp').port;
    const complaints = [...await faults(found, expected), ...await faults(found, 1)];
    for (const words of [/listens on 127\.0\.0\.1:/, /in the clear/, /speaks no TLS/, /kind udp/, /kind abstract unix @planted/, /kind unknown/, /listens on .*planted/, /is open to others/])
      assert.ok(complaints.some((each) => words.test(each)), `${words} in ${complaints.join('; ')}`);
  } finally { child.stdin.end(); await ended(child); }

  // A server with nothing against old versions: this client can speak them.
  const old = tls.createServer({ key: readFileSync(join(world.folder, 'localhost.key')), cert: readFileSync(join(world.folder, 'localhost.crt')), minVersion: 'TLSv1', ciphers: anyCipher }).listen(0, '127.0.0.1');
  await new Promise((done) => old.once('listening', done));
  try { assert.deepEqual(await accepted(old.address().port), versions); } finally { old.close(); }
});

test('P22 with TLS there is one port, for TLS 1.2 and 1.3 alone, and one file, for its own user alone', async (t) => {
  const why = blind();
  if (why) return t.skip(why);
  const port = Number(new URL(world.origin).port);
  const look = async (when) => {
    const found = doors(live());
    assert.deepEqual(await faults(found, port), [], when);
    assert.deepEqual([...new Set(found.map((door) => door.kind))].sort(), ['tcp', 'unix'], when);
  };
  await eventually('a runner for each plugin', () => live().filter((p) => p.name.startsWith('portico-runner')).length === 4);
  await look('after the start');
  for (const plugin of ['google-contacts', 'google-calendar', 'google-drive']) await connect(world, owner, plugin);
  await eventually('clients in Google', async () => (await world.google(accountName)).accounts[0].contacts.length >= 5);
  await look('with everything connected and at work');
  const { pid } = live().find((p) => p.name === 'portico-server');
  process.kill(pid, 'SIGKILL');
  await eventually('another server', async () => live().some((p) => p.name === 'portico-server' && p.pid !== pid) && (await world.client().get('/readyz').catch(() => ({}))).status === 200);
  await look('after the server came back');
});

test('P22 in the clear it listens on this machine alone, for a proxy, and other addresses are refused in words', async (t) => {
  const why = blind();
  if (why) return t.skip(why);
  await world.stopServing();
  for (const address of ['0.0.0.0', '::', '192.0.2.1']) {
    const { code, out } = await runCli(['serve', '--data', world.data, '--plain-http', '--address', address]);
    assert.notEqual(code, 0, address);
    assert.match(out, /plain HTTP is served on this machine only/, address);
  }
  world.options.serve = ['--plain-http'];
  await world.serve();
  const port = Number(new URL(world.origin).port);
  const found = doors(live()).filter((door) => door.kind !== 'unix');
  assert.deepEqual([...new Set(found.map(({ kind, host, port: at }) => `${kind} ${host} ${at}`))], [`tcp 127.0.0.1 ${port}`]);
  assert.match(await inTheClear(port), /^HTTP\//, 'which is what this mode is for');
});
