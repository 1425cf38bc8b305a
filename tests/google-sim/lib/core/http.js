// SPDX-License-Identifier: Apache-2.0
// Reading requests and writing responses over HTTP/1.1 and HTTP/2, and the ways to break a connection on purpose.

const BODY_LIMIT = 256 * 1024 * 1024;

/** The request as a plain object with its whole body. */
export async function readCall(req) {
    const chunks = [];
    let size = 0;
    for await (const chunk of req) {
        size += chunk.length;
        if (size > BODY_LIMIT) throw new Error(`request body is larger than ${BODY_LIMIT} bytes`);
        chunks.push(chunk);
    }
    const [path, query = ''] = req.url.split(/\?(.*)/s);
    return {
        method: req.method,
        path,
        search: new URLSearchParams(query),
        headers: req.headers,
        host: req.headers[':authority'] ?? req.headers.host ?? '',
        raw: Buffer.concat(chunks),
    };
}

export const readForm = (call) => new URLSearchParams(call.raw.toString('utf8'));

export function bearerOf(call) {
    return call.headers.authorization?.match(/^Bearer (\S+)$/)?.[1] ?? null;
}

/** Body and headers of a response as they go out. */
export function encode(response) {
    const headers = { ...response.headers };
    let { body } = response;
    if (body === undefined || body === null) body = '';
    if (typeof body === 'object' && !Buffer.isBuffer(body)) {
        body = JSON.stringify(body);
        headers['content-type'] ??= 'application/json; charset=UTF-8';
    }
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    if (response.status !== 204 && response.status !== 304) headers['content-length'] = bytes.length;
    return { headers, bytes };
}

export function send(res, response) {
    const { headers, bytes } = encode(response);
    res.writeHead(response.status, headers);
    res.end(response.status === 204 || response.status === 304 ? undefined : bytes);
}

/** Ends the connection without a whole answer. */
export function cut(res) {
    if (res.stream) res.stream.close(2);
    else res.socket.destroy();
}

/** Sends the head and half of the body, then ends the connection. */
export function cutInTheMiddle(res, response) {
    const { headers, bytes } = encode(response);
    res.writeHead(response.status, headers);
    res.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => setImmediate(() => cut(res)));
}

/** Sends half of the body as if it were all of it. */
export function truncate(response) {
    const { headers, bytes } = encode(response);
    return { status: response.status, headers, body: bytes.subarray(0, Math.floor(bytes.length / 2)) };
}
