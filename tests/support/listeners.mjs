// SPDX-License-Identifier: Apache-2.0
// Where something from outside can be sent to a process: its sockets as the kernel lists them. A connection that is up, and
// one of a pair without a name, are nobody else's to use; every other socket is a door.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

const tcpListen = '0A', connected = '01', acceptsConnections = 0x10000;

// "0100007F:20FB" of /proc/net/tcp as "127.0.0.1:8443": 32-bit words in the machine's order, here little-endian.
function endpoint(text) {
  const [words, port] = text.split(':');
  const bytes = words.match(/.{8}/g).flatMap((word) => word.match(/../g).reverse());
  const host = bytes.length === 4 ? bytes.map((byte) => parseInt(byte, 16)).join('.') : `[${bytes.join('').match(/.{4}/g).join(':')}]`;
  return { host, port: parseInt(port, 16) };
}

// What the kernel lists for the network namespace of a process: inode → a door, or null for a socket that is none.
function table(pid) {
  const rows = (name) => {
    try { return readFileSync(`/proc/${pid}/net/${name}`, 'utf8').trim().split('\n').slice(1).map((line) => line.trim().split(/\s+/)); } catch (error) {
      if (error.code === 'ENOENT') return []; // this kernel does not know the protocol
      throw error;
    }
  };
  const all = new Map();
  for (const name of ['tcp', 'tcp6'])
    for (const [, local, , state, , , , , , inode] of rows(name)) all.set(inode, state === tcpListen ? { kind: 'tcp', ...endpoint(local) } : null);
  for (const name of ['udp', 'udp6', 'udplite', 'udplite6', 'raw', 'raw6'])
    for (const [, local, , state, , , , , , inode] of rows(name)) all.set(inode, state === connected ? null : { kind: name, ...endpoint(local) });
  for (const [, , , flags, , , inode, path] of rows('unix')) {
    const listens = (parseInt(flags, 16) & acceptsConnections) !== 0;
    all.set(inode, path || listens ? { kind: path?.startsWith('@') ? 'abstract unix' : 'unix', path } : null);
  }
  // Only the kernel and root can write to one of these; the C library asks the kernel for addresses with it.
  for (const row of rows('netlink')) all.set(row.at(-1), null);
  return all;
}

const socketOf = (pid, fd) => {
  try { return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]; } catch (error) {
    if (error.code === 'ENOENT') return undefined; // closed meanwhile
    throw error;
  }
};

// [{ pid, name, kind, host, port, path }] of processes [{ pid, name }]. A socket that no table lists is a door of the kind
// "unknown". Throws EACCES where the kernel does not let us look.
export function doors(processes) {
  const held = processes.flatMap(({ pid, name }) => readdirSync(`/proc/${pid}/fd`).map((fd) => ({ pid, name, fd, inode: socketOf(pid, fd) }))).filter(({ inode }) => inode);
  // A runner has a network of its own, and holds one end of a pair that was made in ours.
  const known = new Map(['self', ...processes.map(({ pid }) => pid)].flatMap((pid) => [...table(pid)]));
  return held.flatMap(({ pid, name, fd, inode }) => {
    const door = known.has(inode) ? known.get(inode) : socketOf(pid, fd) === inode ? { kind: 'unknown' } : null;
    return door ? [{ pid, name, ...door }] : [];
  });
}
