// SPDX-License-Identifier: Apache-2.0
// Common ground of the tests: one simulator with its own certificate, plain HTTPS requests, and a user who consents.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { start } from '../lib/start.js';

export const OWNER = 'demo.owner@gmail.test';
export const SAM = 'sam.stylist@gmail.test';
export const CLIENT = { id: 'portico-demo.apps.googleusercontent.com', secret: 'portico-demo-secret' };
export const REDIRECT = 'https://localhost:1234/oauth/callback';
export const scope = (name) => `https://www.googleapis.com/auth/${name}`;

export function makeCertificate() {
    const folder = mkdtempSync(join(tmpdir(), 'google-sim-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync(
        'openssl',
        [
            'req',
            '-x509',
            '-newkey',
            'rsa:2048',
            '-nodes',
            '-days',
            '2',
            '-subj',
            '/CN=localhost',
            '-addext',
            'subjectAltName=DNS:localhost,DNS:people.googleapis.com,DNS:oauth2.googleapis.com',
            '-keyout',
            key,
            '-out',
            cert,
        ],
        { stdio: 'ignore' },
    );
    return {
        folder,
        keyFile: key,
        certFile: cert,
        key: readFileSync(key),
        cert: readFileSync(cert),
        remove: () => rmSync(folder, { recursive: true }),
    };
}

/** Starts a simulator for one test file; use as `const sim = await simulator(after)`. */
export async function simulator(after, settings = {}) {
    const certificate = makeCertificate();
    const running = await start({ cert: certificate.cert, key: certificate.key, ca: certificate.cert, ...settings });
    after(async () => {
        await running.stop();
        certificate.remove();
    });
    return new Caller(running, certificate);
}

export class Caller {
    constructor(running, certificate) {
        Object.assign(this, { running, certificate, world: running.world, url: running.url, ca: certificate.cert });
    }

    /** One request; body may be an object (JSON), URLSearchParams (form), Buffer or text. Never follows redirects. */
    async send(method, path, { token, headers = {}, body } = {}) {
        const all = { ...headers, ...(token && { authorization: `Bearer ${token}` }) };
        let bytes = body;
        if (body instanceof URLSearchParams) {
            all['content-type'] ??= 'application/x-www-form-urlencoded';
            bytes = body.toString();
        } else if (body && typeof body === 'object' && !Buffer.isBuffer(body)) {
            all['content-type'] ??= 'application/json';
            bytes = JSON.stringify(body);
        }
        return new Promise((resolve, reject) => {
            const request = https.request(
                this.url + path,
                { method, headers: all, ca: this.ca, agent: false },
                (answer) => {
                    const chunks = [];
                    answer.on('data', (chunk) => chunks.push(chunk));
                    answer.on('error', reject);
                    answer.on('end', () => {
                        try {
                            resolve(readAnswer(answer, Buffer.concat(chunks)));
                        } catch (error) {
                            reject(error);
                        }
                    });
                },
            );
            request.on('error', reject);
            request.end(bytes);
        });
    }

    get(path, token, headers) {
        return this.send('GET', path, { token, headers });
    }

    async sim(path, body) {
        const answer = await this.send(body === undefined ? 'GET' : 'POST', `/__sim/${path}`, { body });
        assert.equal(answer.status, 200, answer.text);
        return answer.json;
    }

    async state(account = OWNER) {
        const { accounts, violations } = await this.sim(`state?account=${encodeURIComponent(account)}`);
        return { ...accounts[0], violations };
    }

    authPath(scopes, more = {}) {
        const query = new URLSearchParams({
            client_id: CLIENT.id,
            redirect_uri: REDIRECT,
            response_type: 'code',
            scope: scopes.join(' '),
            state: 'st',
            access_type: 'offline',
            ...more,
        });
        return `/o/oauth2/v2/auth?${query}`;
    }

    /** Walks through account choice and consent; boxes: 'all' or scopes. Returns the callback's parameters. */
    async consent(path, { account = OWNER, boxes = 'all', decision = 'continue' } = {}) {
        let answer = await this.get(path);
        if (answer.text.includes('data-testid="account-')) {
            answer = await this.send('POST', '/o/oauth2/v2/auth/account', {
                body: new URLSearchParams({ request: requestId(answer), account }),
            });
        }
        if (answer.status === 200) {
            const body = new URLSearchParams({ request: requestId(answer), decision });
            const shown = [...answer.text.matchAll(/name="scope" value="([^"]+)"/g)].map((match) => match[1]);
            shown
                .filter((name) => boxes === 'all' || boxes.includes(name))
                .forEach((name) => body.append('scope', name));
            answer = await this.send('POST', '/o/oauth2/v2/auth/consent', { body });
        }
        assert.equal(answer.status, 302, answer.text);
        return new URL(answer.headers.location).searchParams;
    }

    exchange(code, more = {}) {
        return this.send('POST', '/token', {
            body: new URLSearchParams({
                grant_type: 'authorization_code',
                code,
                redirect_uri: REDIRECT,
                client_id: CLIENT.id,
                client_secret: CLIENT.secret,
                ...more,
            }),
        });
    }

    refresh(refreshToken, more = {}) {
        return this.send('POST', '/token', {
            body: new URLSearchParams({
                grant_type: 'refresh_token',
                refresh_token: refreshToken,
                client_id: CLIENT.id,
                client_secret: CLIENT.secret,
                ...more,
            }),
        });
    }

    /** Consents to all scopes with PKCE and returns the token response. */
    async connect(scopes, { account = OWNER, boxes = 'all', ...more } = {}) {
        const verifier = randomBytes(48).toString('base64url');
        const challenge = createHash('sha256').update(verifier).digest('base64url');
        const path = this.authPath(scopes, {
            prompt: 'consent',
            code_challenge: challenge,
            code_challenge_method: 'S256',
            ...more,
        });
        const answer = await this.consent(path, { account, boxes });
        const tokens = await this.exchange(answer.get('code'), { code_verifier: verifier });
        assert.equal(tokens.status, 200, tokens.text);
        return tokens.json;
    }
}

export function requestId(answer) {
    const id = answer.text.match(/name="request" value="([^"]+)"/)?.[1];
    assert.ok(id, `no form in: ${answer.text}`);
    return id;
}

function readAnswer(answer, body) {
    const text = body.toString('utf8');
    const isJson = answer.headers['content-type']?.includes('json');
    return {
        status: answer.statusCode,
        headers: answer.headers,
        body,
        text,
        json: isJson ? JSON.parse(text) : undefined,
    };
}

/** The reason of an error in any of Google's shapes. */
export function reasonOf(answer) {
    const { error } = answer.json;
    return typeof error === 'string'
        ? error
        : (error.details?.[0]?.reason ?? error.errors?.[0]?.reason ?? error.status);
}
