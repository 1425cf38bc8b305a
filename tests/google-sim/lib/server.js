// SPDX-License-Identifier: Apache-2.0
// The TLS server: one port for all of Google's hosts. Finds out who calls, applies faults, sends the request to its
// room, and keeps the request log (never bodies, never tokens).
import http2 from 'node:http2';
import { ApiError } from './core/errors.js';
import { apiOf } from './core/contract.js';
import { bearerOf, cut, cutInTheMiddle, readCall, readForm, send, truncate } from './core/http.js';
import { callApi } from './api.js';
import { control } from './control/control.js';
import { overview } from './control/overview.js';
import { oauthRoutes } from './oauth/routes.js';
import { continueUpload, isUploadSession } from './drive/upload.js';

const MUTATION = new Set(['POST', 'PATCH', 'PUT', 'DELETE']);
const SECRET_PARAMETERS = [
    'token',
    'access_token',
    'oauth_token',
    'refresh_token',
    'id_token',
    'code',
    'client_secret',
    'upload_id',
];

export function createServer(world, { cert, key, controlToken }) {
    const server = http2.createSecureServer({ cert, key, allowHTTP1: true });
    const sessions = new Set();
    server.on('session', (session) => {
        sessions.add(session);
        session.on('close', () => sessions.delete(session));
    });
    const sockets = new Set();
    server.on('secureConnection', (socket) => {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => sockets.delete(socket));
    });
    server.on('request', (req, res) => {
        res.on('error', () => {});
        res.setHeader('date', new Date(world.now()).toUTCString());
        serve(world, controlToken, req, res).catch((error) => {
            if (!(error instanceof ApiError)) world.violations.push(`internal: ${error.stack}`);
            const status = error instanceof ApiError ? error.status : 500;
            if (!res.headersSent) send(res, { status, body: { error: { code: status, message: error.message } } });
        });
    });
    server.stop = () =>
        new Promise((resolve) => {
            server.close(resolve);
            sessions.forEach((session) => session.destroy());
            sockets.forEach((socket) => socket.destroy());
        });
    return server;
}

async function serve(world, controlToken, req, res) {
    const skew = world.options.dateSkewSeconds;
    if (skew) res.setHeader('date', new Date(world.now() + skew * 1000).toUTCString());
    const call = await readCall(req).catch(() => null);
    // The client went away before its request was whole.
    if (!call) return res.stream ? cut(res) : res.destroy();
    if (call.path.startsWith('/__sim/')) return send(res, await control(world, controlToken, call));
    call.token = world.grants.access(bearerOf(call) ?? '');
    call.account = call.token?.account ?? accountOfForm(world, call);
    const started = Date.now();
    const fault = world.faults.take({ method: call.method, path: call.path, account: call.account?.email });
    const done = watchMutations(world, call);
    try {
        const status = await answer(world, call, res, fault);
        record(world, call, status, started, fault);
    } finally {
        done();
    }
    return undefined;
}

/** Answers with or without a fault; returns what the log shall show as status. */
async function answer(world, call, res, fault) {
    if (fault?.delayMs)
        await new Promise((resolve) => {
            setTimeout(resolve, fault.delayMs);
        });
    if (fault?.hold) await new Promise((resolve) => world.held.push(resolve));
    if (fault?.cut === 'before') {
        cut(res);
        return 'cut before';
    }
    if (fault?.status) {
        if (fault.keepBytes !== undefined) call.keepBytes = fault.keepBytes;
        if (fault.keepBytes !== undefined || fault.applied) await room(world, call);
        send(res, { status: fault.status, headers: fault.headers, body: fault.body ?? '' });
        return fault.status;
    }
    const response = await room(world, call);
    if (fault?.cut === 'after') cut(res);
    else if (fault?.cut === 'mid') cutInTheMiddle(res, response);
    else send(res, fault?.truncate ? truncate(response) : response);
    return fault?.cut ? `cut ${fault.cut}` : response.status;
}

function room(world, call) {
    if (isUploadSession(call)) return continueUpload(world, call);
    if (apiOf(call.path)) return callApi(world, call);
    return (
        oauthRoutes(world, call) ??
        overview(world, call) ?? { status: 404, body: { error: { code: 404, message: 'Not Found' } } }
    );
}

/** The token endpoint has no bearer: the account is that of the code or refresh token, so that faults can match. */
function accountOfForm(world, call) {
    if (call.path !== '/token' && call.path !== '/revoke') return null;
    const form = readForm(call);
    const { grants } = world;
    const token = form.get('token') ?? '';
    return (
        (
            grants.refresh(form.get('refresh_token') ?? token) ??
            grants.access(token) ??
            grants.peekCode(form.get('code') ?? '')
        )?.account ?? null
    );
}

/** Google asks for sequential contact mutations per user; two at once are written down as a violation. */
function watchMutations(world, call) {
    if (!call.account || apiOf(call.path) !== 'people' || !MUTATION.has(call.method)) return () => {};
    const { account } = call;
    account.mutationsInFlight += 1;
    if (account.mutationsInFlight > 1)
        world.violations.push(`parallel contact mutations for ${account.email}: ${call.method} ${call.path}`);
    return () => {
        account.mutationsInFlight -= 1;
    };
}

function record(world, call, status, started, fault) {
    const query = new URLSearchParams(call.search);
    SECRET_PARAMETERS.forEach((name) => {
        if (query.has(name)) query.set(name, '***');
    });
    const path = call.path;
    world.log({
        at: world.isoNow(),
        method: call.method,
        host: call.host,
        path,
        query: query.toString(),
        account: call.account?.email ?? null,
        client: call.token?.client.clientId ?? null,
        scopes: call.token?.scopes ?? [],
        operation: call.operation ?? null,
        status,
        ms: Date.now() - started,
        ...(fault && { fault: true }),
    });
    if (call.account) {
        const name = call.operation ?? `${call.method} ${path}`;
        call.account.counts[name] = (call.account.counts[name] ?? 0) + 1;
    }
}
