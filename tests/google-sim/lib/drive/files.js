// SPDX-License-Identifier: Apache-2.0
// Drive API: files and about.
import { ApiError, badRequest } from '../core/errors.js';
import { parameterKey } from '../core/paging.js';
import {
    aboutUser,
    checkWritable,
    isFolder,
    isGoogleType,
    makeFile,
    newFileId,
    requireFolder,
    rootId,
    roleOf,
    setContent,
    setMetadata,
    showFile,
    touchFile,
    visibleFile,
    visibleFiles,
} from './model.js';
import { readSearch } from './query.js';
import { beginUpload } from './upload.js';

const ONE = 'kind,id,name,mimeType';
const PERMISSION = 'kind,id,type,role';
const ID_LIMIT = 1000;
/** What Drive answers when `fields` is not given. */
export const DEFAULT_FIELDS = {
    'drive.about.get': 'required',
    'drive.files.get': ONE,
    'drive.files.create': ONE,
    'drive.files.update': ONE,
    'drive.files.list': `kind,incompleteSearch,nextPageToken,files(${ONE})`,
    'drive.permissions.get': PERMISSION,
    'drive.permissions.create': PERMISSION,
    'drive.permissions.update': PERMISSION,
    'drive.permissions.list': `kind,nextPageToken,permissions(${PERMISSION})`,
    'drive.changes.list': `kind,nextPageToken,newStartPageToken,changes(kind,type,time,removed,fileId,file(${ONE}))`,
};

function createFile(context) {
    if (context.query.uploadType === 'resumable') {
        checkNewId(context, context.body.id);
        return beginUpload(context, null);
    }
    return { body: showFile(context, createNow(context, context.body, context.media)) };
}

/** Makes the file from metadata and content; media is {type, content} or undefined for metadata only. */
export function createNow(context, metadata, media) {
    const { world, account, project } = context;
    checkNewId(context, metadata.id);
    (metadata.parents ?? []).forEach((id) => requireFolder(context, id));
    const parents = metadata.parents?.map((id) => (id === 'root' ? rootId(account) : id));
    const mimeType = metadata.mimeType ?? media?.type;
    const content = media?.content ?? Buffer.alloc(0);
    return makeFile(
        world,
        account,
        { ...metadata, ...(mimeType && { mimeType }), ...(parents && { parents }) },
        content,
        project,
    );
}

function checkNewId({ world, account }, id) {
    if (!id) return;
    const taken = [...world.accounts.values()].some((other) => other.files.has(id)) || account.usedIds.has(id);
    if (taken)
        throw new ApiError(409, 'fileIdInUse', 'A file already exists with the provided ID.', {
            location: 'file.id',
            locationType: 'other',
        });
    if (!account.generatedIds.has(id))
        throw badRequest('The provided file ID is not usable.', 'invalid', {
            location: 'file.id',
            locationType: 'other',
        });
}

function updateFile(context) {
    const file = visibleFile(context, context.params.fileId);
    checkWritable(file, context.account);
    if (context.query.uploadType === 'resumable') return beginUpload(context, file);
    return { body: showFile(context, updateNow(context, file, context.body, context.media)) };
}

export function updateNow(context, file, metadata, media) {
    const { world, query, project, account } = context;
    if (metadata.parents)
        throw new ApiError(
            403,
            'fieldNotWritable',
            'The parents field is not directly writable in update requests. Use the addParents and removeParents ' +
                'parameters instead.',
        );
    if (metadata.trashed !== undefined && roleOf(file, account) !== 'owner') checkOwner(file, account);
    const added = (query.addParents ?? '').split(',').filter(Boolean);
    added.forEach((id) => requireFolder(context, id));
    setMetadata(file, metadata, project);
    const removed = (query.removeParents ?? '').split(',');
    if (added.length) file.parents = [...file.parents.filter((id) => !removed.includes(id)), ...added];
    if (media) {
        if (isGoogleType(file))
            throw new ApiError(403, 'fileNotUpdatable', 'The content of this file cannot be replaced.');
        setContent(file, media.content);
        if (!metadata.mimeType && media.type) file.mimeType = media.type;
    }
    touchFile(world, file, { modified: !metadata.modifiedTime });
    return file;
}

function checkOwner(file, account) {
    if (roleOf(file, account) !== 'owner') {
        throw new ApiError(
            403,
            'insufficientFilePermissions',
            'The user does not have sufficient permissions for this file.',
        );
    }
}

function getFile(context) {
    const file = visibleFile(context, context.params.fileId);
    if (context.query.alt !== 'media') return { body: showFile(context, file) };
    if (isGoogleType(file))
        throw new ApiError(
            403,
            'fileNotDownloadable',
            'Only files with binary content can be downloaded. Use Export with Docs Editors files.',
            { location: 'alt' },
        );
    return download(file, context.headers.range);
}

/** Content, whole or the one asked range. */
function download(file, range) {
    const { content } = file;
    const headers = { 'content-type': file.mimeType, 'accept-ranges': 'bytes' };
    const match = range?.match(/^bytes=(\d*)-(\d*)$/);
    if (!match || (!match[1] && !match[2])) return { status: 200, raw: true, headers, body: content };
    const from = match[1] ? Number(match[1]) : Math.max(0, content.length - Number(match[2]));
    const to = match[1] && match[2] ? Math.min(Number(match[2]), content.length - 1) : content.length - 1;
    if (from > to)
        return { status: 416, raw: true, headers: { 'content-range': `bytes */${content.length}` }, body: '' };
    return {
        status: 206,
        raw: true,
        headers: { ...headers, 'content-range': `bytes ${from}-${to}/${content.length}` },
        body: content.subarray(from, to + 1),
    };
}

function listFiles(context) {
    const { query, world, account } = context;
    const size = query.pageSize ?? 100;
    if (size < 1 || size > 1000)
        throw badRequest('Invalid value for pageSize: it must be within 1 and 1000.', 'invalidParameter', {
            location: 'pageSize',
        });
    const test = query.q ? readSearch(query.q, context) : () => true;
    const open = () => ({
        items: sortFiles(visibleFiles(context).filter(test), query.orderBy ?? 'modifiedTime desc'),
        extra: null,
    });
    const key = `files ${account.sub} ${parameterKey(query, 'pageToken', 'pageSize', 'fields')}`;
    const { items, next } = world.pager.page(query.pageToken, key, size, open);
    const files = items.map((file) => showFile(context, file));
    return { body: { kind: 'drive#fileList', incompleteSearch: false, files, ...(next && { nextPageToken: next }) } };
}

const SORT_KEYS = {
    name: (file) => file.name.toLowerCase(),
    modifiedTime: (file) => file.modifiedTime,
    createdTime: (file) => file.createdTime,
    folder: (file) => (isFolder(file) ? 0 : 1),
};

function sortFiles(files, order) {
    const keys = order.split(',').map((part) => part.trim().split(' '));
    if (keys.some(([name]) => !SORT_KEYS[name]))
        throw badRequest('Invalid orderBy.', 'invalid', { location: 'orderBy' });
    return files.sort((a, b) => {
        for (const [name, direction] of keys) {
            const [x, y] = [SORT_KEYS[name](a), SORT_KEYS[name](b)];
            if (x !== y) return (x < y ? -1 : 1) * (direction === 'desc' ? -1 : 1);
        }
        return b.seq - a.seq;
    });
}

function deleteFile(context) {
    const file = visibleFile(context, context.params.fileId);
    checkOwner(file, context.account);
    removeFile(file);
    return { status: 204 };
}

/** Deletes a file with all that lies in it; its id is never free again. */
export function removeFile(file) {
    const { owner } = file;
    owner.files.delete(file.id);
    owner.driveSeq += 1;
    owner.removedFiles.push({ id: file.id, seq: owner.driveSeq, apps: file.apps });
    owner.usedIds.add(file.id);
    [...owner.files.values()].filter((child) => child.parents.includes(file.id)).forEach(removeFile);
}

function generateIds({ account, query }) {
    const count = query.count ?? 10;
    if (count < 1 || count > ID_LIMIT)
        throw badRequest(`count must be within 1 and ${ID_LIMIT}.`, 'invalidParameter', { location: 'count' });
    const ids = Array.from({ length: count }, newFileId);
    ids.forEach((id) => account.generatedIds.add(id));
    return { body: { kind: 'drive#generatedIds', space: query.space ?? 'drive', ids } };
}

export const fileMethods = {
    'drive.about.get': ({ account }) => ({ body: aboutUser(account) }),
    'drive.files.create': createFile,
    'drive.files.update': updateFile,
    'drive.files.get': getFile,
    'drive.files.list': listFiles,
    'drive.files.delete': deleteFile,
    'drive.files.generateIds': generateIds,
};
