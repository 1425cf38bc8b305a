// SPDX-License-Identifier: Apache-2.0
// Paths of accounts.google.com, oauth2.googleapis.com, openidconnect.googleapis.com and the key sets.
import { bearerOf, readForm } from '../core/http.js';
import { authorize, chooseAccount, decide, pick } from './authorize.js';
import { riscIssuer } from '../control/risc.js';
import { discovery, revoke, token, tokenInfo, userInfo } from './token.js';

const AUTH = '/o/oauth2/v2/auth';

/** The response, or null when the path is not one of these. */
export function oauthRoutes(world, call) {
    const handler = ROUTES[`${call.method} ${call.path}`];
    return handler ? handler(world, call) : null;
}

const ROUTES = {
    [`GET ${AUTH}`]: (world, call) => authorize(world, call.search),
    [`POST ${AUTH}`]: (world, call) => authorize(world, readForm(call)),
    [`POST ${AUTH}/account`]: (world, call) => chooseAccount(world, readForm(call)),
    [`POST ${AUTH}/consent`]: (world, call) => decide(world, readForm(call)),
    [`POST ${AUTH}/pick`]: (world, call) => pick(world, readForm(call)),
    'POST /token': (world, call) => token(world, readForm(call)),
    'POST /revoke': (world, call) => revoke(world, readForm(call), call.search),
    'GET /tokeninfo': (world, call) => tokenInfo(world, call.search, bearerOf(call)),
    'POST /tokeninfo': (world, call) => tokenInfo(world, readForm(call), bearerOf(call)),
    'GET /v1/userinfo': (world, call) => userInfo(world, call.token, false),
    'POST /v1/userinfo': (world, call) => userInfo(world, call.token, false),
    'GET /oauth2/v3/userinfo': (world, call) => userInfo(world, call.token, false),
    'GET /oauth2/v2/userinfo': (world, call) => userInfo(world, call.token, true),
    'GET /oauth2/v3/certs': (world) => ({
        status: 200,
        headers: { 'cache-control': 'public, max-age=19800, must-revalidate' },
        body: world.keys.jwks(),
    }),
    'GET /.well-known/risc-configuration': (world) => ({
        status: 200,
        body: {
            issuer: riscIssuer(world),
            jwks_uri: endpoints(world.settings.issuer).jwks_uri,
            delivery_methods_supported: ['https://schemas.openid.net/secevent/risc/delivery-method/push'],
        },
    }),
    'GET /.well-known/openid-configuration': (world) => discovery(world, endpoints(world.settings.issuer)),
};

/** Google's own hosts when the issuer is Google's name; else everything on the issuer's address. */
function endpoints(issuer) {
    const google = issuer === 'https://accounts.google.com';
    const at = (host) => (google ? `https://${host}` : issuer);
    return {
        authorization_endpoint: `${at('accounts.google.com')}${AUTH}`,
        token_endpoint: `${at('oauth2.googleapis.com')}/token`,
        userinfo_endpoint: `${at('openidconnect.googleapis.com')}/v1/userinfo`,
        revocation_endpoint: `${at('oauth2.googleapis.com')}/revoke`,
        jwks_uri: `${at('www.googleapis.com')}/oauth2/v3/certs`,
    };
}
