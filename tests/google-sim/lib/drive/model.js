// SPDX-License-Identifier: Apache-2.0
// Files in storage: metadata rules, content, versions, who sees them, and the resource a client gets.
import { ApiError, badRequest, notFound } from '../core/errors.js';
import { digest, randomText } from '../core/ids.js';

const PROPERTY_BYTES = 124;
const PRIVATE_LIMIT = 30;
const FOLDER = 'application/vnd.google-apps.folder';
const WRITABLE = [
    'name',
    'mimeType',
    'description',
    'starred',
    'modifiedTime',
    'viewedByMeTime',
    'originalFilename',
    'folderColorRgb',
];
/** Scopes that see every file of the user; drive.file sees only what the app made or the user picked for it. */
const BROAD = ['drive', 'drive.readonly', 'drive.metadata', 'drive.metadata.readonly'];

export const isFolder = (file) => file.mimeType === FOLDER;
export const isGoogleType = (file) => file.mimeType.startsWith('application/vnd.google-apps.');
export const newFileId = () => `1${randomText(24)}`;

/** Adds a file to the account; project is the app that made it, or none when the user did. */
export function makeFile(world, account, metadata, content, project = null) {
    const now = world.isoNow();
    const file = {
        id: metadata.id ?? newFileId(),
        owner: account,
        apps: new Set(project ? [project] : []),
        trashed: false,
        mimeType: 'application/octet-stream',
        name: 'Untitled',
        createdTime: now,
        modifiedTime: now,
        version: 0,
        parents: metadata.parents ?? [rootId(account)],
        properties: {},
        appProperties: new Map(),
        permissions: new Map(),
        content: null,
    };
    file.permissions.set(account.permissionId, {
        id: account.permissionId,
        type: 'user',
        role: 'owner',
        emailAddress: account.email,
        displayName: account.name,
    });
    setMetadata(file, metadata, project);
    if (content !== null && !isGoogleType(file)) setContent(file, content);
    touchFile(world, file);
    account.files.set(file.id, file);
    return file;
}

export const rootId = (account) => `0A${digest('sha256', account.sub, 'base64url').slice(0, 15)}PVA`;

export function setMetadata(file, metadata, project) {
    for (const name of WRITABLE)
        if (metadata[name] !== undefined && metadata[name] !== null) file[name] = metadata[name];
    if (metadata.trashed !== undefined) file.trashed = metadata.trashed;
    if (metadata.properties) file.properties = mergeProperties(file.properties, metadata.properties);
    if (metadata.appProperties) {
        file.appProperties.set(project, mergeProperties(file.appProperties.get(project) ?? {}, metadata.appProperties));
    }
}

function mergeProperties(old, changes) {
    const out = { ...old };
    for (const [key, value] of Object.entries(changes)) {
        if (value === null) delete out[key];
        else if (Buffer.byteLength(key) + Buffer.byteLength(value) > PROPERTY_BYTES) {
            throw badRequest(
                `A property may hold at most ${PROPERTY_BYTES} bytes of key and value.`,
                'propertyTooLarge',
            );
        } else out[key] = value;
    }
    if (Object.keys(out).length > PRIVATE_LIMIT) throw new ApiError(403, 'tooManyProperties', 'Too many properties.');
    return out;
}

export function setContent(file, content) {
    file.content = content;
    file.headRevisionId = randomText(30);
    file.md5Checksum = digest('md5', content);
    file.sha1Checksum = digest('sha1', content);
    file.sha256Checksum = digest('sha256', content);
}

/** New version for sync and comparison; content changes also move modifiedTime unless the client sets it. */
export function touchFile(world, file, { modified = false } = {}) {
    file.owner.driveSeq += 1;
    file.seq = file.owner.driveSeq;
    file.version += 1;
    if (modified) file.modifiedTime = world.isoNow();
}

/** The files a token may see: own and shared ones, cut to the app's own when only drive.file was granted. */
export function visibleFiles(context) {
    const { world, account, project } = context;
    const shared = [...world.accounts.values()]
        .filter((other) => other !== account)
        .flatMap((other) => [...other.files.values()])
        .filter((file) => roleOf(file, account));
    const all = [...account.files.values(), ...shared];
    return context.hasScope(...BROAD) ? all : all.filter((file) => file.apps.has(project));
}

export function visibleFile(context, id) {
    const { world, account, project } = context;
    const owner = [...world.accounts.values()].find((other) => other.files.has(id));
    const file = owner?.files.get(id);
    const visible = file && roleOf(file, account) && (context.hasScope(...BROAD) || file.apps.has(project));
    if (!visible) throw new ApiError(404, 'notFound', `File not found: ${id}.`, { location: 'fileId' });
    return file;
}

/** The account's role on the file or null; a link for anyone counts only for the file itself. */
export function roleOf(file, account) {
    if (file.owner === account) return 'owner';
    const own = [...file.permissions.values()].find((permission) => permission.emailAddress === account.email);
    return own?.role ?? null;
}

export function checkWritable(file, account) {
    if (['owner', 'writer'].includes(roleOf(file, account))) return;
    throw new ApiError(
        403,
        'insufficientFilePermissions',
        'The user does not have sufficient permissions for this file.',
    );
}

const userOf = (account, viewer) => ({
    kind: 'drive#user',
    displayName: account.name,
    emailAddress: account.email,
    permissionId: account.permissionId,
    me: account === viewer,
});

/** The whole resource; the caller's field mask cuts it. */
export function showFile(context, file) {
    const { account, project } = context;
    const role = roleOf(file, account);
    const canEdit = role === 'owner' || role === 'writer';
    const shared = file.permissions.size > 1;
    const appProperties = file.appProperties.get(project);
    return {
        kind: 'drive#file',
        id: file.id,
        name: file.name,
        mimeType: file.mimeType,
        version: String(file.version),
        ...(file.description && { description: file.description }),
        starred: file.starred ?? false,
        trashed: file.trashed,
        explicitlyTrashed: file.trashed,
        parents: file.parents,
        spaces: ['drive'],
        createdTime: file.createdTime,
        modifiedTime: file.modifiedTime,
        shared,
        ownedByMe: role === 'owner',
        owners: [userOf(file.owner, account)],
        lastModifyingUser: userOf(file.owner, account),
        webViewLink: `https://drive.google.com/file/d/${file.id}/view?usp=drivesdk`,
        isAppAuthorized: file.apps.has(project),
        writersCanShare: true,
        capabilities: {
            canEdit,
            canShare: canEdit,
            canDownload: !isGoogleType(file),
            canTrash: role === 'owner',
            canDelete: role === 'owner',
            canRename: canEdit,
        },
        permissionIds: [...file.permissions.keys()],
        ...(canEdit && { permissions: [...file.permissions.values()].map(showPermission) }),
        ...(file.content && showContent(file)),
        ...(Object.keys(file.properties).length && { properties: file.properties }),
        ...(appProperties && Object.keys(appProperties).length && { appProperties }),
    };
}

function showContent(file) {
    const { md5Checksum, sha1Checksum, sha256Checksum, headRevisionId } = file;
    const fileExtension = file.name.includes('.') ? file.name.split('.').at(-1) : '';
    return {
        size: String(file.content.length),
        quotaBytesUsed: String(file.content.length),
        md5Checksum,
        sha1Checksum,
        sha256Checksum,
        headRevisionId,
        originalFilename: file.originalFilename ?? file.name,
        fileExtension,
        fullFileExtension: fileExtension,
        webContentLink: `https://drive.google.com/uc?id=${file.id}&export=download`,
    };
}

export const showPermission = (permission) => ({ kind: 'drive#permission', ...permission });

const STORAGE_BYTES = 15 * 1024 ** 3;

export function aboutUser(account) {
    const used = [...account.files.values()].reduce((sum, file) => sum + (file.content?.length ?? 0), 0);
    return {
        kind: 'drive#about',
        user: userOf(account, account),
        canCreateDrives: false,
        appInstalled: true,
        storageQuota: {
            limit: String(STORAGE_BYTES),
            usage: String(used),
            usageInDrive: String(used),
            usageInDriveTrash: '0',
        },
        maxUploadSize: '5242880000000',
        importFormats: {},
        exportFormats: {},
        folderColorPalette: ['#ac725e'],
    };
}

export function requireFolder(context, id) {
    if (id === 'root' || id === rootId(context.account)) return;
    if (!isFolder(visibleFile(context, id))) throw notFound(`File not found: ${id}.`);
}
