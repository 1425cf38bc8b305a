// SPDX-License-Identifier: Apache-2.0
// The machine part of OAuth: token, revoke, tokeninfo, userinfo, keys and the OpenID discovery document.
import { timingSafeEqual } from 'node:crypto';
import { digest } from '../core/ids.js';
import { fullScope } from '../core/contract.js';
import { unauthenticated, errorBody } from '../core/errors.js';
import { parseScopes } from './scopes.js';

const ID_TOKEN_SECONDS = 3600;
const EMAIL = fullScope('userinfo.email');
const PROFILE = fullScope('userinfo.profile');

const json = (status, body) => ({ status, headers: { 'cache-control': 'no-cache, no-store' }, body });
const oauthError = (status, error, description) => json(status, { error, error_description: description });

const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** POST /token */
export function token(world, form) {
    const repeated = [...new Set(form.keys())].find((name) => form.getAll(name).length > 1);
    if (repeated)
        return oauthError(400, 'invalid_request', `OAuth 2 parameters can only have a single value: ${repeated}`);
    if (!form.get('client_id'))
        return oauthError(400, 'invalid_request', 'Could not determine client ID from request.');
    const client = world.clients.get(form.get('client_id'));
    if (!client) return oauthError(401, 'invalid_client', 'The OAuth client was not found.');
    if (client.deleted) return oauthError(401, 'deleted_client', 'The OAuth client was deleted.');
    if (!same(Buffer.from(form.get('client_secret') ?? ''), Buffer.from(client.clientSecret))) {
        return oauthError(
            401,
            'invalid_client',
            form.has('client_secret') ? 'Unauthorized' : 'client_secret is missing.',
        );
    }
    const grantType = form.get('grant_type');
    if (grantType === 'authorization_code') return exchange(world, client, form);
    if (grantType === 'refresh_token') return refresh(world, client, form);
    return oauthError(400, 'unsupported_grant_type', `Invalid grant_type: ${grantType ?? ''}`);
}

function exchange(world, client, form) {
    const details = world.grants.takeCode(form.get('code') ?? '');
    if (!details || details.client !== client) return oauthError(400, 'invalid_grant', 'Malformed auth code.');
    if (details.redirectUri !== form.get('redirect_uri')) return oauthError(400, 'invalid_grant', 'Bad Request');
    if (!verifierFits(details.challenge, form.get('code_verifier'))) {
        return oauthError(
            400,
            'invalid_grant',
            form.has('code_verifier') ? 'Invalid code verifier.' : 'Missing code verifier.',
        );
    }
    const { account, scopes, offline } = details;
    const refreshToken = details.wantsRefresh ? world.grants.issueRefresh({ account, client, scopes }) : null;
    const access = world.grants.issueAccess({ account, client, scopes, offline, refresh: refreshToken });
    return json(200, {
        ...accessFields(access),
        ...(refreshToken && refreshFields(world, refreshToken)),
        ...idTokenField(world, access, details.nonce),
    });
}

function verifierFits(challenge, verifier) {
    if (!challenge) return true;
    if (!verifier || !/^[\w.~-]{43,128}$/.test(verifier)) return false;
    return challenge.value === (challenge.method === 'S256' ? digest('sha256', verifier, 'base64url') : verifier);
}

function refresh(world, client, form) {
    const old = world.grants.refresh(form.get('refresh_token') ?? '');
    if (!old || old.client !== client) return oauthError(400, 'invalid_grant', 'Token has been expired or revoked.');
    const wanted = form.has('scope') ? parseScopes(form.get('scope')) : old.scopes;
    const invalid = wanted.filter((scope) => !old.scopes.includes(scope));
    if (invalid.length || !wanted.length) {
        return oauthError(
            400,
            'invalid_scope',
            `Some requested scopes were invalid. {invalid=[${invalid.join(', ')}]}`,
        );
    }
    world.grants.used(old);
    const { account } = old;
    const rotated = world.options.rotateRefreshTokens
        ? world.grants.issueRefresh({ account, client, scopes: old.scopes })
        : null;
    if (rotated) world.grants.forgetRefresh(old);
    const access = world.grants.issueAccess({
        account,
        client,
        scopes: wanted,
        offline: true,
        refresh: rotated ?? old,
    });
    return json(200, {
        ...accessFields(access),
        ...(rotated && refreshFields(world, rotated)),
        ...idTokenField(world, access, null),
    });
}

function accessFields(access) {
    return {
        access_token: access.text,
        expires_in: access.expiresIn,
        scope: access.scopes.join(' '),
        token_type: 'Bearer',
    };
}

function refreshFields(world, refreshToken) {
    const life = world.grants.refreshLife(refreshToken.account, refreshToken.scopes);
    return { refresh_token: refreshToken.text, ...(life !== null && { refresh_token_expires_in: life }) };
}

function idTokenField(world, access, nonce) {
    if (!access.scopes.includes('openid')) return {};
    const issued = Math.floor(world.now() / 1000);
    const { clientId } = access.client;
    const mark = world.settings.seed?.tokenMark;
    return {
        id_token: world.keys.sign({
            iss: world.settings.issuer,
            azp: clientId,
            aud: clientId,
            iat: issued,
            exp: issued + ID_TOKEN_SECONDS,
            at_hash: atHash(access.text),
            ...identity(access),
            ...(nonce && { nonce }),
            ...(mark && { jti: `${mark}I` }),
        }),
    };
}

/** OpenID's at_hash: the left half of the SHA-256 of the access token. */
function atHash(text) {
    return Buffer.from(digest('sha256', text), 'hex').subarray(0, 16).toString('base64url');
}

function identity({ account, scopes }) {
    return {
        sub: account.sub,
        ...(scopes.includes(EMAIL) && { email: account.email, email_verified: true }),
        ...(scopes.includes(PROFILE) && {
            name: account.name,
            given_name: account.name.split(' ')[0],
            family_name: account.name.split(' ').slice(1).join(' '),
        }),
    };
}

/** POST /revoke with the token in the body or the query. */
export function revoke(world, form, query) {
    const text = form.get('token') ?? query.get('token') ?? '';
    if (!text) return oauthError(400, 'invalid_request', 'Missing required parameter: token');
    if (!world.grants.revokeByToken(text)) return oauthError(400, 'invalid_token', 'Token expired or revoked');
    return json(200, {});
}

/** GET or POST /tokeninfo */
export function tokenInfo(world, params, bearer) {
    const access = world.grants.access(params.get('access_token') ?? bearer ?? '');
    if (!access) return oauthError(400, 'invalid_token', 'Invalid Value');
    const { clientId } = access.client;
    return json(200, {
        azp: clientId,
        aud: clientId,
        sub: access.account.sub,
        scope: access.scopes.join(' '),
        exp: String(Math.floor(access.expires / 1000)),
        expires_in: String(Math.floor((access.expires - world.now()) / 1000)),
        ...(access.scopes.includes(EMAIL) && { email: access.account.email, email_verified: 'true' }),
        access_type: access.offline ? 'offline' : 'online',
    });
}

/** GET /v1/userinfo (OpenID names) and /oauth2/v2/userinfo (old names). */
export function userInfo(world, access, old) {
    const allowed = access?.scopes.some((scope) => ['openid', EMAIL, PROFILE].includes(scope));
    if (!allowed && !old) return oauthError(401, 'invalid_request', 'Invalid Credentials');
    if (!allowed) return json(401, errorBody('calendar', unauthenticated()));
    const known = identity(access);
    if (!old) return json(200, known);
    const { sub, email_verified: verified, ...rest } = known;
    return json(200, { id: sub, ...rest, ...(verified && { verified_email: true }) });
}

export function discovery(world, endpoints) {
    return json(200, {
        issuer: world.settings.issuer,
        ...endpoints,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        scopes_supported: ['openid', 'email', 'profile'],
        token_endpoint_auth_methods_supported: ['client_secret_post'],
        claims_supported: [
            'aud',
            'email',
            'email_verified',
            'exp',
            'family_name',
            'given_name',
            'iat',
            'iss',
            'name',
            'sub',
        ],
        code_challenge_methods_supported: ['plain', 'S256'],
        grant_types_supported: ['authorization_code', 'refresh_token'],
        authorization_response_iss_parameter_supported: true,
    });
}
