// SPDX-License-Identifier: Apache-2.0
// An OpenID provider that is not ours (oidc-provider) at Google's paths: codes with PKCE, real id_tokens, refresh tokens
// that rotate and whose reuse ends the grant, revocation. And as much of the People API as an empty address book needs.
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { Provider } from 'oidc-provider';

export const contactsScope = 'https://www.googleapis.com/auth/contacts';
const client = { client_id: 'portico-demo.apps.googleusercontent.com', client_secret: 'portico-demo-secret' };

function makeProvider(redirectUri, accessTokenSeconds) {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  return new Provider('https://accounts.google.com', {
    clients: [{ ...client, redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'client_secret_post' }],
    routes: { authorization: '/o/oauth2/v2/auth', token: '/token', revocation: '/revoke', jwks: '/oauth2/v3/certs' },
    scopes: ['openid', 'email', contactsScope],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    pkce: { methods: ['S256'], required: () => true },
    issueRefreshToken: () => true,  // Google: access_type=offline
    rotateRefreshToken: true,
    features: { revocation: { enabled: true }, devInteractions: { enabled: true } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@oidc.test`, email_verified: true }) }),
    jwks: { keys: [{ ...key, kid: 'key-1', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['a test'] },
    ttl: { AccessToken: accessTokenSeconds, Grant: 3600, Session: 3600, Interaction: 3600, IdToken: 3600 },
  });
}

const bodyOf = async (request) => Buffer.concat(await collect(request)).toString();
async function collect(stream) { const all = []; for await (const chunk of stream) all.push(chunk); return all; }

export class OidcServer {
  seen = { tokens: [], refused: [], revoked: 0, api: [] };

  static async start(folder) {
    const self = new OidcServer();
    self.server = https.createServer({ cert: readFileSync(`${folder}/google-sim.crt`), key: readFileSync(`${folder}/google-sim.key`) },
      (request, response) => self.serve(request, response).catch((error) => { response.statusCode = 500; response.end(String(error)); }));
    await new Promise((done) => self.server.listen(0, '127.0.0.1', done));
    self.url = `https://localhost:${self.server.address().port}`;
    return self;
  }

  // Once it is known where the browser comes back to.
  answerTo(redirectUri, accessTokenSeconds) {
    this.provider = makeProvider(redirectUri, accessTokenSeconds);
    this.provider.on('grant.success', (context) => this.seen.tokens.push(context.oidc.params.grant_type));
    this.provider.on('grant.error', (_, error) => this.seen.refused.push(`${error.error}: ${error.error_detail ?? error.error_description}`));
    this.provider.on('grant.revoked', () => this.seen.revoked++);
    this.callback = this.provider.callback();
  }

  async serve(request, response) {
    const host = request.headers.host;
    if (host === 'people.googleapis.com') return this.people(request, response);
    if (request.url === '/revoke' && request.method === 'POST') {
      // Google asks nobody who they are to revoke a token; RFC 7009 and this provider do.
      request.body = { ...Object.fromEntries(new URLSearchParams(await bodyOf(request))), ...client };
    }
    return this.callback(request, response);
  }

  async people(request, response) {
    await bodyOf(request);
    const token = await this.provider.AccessToken.find((request.headers.authorization ?? '').replace(/^Bearer /, ''));
    const good = token && !token.isExpired && token.scopes.has(contactsScope);
    this.seen.api.push({ path: request.url, good: Boolean(good) });
    const answer = (status, json) => { response.writeHead(status, { 'content-type': 'application/json' }); response.end(JSON.stringify(json)); };
    if (!good) return answer(401, { error: { code: 401, status: 'UNAUTHENTICATED', message: 'token' } });
    if (request.url.startsWith('/v1/contactGroups')) return answer(200, request.method === 'GET' ? { contactGroups: [] } : { resourceName: 'contactGroups/1', etag: 'e' });
    if (request.url.startsWith('/v1/people/me/connections')) return answer(200, { connections: [], nextSyncToken: 'token-1' });
    return answer(403, { error: { code: 403, status: 'PERMISSION_DENIED', message: 'an address book that nobody writes to' } });
  }

  stop() { this.server.closeAllConnections(); return new Promise((done) => this.server.close(done)); }
}

// Signs in and agrees, as a person at the provider's own pages; returns the URL with which the browser is sent back.
export async function throughProvider(browser, authorizationUrl, account, { cancel = false } = {}) {
  const html = { accept: 'text/html', origin: undefined };
  const start = new URL(authorizationUrl);
  let answer = await browser.get(start.pathname + start.search, { headers: html });
  for (let step = 0; step < 12; step++) {
    if (answer.status >= 300 && answer.status < 400) {
      const to = new URL(answer.headers.location, browser.origin);
      if (to.origin !== browser.origin) return to;
      answer = await browser.get(to.pathname + to.search, { headers: html });
      continue;
    }
    const action = /action="([^"]+)"/.exec(answer.text)?.[1];
    const prompt = /name="prompt" value="([^"]+)"/.exec(answer.text)?.[1];
    if (!action || !prompt) throw new Error(`an unexpected page: ${answer.status} ${answer.text.slice(0, 800)}`);
    const to = new URL(action, browser.origin);
    if (cancel) { answer = await browser.get(`${to.pathname}/abort`, { headers: html }); continue; }
    const body = new URLSearchParams({ prompt, ...(prompt === 'login' && { login: account, password: 'any' }) }).toString();
    answer = await browser.request('POST', to.pathname, { raw: Buffer.from(body), headers: { ...html, 'content-type': 'application/x-www-form-urlencoded' } });
  }
  throw new Error('the provider never sent the browser back');
}
