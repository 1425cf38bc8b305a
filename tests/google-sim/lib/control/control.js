// SPDX-License-Identifier: Apache-2.0
// The control endpoints under /__sim/: look at everything, edit as a user would on their own phone, make faults,
// move the clock. Not part of Google.
import { timingSafeEqual } from 'node:crypto';
import { ApiError } from '../core/errors.js';
import { notifyAgain } from '../calendar/watch.js';
import { stateOf } from './state.js';
import { editCalendars, editContacts, editEvents, editFiles } from './edits.js';
import { sendSecurityEvent } from './risc.js';

export async function control(world, token, call) {
    if (token && !sameText(String(call.headers['x-sim-token'] ?? ''), token))
        return { status: 403, body: { error: 'X-Sim-Token is missing or wrong' } };
    const handler = HANDLERS[`${call.method} ${call.path.slice('/__sim/'.length)}`];
    if (!handler) return { status: 404, body: { error: `no control endpoint ${call.method} ${call.path}` } };
    try {
        const body = call.raw.length ? JSON.parse(call.raw.toString('utf8')) : {};
        return { status: 200, body: (await handler(world, body, call.search)) ?? { ok: true } };
    } catch (error) {
        const known = error instanceof ApiError || error instanceof ControlError || error instanceof SyntaxError;
        return { status: known ? 400 : 500, body: { error: known ? error.message : error.stack } };
    }
}

class ControlError extends Error {}

function sameText(a, b) {
    const [x, y] = [Buffer.from(a), Buffer.from(b)];
    return x.length === y.length && timingSafeEqual(x, y);
}

function accountOf(world, email) {
    const account = world.accounts.get(email);
    if (!account) throw new ControlError(`no account ${email}`);
    return account;
}

const HANDLERS = {
    'GET state': (world, body, query) =>
        stateOf(world, query.get('account') ? accountOf(world, query.get('account')) : null),
    'GET requests': (world) => ({ requests: world.requests }),
    'POST requests/clear': (world) => {
        world.requests = [];
    },
    'POST reset': (world) => world.reset(),
    'POST accounts': addAccount,
    'POST clients': (world, body) => {
        if (!body.clientId || !body.clientSecret) throw new ControlError('a client needs clientId and clientSecret');
        world.addClient(body);
    },
    'POST contacts': (world, body) => editContacts(world, accountOf(world, body.account), body),
    'POST events': (world, body) => editEvents(world, accountOf(world, body.account), body),
    'POST calendars': (world, body) => editCalendars(world, accountOf(world, body.account), body),
    'POST files': (world, body) => editFiles(world, accountOf(world, body.account), body),
    'POST revoke': revoke,
    'POST faults': (world, body) => {
        const rules = Array.isArray(body) ? body : [body];
        rules.forEach((rule) => world.faults.add(rule));
    },
    'POST release': (world) => ({ released: world.release() }),
    'POST faults/clear': (world) => world.faults.clear(),
    'GET faults': (world) => ({ faults: world.faults.list() }),
    'POST clock': (world, body) => {
        if (!Number.isFinite(body.advanceSeconds)) throw new ControlError('advanceSeconds must be a number');
        world.clockOffset += body.advanceSeconds * 1000;
        return { now: world.isoNow() };
    },
    'POST expire-sync-tokens': expireSyncTokens,
    'POST expire-access-tokens': (world, body) =>
        world.grants.expireAccess(body.account ? accountOf(world, body.account) : null),
    'POST rotate-keys': (world) => world.keys.rotate(),
    'POST options': (world, body) => {
        const unknown = Object.keys(body).filter((name) => !Object.hasOwn(world.options, name));
        if (unknown.length) throw new ControlError(`unknown options: ${unknown.join(', ')}`);
        Object.assign(world.options, body);
        return world.options;
    },
    'POST notify': (world, body) => notifyAgain(world, accountOf(world, body.account), body.times ?? 1),
    'POST risc': (world, body) => sendSecurityEvent(world, accountOf(world, body.account), body),
};

function addAccount(world, body) {
    if (!/^[^@\s]+@[^@\s]+$/.test(body.email ?? '')) throw new ControlError('an account needs an email');
    if (world.accounts.has(body.email)) throw new ControlError(`the account ${body.email} exists already`);
    const { email, sub } = world.addAccount(body);
    return { email, sub };
}

function revoke(world, body) {
    const account = accountOf(world, body.account);
    const grants = world.grants.grantsOf(account).filter((grant) => !body.project || grant.project === body.project);
    grants.forEach((grant) => world.grants.revoke(account, grant.project));
    return { revoked: grants.map((grant) => grant.project) };
}

function expireSyncTokens(world, body) {
    const accounts = body.account ? [accountOf(world, body.account)] : [...world.accounts.values()];
    for (const account of accounts) {
        if (body.api !== 'calendar') account.peopleTokensFrom += 1;
        if (body.api !== 'people') account.calendarTokensFrom += 1;
    }
}
