// SPDX-License-Identifier: Apache-2.0
// Looks for a mark, which every secret of a test carries, in files and in the memory of processes: as it is, as UTF-16,
// in hexadecimal, and inside base64 at each of its three alignments.
import { closeSync, openSync, readFileSync, readSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const piece = 16 << 20; // bytes of memory looked at in one go
const context = 24; // bytes shown and judged after a hit

export function spellings(mark) {
  const base64 = [0, 1, 2].map((shift) => {
    // What depends on the neighbours is cut off: the bytes before by the shift, those after by the last group.
    const text = Buffer.concat([Buffer.alloc(shift), Buffer.from(mark)]).toString('base64');
    return { name: 'base64', bytes: Buffer.from(text.slice(shift ? 4 : 0, -4)) };
  });
  return [
    { name: 'plain', bytes: Buffer.from(mark) },
    { name: 'UTF-16', bytes: Buffer.from(mark, 'utf16le') },
    { name: 'hex', bytes: Buffer.from(Buffer.from(mark).toString('hex')) },
    ...base64,
  ];
}

// [{ spelling, at, kind }]: kind is the letter after a plain or UTF-16 mark, '?' for the others.
function hitsIn(bytes, needles, offset) {
  const hits = [];
  for (const { name, bytes: needle } of needles)
    for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) {
      const next = at + needle.length;
      hits.push({ spelling: name, at: offset + at, kind: name === 'plain' || name === 'UTF-16' ? String.fromCharCode(bytes[next]) : '?', text: bytes.toString('latin1', at, next + context).replace(/[^ -~]/g, '.') });
    }
  return hits;
}

export function scanFiles(folder, mark) {
  const needles = spellings(mark);
  const walk = (path) => readdirSync(path, { withFileTypes: true }).flatMap((entry) => entry.isDirectory() ? walk(join(path, entry.name)) : entry.isFile() ? [join(path, entry.name)] : []);
  const files = walk(folder);
  return { files, bytes: files.reduce((sum, file) => sum + statSync(file).size, 0), hits: files.flatMap((file) => hitsIn(readFileSync(file), needles, 0).map((hit) => ({ where: file, ...hit }))) };
}

// Every readable page of a process. Throws EACCES or EPERM where the kernel does not let us look.
export function scanMemory({ pid, name }, mark) {
  const needles = spellings(mark);
  const overlap = Math.max(...needles.map((n) => n.bytes.length)) + context;
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const buffer = Buffer.alloc(piece + overlap);
  const hits = [];
  let bytes = 0;
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from, to, rights, what] = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)/.exec(line) ?? [];
      if (!from || !rights.startsWith('r') || /^\[v(var|syscall)/.test(what)) continue;
      const end = BigInt(`0x${to}`);
      for (let at = BigInt(`0x${from}`); at < end; at += BigInt(piece)) {
        const wanted = Number(end - at < BigInt(buffer.length) ? end - at : BigInt(buffer.length));
        let got;
        try { got = readSync(memory, buffer, 0, wanted, at); } catch (error) { if (error.code === 'EIO' || error.code === 'EFAULT') break; throw error; }
        bytes += Math.min(got, piece);
        for (const hit of hitsIn(buffer.subarray(0, got), needles, 0))
          if (hit.at < piece) hits.push({ where: `${name} (${pid}) ${what || 'anonymous'}`, name, ...hit });
      }
    }
  } finally { closeSync(memory); }
  return { bytes, hits };
}
