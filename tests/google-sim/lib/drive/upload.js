// SPDX-License-Identifier: Apache-2.0
// Drive uploads: simple, multipart, and resumable sessions with partial acceptance.
import { ApiError, badRequest, errorBody } from '../core/errors.js';
import { checkedJson } from '../core/contract.js';
import { applyFields, parseFields } from '../core/fields.js';
import { randomText } from '../core/ids.js';
import { createNow, DEFAULT_FIELDS, updateNow } from './files.js';
import { showFile } from './model.js';

const CHUNK = 262144;
const SESSION_MS = 7 * 86400000;

/** Body and media of an /upload/ request, by uploadType. */
export function uploadBody({ route, call, query }) {
    const type = call.headers['content-type'] ?? 'application/octet-stream';
    if (query.uploadType === 'media') return { body: {}, media: { type, content: call.raw } };
    if (query.uploadType === 'resumable') return { body: call.raw.length ? checkedJson(route, call.raw) : {} };
    if (query.uploadType !== 'multipart')
        throw badRequest('uploadType must be media, multipart or resumable.', 'invalidParameter', {
            location: 'uploadType',
        });
    const [metadata, media] = splitMultipart(type, call.raw);
    return { body: checkedJson(route, metadata.content), media };
}

/** The two parts of multipart/related: metadata first, then the bytes. */
function splitMultipart(type, raw) {
    const boundary = type.match(/^multipart\/related;.*boundary="?([^";]+)"?/i)?.[1];
    if (!boundary) throw badRequest('Missing multipart boundary.', 'badContent');
    const body = Buffer.concat([Buffer.from('\r\n'), raw]);
    const delimiter = Buffer.from(`\r\n--${boundary}`);
    const parts = [];
    let at = body.indexOf(delimiter);
    while (at >= 0) {
        const start = at + delimiter.length;
        const end = body.indexOf(delimiter, start);
        if (end < 0) break;
        parts.push(readPart(body.subarray(start, end)));
        at = end;
    }
    if (parts.length !== 2)
        throw badRequest(`A multipart upload has two parts, this one has ${parts.length}.`, 'badContent');
    return parts;
}

function readPart(bytes) {
    const split = bytes.indexOf('\r\n\r\n');
    if (split < 0) throw badRequest('Malformed multipart body.', 'badContent');
    const head = bytes.subarray(0, split).toString('latin1');
    return { type: head.match(/content-type:\s*([^\r\n]+)/i)?.[1].trim(), content: bytes.subarray(split + 4) };
}

/** Opens a session; its address is the only credential for the rest of the upload. */
export function beginUpload(context, file) {
    const { world, call, body, query, account, project, route } = context;
    const id = randomText(48);
    const total = call.headers['x-upload-content-length'];
    world.uploads.set(id, {
        context: { world, account, project, query, hasScope: context.hasScope },
        file,
        metadata: body,
        route,
        type: call.headers['x-upload-content-type'] ?? body.mimeType ?? 'application/octet-stream',
        total: total === undefined ? null : Number(total),
        received: Buffer.alloc(0),
        done: null,
        expires: world.now() + SESSION_MS,
    });
    const location = `https://${call.host}${call.path}?uploadType=resumable&upload_id=${id}`;
    return { status: 200, raw: true, headers: { location, 'x-guploader-uploadid': id }, body: '' };
}

export function isUploadSession(call) {
    return (
        call.path.startsWith('/upload/drive/v3/') &&
        call.search.has('upload_id') &&
        ['PUT', 'DELETE'].includes(call.method)
    );
}

/** PUT of bytes, of a status question, or DELETE to give up. */
export function continueUpload(world, call) {
    const id = call.search.get('upload_id');
    const session = world.uploads.get(id);
    call.operation = 'drive.upload.session';
    try {
        if (!session || session.expires < world.now()) throw new ApiError(404, 'notFound', 'Upload session not found.');
        call.account = session.context.account;
        if (call.method === 'DELETE') {
            world.uploads.delete(id);
            return { status: 499, body: '' };
        }
        return session.done ?? receive(session, call);
    } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return { status: error.status, body: errorBody('drive', error) };
    }
}

function receive(session, call) {
    const range = readRange(call);
    if (range.total !== null) {
        if (session.total !== null && session.total !== range.total)
            throw badRequest('The total length differs from the one given before.');
        session.total = range.total;
    }
    if (range.from !== null) takeBytes(session, call, range);
    if (session.total !== null && session.received.length > session.total)
        throw badRequest('More bytes than announced.');
    return session.received.length === session.total ? complete(session) : progress(session);
}

/** {from, total}: from is null for a status question. Bytes without Content-Range are the whole content. */
function readRange(call) {
    const header = call.headers['content-range'];
    if (!header) return { from: 0, total: call.raw.length };
    const match = header.match(/^bytes (?:\*|(\d+)-(\d+))\/(\*|\d+)$/);
    if (!match) throw badRequest('Failed to parse Content-Range header.');
    const total = match[3] === '*' ? null : Number(match[3]);
    if (match[1] === undefined) return { from: null, total };
    const [from, to] = [Number(match[1]), Number(match[2])];
    if (to - from + 1 !== call.raw.length) throw badRequest('Content-Range does not fit the length of the body.');
    if (to + 1 !== total && call.raw.length % CHUNK !== 0)
        throw badRequest(`Chunks other than the last must be multiples of ${CHUNK} bytes.`);
    return { from, total };
}

/** Appends what is new; a fault may keep only the first bytes of the chunk (call.keepBytes). */
function takeBytes(session, call, { from }) {
    const have = session.received.length;
    if (from > have) throw new ApiError(400, 'invalid', `The server has ${have} bytes; this chunk starts at ${from}.`);
    const fresh = call.raw.subarray(have - from);
    session.received = Buffer.concat([session.received, fresh.subarray(0, call.keepBytes ?? fresh.length)]);
}

function progress(session) {
    const { length } = session.received;
    return { status: 308, headers: length ? { range: `bytes=0-${length - 1}` } : {}, body: '' };
}

function complete(session) {
    const { context, file, metadata, type, received, route } = session;
    const media = { type, content: received };
    const saved = file ? updateNow(context, file, metadata, media) : createNow(context, metadata, media);
    const tree = parseFields(context.query.fields ?? DEFAULT_FIELDS[route.id]);
    session.done = { status: 200, body: applyFields(tree, showFile(context, saved)) };
    session.received = Buffer.alloc(0);
    return session.done;
}
