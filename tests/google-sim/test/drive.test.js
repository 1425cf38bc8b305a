// SPDX-License-Identifier: Apache-2.0
// Drive API facts: fields, uploads of all kinds, ranges, ids, permissions, search, changes, drive.file visibility.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, beforeEach, test } from 'node:test';
import { OWNER, SAM, reasonOf, scope, simulator } from './support.js';

const sim = await simulator(after);
const FILES = '/drive/v3/files';
const UPLOAD = '/upload/drive/v3/files';
const CHUNK = 262144;
let token;
beforeEach(async () => {
    await sim.sim('reset', {});
    token = (await sim.connect([scope('drive.file')])).access_token;
});

const call = (method, path, body, headers) => sim.send(method, path, { token, body, headers });
const md5 = (bytes) => createHash('md5').update(bytes).digest('hex');

function multipart(metadata, bytes, type = 'text/plain') {
    const part = (partType) => `--b1\r\nContent-Type: ${partType}\r\n\r\n`;
    const head = `${part('application/json; charset=UTF-8')}${JSON.stringify(metadata)}\r\n${part(type)}`;
    return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n--b1--\r\n')]);
}
const upload = async (metadata, bytes = Buffer.from('hello'), fields = 'id,name,md5Checksum,size') => {
    const headers = { 'content-type': 'multipart/related; boundary=b1' };
    return call('POST', `${UPLOAD}?uploadType=multipart&fields=${fields}`, multipart(metadata, bytes), headers);
};
const begin = async (metadata, total) => {
    const headers = { 'x-upload-content-type': 'application/octet-stream', 'x-upload-content-length': String(total) };
    const answer = await call('POST', `${UPLOAD}?uploadType=resumable&fields=id,md5Checksum,size`, metadata, headers);
    assert.equal(answer.status, 200);
    const location = new URL(answer.headers.location);
    return location.pathname + location.search;
};
/** A session needs no token: its address is the credential. */
const put = (session, bytes, range) =>
    sim.send('PUT', session, { body: bytes, headers: { 'content-range': range, 'content-length': bytes.length } });

test('about needs fields; files give only four without', async () => {
    assert.equal((await call('GET', '/drive/v3/about')).status, 400);
    assert.equal((await call('GET', '/drive/v3/about?fields=user(emailAddress)')).json.user.emailAddress, OWNER);
    const file = (await call('POST', FILES, { name: 'n' })).json;
    assert.deepEqual(Object.keys(file).sort(), ['id', 'kind', 'mimeType', 'name']);
    const unknown = await call('GET', `${FILES}/${file.id}?fields=id,nonsense`);
    assert.deepEqual([unknown.status, reasonOf(unknown)], [400, 'invalidParameter']);
});

test('multipart: bytes survive exactly, also with boundary-like content', async () => {
    const bytes = Buffer.concat([randomBytes(5000), Buffer.from('\r\n--b\r\n'), randomBytes(5000)]);
    const file = (await upload({ name: 'x.bin' }, bytes)).json;
    assert.deepEqual([file.md5Checksum, file.size], [md5(bytes), String(bytes.length)]);
    const back = await call('GET', `${FILES}/${file.id}?alt=media`);
    assert.ok(back.body.equals(bytes));
});

test('ranges: 206, suffix, 416', async () => {
    const { id } = (await upload({ name: 'r' }, Buffer.from('0123456789'))).json;
    const range = (text) => call('GET', `${FILES}/${id}?alt=media`, undefined, { range: `bytes=${text}` });
    const part = await range('2-4');
    assert.deepEqual([part.status, part.text, part.headers['content-range']], [206, '234', 'bytes 2-4/10']);
    assert.equal((await range('-3')).text, '789');
    assert.equal((await range('8-')).text, '89');
    assert.equal((await range('10-12')).status, 416);
});

test('generated ids are good once: a repeat is 409, also after deletion', async () => {
    const { ids } = (await call('GET', `${FILES}/generateIds?count=2`)).json;
    assert.equal((await upload({ id: ids[0], name: 'a' })).json.id, ids[0]);
    assert.equal((await upload({ id: ids[0], name: 'a' })).status, 409);
    assert.equal((await upload({ id: 'made-up', name: 'a' })).status, 400);
    await call('DELETE', `${FILES}/${ids[0]}`);
    assert.equal((await upload({ id: ids[0], name: 'a' })).status, 409);
    assert.equal(
        (await call('POST', FILES, { id: ids[1], name: 'f', mimeType: 'application/vnd.google-apps.folder' })).status,
        200,
    );
});

test('resumable: chunks, status questions, completion, and asking again', async () => {
    const bytes = randomBytes(CHUNK * 2 + 1000);
    const total = bytes.length;
    const session = await begin({ name: 'big' }, total);
    const status = () => put(session, Buffer.alloc(0), `bytes */${total}`);
    const nothing = await status();
    assert.deepEqual([nothing.status, nothing.headers.range], [308, undefined]);
    const one = await put(session, bytes.subarray(0, CHUNK), `bytes 0-${CHUNK - 1}/${total}`);
    assert.deepEqual([one.status, one.headers.range], [308, `bytes=0-${CHUNK - 1}`]);
    const odd = await put(session, bytes.subarray(CHUNK, CHUNK + 5), `bytes ${CHUNK}-${CHUNK + 4}/${total}`);
    assert.equal(odd.status, 400);
    const gap = await put(session, bytes.subarray(CHUNK * 2), `bytes ${CHUNK * 2}-${total - 1}/${total}`);
    assert.equal(gap.status, 400);
    const done = await put(session, bytes.subarray(CHUNK), `bytes ${CHUNK}-${total - 1}/${total}`);
    assert.deepEqual([done.status, done.json.md5Checksum], [200, md5(bytes)]);
    assert.equal((await status()).json.id, done.json.id);
});

test('resumable: a fault keeps part of a chunk; the server tells where to go on', async () => {
    const bytes = randomBytes(CHUNK);
    const session = await begin({ name: 'cut' }, CHUNK);
    await sim.sim('faults', {
        match: { method: 'PUT', path: '/upload/drive/v3/files' },
        respond: { status: 503, keepBytes: 1000 },
    });
    assert.equal((await put(session, bytes, `bytes 0-${CHUNK - 1}/${CHUNK}`)).status, 503);
    const status = await put(session, Buffer.alloc(0), `bytes */${CHUNK}`);
    assert.deepEqual([status.status, status.headers.range], [308, 'bytes=0-999']);
    const done = await put(session, bytes.subarray(1000), `bytes 1000-${CHUNK - 1}/${CHUNK}`);
    assert.equal(done.json.md5Checksum, md5(bytes));
});

test('resumable: a session lives a week and can be given up; unknown ones are 404', async () => {
    const session = await begin({ name: 'old' }, 10);
    assert.equal((await sim.send('DELETE', session)).status, 499);
    assert.equal((await put(session, Buffer.alloc(10), 'bytes 0-9/10')).status, 404);
    const second = await begin({ name: 'old' }, 10);
    await sim.sim('clock', { advanceSeconds: 7 * 86400 + 1 });
    assert.equal((await put(second, Buffer.alloc(10), 'bytes 0-9/10')).status, 404);
});

test('new content: version and revision move, resumable or not', async () => {
    const { id } = (await upload({ name: 'v' })).json;
    const fields = 'fields=version,headRevisionId,md5Checksum';
    const before = (await call('GET', `${FILES}/${id}?${fields}`)).json;
    const after1 = (
        await call('PATCH', `${UPLOAD}/${id}?uploadType=media&${fields}`, Buffer.from('two'), {
            'content-type': 'text/plain',
        })
    ).json;
    assert.notEqual(after1.headRevisionId, before.headRevisionId);
    assert.ok(Number(after1.version) > Number(before.version));
    const start = await call(
        'PATCH',
        `${UPLOAD}/${id}?uploadType=resumable&${fields}`,
        {},
        { 'x-upload-content-length': '5' },
    );
    const location = new URL(start.headers.location);
    const done = await put(location.pathname + location.search, Buffer.from('three'), 'bytes 0-4/5');
    assert.equal(done.json.md5Checksum, md5('three'));
});

test('drive.file sees neither foreign files nor says that they exist', async () => {
    const foreign = (await sim.state()).files[0];
    assert.deepEqual((await call('GET', FILES)).json.files, []);
    for (const [method, path] of [
        ['GET', ''],
        ['GET', '?alt=media'],
        ['PATCH', ''],
        ['DELETE', ''],
        ['GET', '/permissions'],
    ]) {
        const [id, query] = [foreign.id, path.startsWith('?') ? path : ''];
        const answer = await call(
            method,
            `${FILES}/${id}${path.startsWith('/') ? path : ''}${query}`,
            method === 'PATCH' ? { name: 'x' } : undefined,
        );
        assert.deepEqual([answer.status, reasonOf(answer)], [404, 'notFound'], `${method} ${path}`);
    }
    await sim.sim('clients', { clientId: 'other', clientSecret: 's', project: 'other', anyLoopbackRedirect: true });
    const mine = (await upload({ name: 'mine' })).json;
    const code = (await sim.consent(sim.authPath([scope('drive.file')], { client_id: 'other' }))).get('code');
    const other = (await sim.exchange(code, { client_id: 'other', client_secret: 's' })).json.access_token;
    assert.equal((await sim.get(`${FILES}/${mine.id}`, other)).status, 404);
    const sam = (await sim.connect([scope('drive.file')], { account: SAM })).access_token;
    assert.equal((await sim.get(`${FILES}/${mine.id}`, sam)).status, 404);
});

test('search: names, folders, trash, app properties, and nonsense', async () => {
    const folder = (await call('POST', FILES, { name: 'Clients', mimeType: 'application/vnd.google-apps.folder' }))
        .json;
    await upload({ name: "O'Neil.txt", parents: [folder.id], appProperties: { crm: '7' } });
    await upload({ name: 'Other.txt' });
    const find = async (q) =>
        (await call('GET', `${FILES}?fields=files(name)&orderBy=name&q=${encodeURIComponent(q)}`)).json.files?.map(
            ({ name }) => name,
        );
    assert.deepEqual(await find("name = 'O\\'Neil.txt'"), ["O'Neil.txt"]);
    assert.deepEqual(await find(`'${folder.id}' in parents and trashed = false`), ["O'Neil.txt"]);
    assert.deepEqual(await find("appProperties has { key='crm' and value='7' }"), ["O'Neil.txt"]);
    assert.deepEqual(await find("(name contains 'other' or name contains 'neil') and not mimeType = 'x'"), [
        "O'Neil.txt",
        'Other.txt',
    ]);
    assert.equal((await call('GET', `${FILES}?q=${encodeURIComponent('name ~ 1')}`)).status, 400);
});

test('folders: moving needs addParents, deleting takes what is inside', async () => {
    const folder = (await call('POST', FILES, { name: 'F', mimeType: 'application/vnd.google-apps.folder' })).json;
    const file = (await upload({ name: 'in' })).json;
    assert.equal((await call('PATCH', `${FILES}/${file.id}`, { parents: [folder.id] })).status, 403);
    const moved = await call('PATCH', `${FILES}/${file.id}?addParents=${folder.id}&fields=parents`, {});
    assert.ok(moved.json.parents.includes(folder.id));
    assert.equal((await call('DELETE', `${FILES}/${folder.id}`)).status, 204);
    assert.equal((await call('GET', `${FILES}/${file.id}`)).status, 404);
});

test('app properties: 124 bytes, null clears, private to the app', async () => {
    const { id } = (await upload({ name: 'p', appProperties: { a: '1', b: '2' } })).json;
    const changed = await call('PATCH', `${FILES}/${id}?fields=appProperties`, { appProperties: { a: null } });
    assert.deepEqual(changed.json.appProperties, { b: '2' });
    assert.equal((await call('PATCH', `${FILES}/${id}`, { appProperties: { k: 'v'.repeat(124) } })).status, 400);
});

test('permissions: share, mail, change, take back; links and owners', async () => {
    const { id } = (await upload({ name: 'shared' })).json;
    const path = `${FILES}/${id}/permissions`;
    const share = (body, query = '') => call('POST', path + query, body);
    const guest = (
        await share(
            { type: 'user', role: 'reader', emailAddress: 'g@example.test' },
            '?emailMessage=Hi&fields=id,role,emailAddress',
        )
    ).json;
    assert.equal(guest.emailAddress, 'g@example.test');
    await share({ type: 'user', role: 'writer', emailAddress: SAM }, '?sendNotificationEmail=false');
    assert.deepEqual(
        (await sim.state()).mails.map(({ to, message }) => [to, message]),
        [['g@example.test', 'Hi']],
    );
    assert.equal((await share({ type: 'anyone', role: 'reader' }, '?sendNotificationEmail=true')).status, 400);
    const link = (await share({ type: 'anyone', role: 'reader' })).json;
    assert.equal((await share({ type: 'user', role: 'owner', emailAddress: SAM })).status, 403);
    assert.equal((await share({ type: 'user', role: 'reader' })).status, 400);
    assert.equal((await call('PATCH', `${path}/${guest.id}`, { role: 'commenter' })).json.role, 'commenter');
    const { permissions } = (await call('GET', path)).json;
    assert.deepEqual(permissions.map(({ role }) => role).sort(), ['commenter', 'owner', 'reader', 'writer']);
    assert.equal((await call('DELETE', `${path}/${permissions.find(({ role }) => role === 'owner').id}`)).status, 403);
    assert.equal((await call('DELETE', `${path}/${link.id}`)).status, 204);
    assert.equal((await call('DELETE', `${path}/${link.id}`)).status, 404);
});

test('changes: only the own files of the app, removals too', async () => {
    const { startPageToken } = (await call('GET', '/drive/v3/changes/startPageToken')).json;
    const file = (await upload({ name: 'c' })).json;
    await sim.sim('files', { account: OWNER, action: 'create', name: 'private.txt', text: 'x' });
    const first = (await call('GET', `/drive/v3/changes?pageToken=${startPageToken}`)).json;
    assert.deepEqual(
        first.changes.map(({ fileId }) => fileId),
        [file.id],
    );
    await sim.sim('files', { account: OWNER, action: 'delete', fileId: file.id });
    const next = (await call('GET', `/drive/v3/changes?pageToken=${first.newStartPageToken}`)).json;
    assert.deepEqual(
        next.changes.map(({ fileId, removed }) => [fileId, removed]),
        [[file.id, true]],
    );
});

test('no answer in this file broke a schema', async () => {
    const { id } = (await upload({ name: 's', appProperties: { a: '1' } })).json;
    await call('GET', `${FILES}/${id}?fields=*`);
    await call('GET', `${FILES}?fields=*`);
    assert.deepEqual((await sim.state()).violations, []);
});
