// SPDX-License-Identifier: Apache-2.0
// Drive API: who a file is shared with, and the mails that go out for it.
import { ApiError, badRequest } from '../core/errors.js';
import { parameterKey } from '../core/paging.js';
import { randomDigits } from '../core/ids.js';
import { checkWritable, showPermission, touchFile, visibleFile } from './model.js';

const ROLES = ['reader', 'commenter', 'writer'];
const YEAR_MS = 366 * 86400000;

function sharedFile(context) {
    const file = visibleFile(context, context.params.fileId);
    checkWritable(file, context.account);
    return file;
}

function create(context) {
    const { world, account, body, query } = context;
    const file = sharedFile(context);
    const { type, role } = body;
    if (!['user', 'group', 'domain', 'anyone'].includes(type))
        throw badRequest('The permission type field is required.', 'required', { location: 'permission.type' });
    if (role === 'owner')
        throw new ApiError(
            403,
            'forbidden',
            'The transferOwnership parameter must be enabled when the permission role is owner.',
        );
    if (!ROLES.includes(role))
        throw badRequest('The specified role is not valid.', 'invalid', { location: 'permission.role' });
    const personal = type === 'user' || type === 'group';
    checkTarget(world, body, personal, query);
    const same = [...file.permissions.values()].find(
        (known) => known.type === type && known.emailAddress === body.emailAddress && known.domain === body.domain,
    );
    if (same?.role === 'owner') throw badRequest('The owner cannot be shared with again.', 'invalidSharingRequest');
    const invited = world.accounts.get(body.emailAddress);
    const permission = {
        id: same?.id ?? idFor(type, invited),
        type,
        role,
        ...(personal && {
            emailAddress: body.emailAddress,
            displayName: invited?.name ?? body.emailAddress.split('@')[0],
        }),
        ...(type === 'domain' && { domain: body.domain }),
        ...(body.expirationTime && { expirationTime: body.expirationTime }),
        ...(!personal && { allowFileDiscovery: body.allowFileDiscovery ?? false }),
    };
    file.permissions.set(permission.id, permission);
    touchFile(world, file);
    if (personal && query.sendNotificationEmail !== false) {
        world.mail(account, {
            kind: 'drive-share',
            to: body.emailAddress,
            fileId: file.id,
            name: file.name,
            role,
            message: query.emailMessage ?? null,
        });
    }
    return { body: showPermission(permission) };
}

const idFor = (type, account) => (type === 'anyone' ? 'anyoneWithLink' : (account?.permissionId ?? randomDigits(20)));

function checkTarget(world, body, personal, query) {
    if (personal && !/^[^@\s]+@[^@\s]+$/.test(body.emailAddress ?? ''))
        throw badRequest('The permission needs a valid emailAddress.', 'invalidSharingRequest');
    if (body.type === 'domain' && !body.domain)
        throw badRequest('The permission needs a domain.', 'invalidSharingRequest');
    if (!personal && query.sendNotificationEmail)
        throw badRequest('Mail notification is not allowed for this permission type.', 'invalidParameter', {
            location: 'sendNotificationEmail',
        });
    if (!personal && body.expirationTime)
        throw badRequest(
            'Only user and group permissions can expire.',
            'expirationDateNotAllowedForSharedDriveMembers',
        );
    const expiry = body.expirationTime ? Date.parse(body.expirationTime) - world.now() : 1;
    if (!(expiry > 0 && expiry <= YEAR_MS))
        throw badRequest(
            'The expiration date must be in the future and at most one year away.',
            'expirationDatesMustBeInTheFuture',
        );
}

function find(context, file) {
    const permission = file.permissions.get(context.params.permissionId);
    if (!permission)
        throw new ApiError(404, 'notFound', `Permission not found: ${context.params.permissionId}.`, {
            location: 'permissionId',
        });
    return permission;
}

function list(context) {
    const { world, account, query } = context;
    const file = sharedFile(context);
    const key = `permissions ${account.sub} ${file.id} ${parameterKey(query, 'pageToken', 'pageSize', 'fields')}`;
    const open = () => ({ items: [...file.permissions.values()], extra: null });
    const { items, next } = world.pager.page(query.pageToken, key, query.pageSize ?? 100, open);
    return {
        body: {
            kind: 'drive#permissionList',
            permissions: items.map(showPermission),
            ...(next && { nextPageToken: next }),
        },
    };
}

function get(context) {
    return { body: showPermission(find(context, sharedFile(context))) };
}

function changeable(context, file) {
    const permission = find(context, file);
    if (permission.role === 'owner')
        throw new ApiError(403, 'insufficientFilePermissions', "The owner's permission cannot be changed.");
    return permission;
}

function update(context) {
    const file = sharedFile(context);
    const permission = changeable(context, file);
    const { role, expirationTime } = context.body;
    if (role && !ROLES.includes(role))
        throw badRequest('The specified role is not valid.', 'invalid', { location: 'permission.role' });
    if (role) permission.role = role;
    if (expirationTime) permission.expirationTime = expirationTime;
    if (context.query.removeExpiration) delete permission.expirationTime;
    touchFile(context.world, file);
    return { body: showPermission(permission) };
}

function remove(context) {
    const file = sharedFile(context);
    file.permissions.delete(changeable(context, file).id);
    touchFile(context.world, file);
    return { status: 204 };
}

export const permissionMethods = {
    'drive.permissions.create': create,
    'drive.permissions.list': list,
    'drive.permissions.get': get,
    'drive.permissions.update': update,
    'drive.permissions.delete': remove,
};
