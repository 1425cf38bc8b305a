// SPDX-License-Identifier: Apache-2.0
// Drive API: the feed of changes. Its tokens never expire.
import { badRequest } from '../core/errors.js';
import { showFile, visibleFiles } from './model.js';

function startPageToken({ account }) {
    return { body: { kind: 'drive#startPageToken', startPageToken: String(account.driveSeq + 1) } };
}

function list(context) {
    const { world, account, project, query } = context;
    if (!/^\d+$/.test(query.pageToken ?? ''))
        throw badRequest('Invalid page token.', 'invalid', { location: 'pageToken' });
    const from = Number(query.pageToken);
    const size = query.pageSize ?? 100;
    const changed = visibleFiles(context)
        .filter((file) => file.owner === account && file.seq >= from)
        .map((file) => ({ seq: file.seq, fileId: file.id, removed: false, file: showFile(context, file) }));
    const removed =
        query.includeRemoved === false
            ? []
            : account.removedFiles
                  .filter((entry) => entry.seq >= from && entry.apps.has(project))
                  .map(({ seq, id }) => ({ seq, fileId: id, removed: true }));
    const all = [...changed, ...removed].sort((a, b) => a.seq - b.seq);
    const shown = all.slice(0, size).map((entry) => showChange(world, entry));
    const more = all.length > size;
    return {
        body: {
            kind: 'drive#changeList',
            changes: shown,
            ...(more ? { nextPageToken: String(all[size].seq) } : { newStartPageToken: String(account.driveSeq + 1) }),
        },
    };
}

function showChange(world, { fileId, removed, file }) {
    const head = { kind: 'drive#change', type: 'file', changeType: 'file', time: world.isoNow() };
    return { ...head, fileId, removed, ...(file && { file }) };
}

export const changeMethods = {
    'drive.changes.getStartPageToken': startPageToken,
    'drive.changes.list': list,
};
