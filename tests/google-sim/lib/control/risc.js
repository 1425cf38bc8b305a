// SPDX-License-Identifier: Apache-2.0
// Cross-Account Protection: signs a security event and posts it to the app's receiver on loopback.
import { createHash } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import { badRequest } from '../core/errors.js';
import { randomText } from '../core/ids.js';

const PREFIX = 'https://schemas.openid.net/secevent/';
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The issuer with the trailing slash Google's tokens carry. */
export const riscIssuer = (world) => `${world.settings.issuer}/`;

const accountSubject = (world, { sub }) => ({ subject_type: 'iss-sub', iss: riscIssuer(world), sub });

/** Names the account's newest refresh token the way Google does, without telling it. */
function tokenSubject(world, account, algorithm) {
    const text = world.grants.newestRefresh(account)?.text;
    if (!text) throw badRequest(`${account.email} has no live refresh token`);
    const names = {
        prefix: () => text.slice(0, 16),
        hash_base64_sha512_sha512: () => {
            const once = createHash('sha512').update(text).digest();
            return createHash('sha512').update(once).digest('base64');
        },
    };
    if (!Object.hasOwn(names, algorithm)) throw badRequest(`unknown token identifier algorithm ${algorithm}`);
    return {
        subject_type: 'oauth_token',
        token_type: 'refresh_token',
        token_identifier_alg: algorithm,
        token: names[algorithm](),
    };
}

/**
 * {event: "risc/event-type/sessions-revoked", url?, audience?, reason?, subject?, identify?, forge?}
 * identify (prefix or hash_base64_sha512_sha512) makes the account's newest refresh token the subject.
 * Returns the token; with a url also the receiver's status. forge breaks the signature.
 */
export async function sendSecurityEvent(world, account, request) {
    const { event, url, audience, reason, subject, identify, forge = false } = request;
    if (!event) throw badRequest('event is missing');
    const claims = {
        iss: riscIssuer(world),
        aud: audience ?? [...world.clients.keys()][0],
        iat: Math.floor(world.now() / 1000),
        jti: randomText(16),
        events: {
            [PREFIX + event]: {
                subject:
                    subject ?? (identify ? tokenSubject(world, account, identify) : accountSubject(world, account)),
                ...(reason && { reason }),
            },
        },
    };
    const token = world.keys.sign(claims, 'secevent+jwt');
    const sent = forge ? `${token.slice(0, -8)}AAAAAAAA` : token;
    return { token: sent, ...(url && { status: await post(url, sent, world.settings.ca) }) };
}

function post(url, token, ca) {
    if (!LOOPBACK.has(new URL(url).hostname)) throw badRequest('the receiver must be on loopback');
    return new Promise((resolve, reject) => {
        const headers = {
            'content-type': 'application/secevent+jwt',
            accept: 'application/json',
            'content-length': token.length,
        };
        const request = httpsRequest(url, { method: 'POST', headers, ca }, (answer) => {
            answer.resume();
            resolve(answer.statusCode);
        });
        request.on('error', reject);
        request.end(token);
    });
}
