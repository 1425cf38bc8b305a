// SPDX-License-Identifier: Apache-2.0
// An HTTP/2 server that answers everything with a few bytes after 10 ms: node slow_provider.mjs CERTIFICATE KEY
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';

const server = http2.createSecureServer({ cert: readFileSync(process.argv[2]), key: readFileSync(process.argv[3]) });
server.on('stream', (stream) => setTimeout(() => {
  if (stream.destroyed) return;
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
  stream.end('{"ok":true}');
}, 10));
server.listen(0, '127.0.0.1', () => console.log(`slow-provider ready 127.0.0.1:${server.address().port}`));
