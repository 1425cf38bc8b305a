// SPDX-License-Identifier: Apache-2.0
// Faults on demand: a rule matches requests by method, path and account, counts the matches, and from the nth match on
// spoils `times` of them.
import { badRequest } from '../core/errors.js';

/** Ready answers, so that tests need not spell out Google's bodies. */
const PRESETS = {
    authError: [401, 'authError', 'Invalid Credentials'],
    rateLimitExceeded: [403, 'rateLimitExceeded', 'Rate Limit Exceeded', 'usageLimits'],
    userRateLimitExceeded: [403, 'userRateLimitExceeded', 'User Rate Limit Exceeded', 'usageLimits'],
    quotaExceeded: [403, 'quotaExceeded', 'Calendar usage limits exceeded.', 'usageLimits'],
    sharingRateLimitExceeded: [403, 'sharingRateLimitExceeded', 'Rate limit exceeded for sharing.', 'usageLimits'],
    storageQuotaExceeded: [403, 'storageQuotaExceeded', "The user's Drive storage quota has been exceeded."],
    accessNotConfigured: [403, 'accessNotConfigured', 'The API is not enabled in this project.', 'usageLimits'],
    tooManyRequests: [429, 'rateLimitExceeded', 'Too many requests', 'usageLimits', 'RESOURCE_EXHAUSTED'],
    backendError: [503, 'backendError', 'Backend Error'],
    fullSyncRequired: [410, 'fullSyncRequired', 'Sync token is no longer valid, a full sync is required.', 'calendar'],
};
const OAUTH_PRESETS = {
    invalid_grant: [400, { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' }],
    invalid_rapt: [
        400,
        { error: 'invalid_grant', error_description: 'reauth related error', error_subtype: 'invalid_rapt' },
    ],
    invalid_client: [401, { error: 'invalid_client', error_description: 'Unauthorized' }],
    temporarily_unavailable: [503, { error: 'temporarily_unavailable', error_description: 'Try again later' }],
};

export class FaultRules {
    #rules = [];

    /**
     * @param rule {match: {method?, path?, account?, nth?}, times?, respond}; path is exact, or a prefix when it ends
     *     with `*`. respond holds any of: preset, status, body, headers, applied, cut (before|after|mid), delayMs,
     *     hold, truncate, keepBytes
     */
    add({ match = {}, times = 1, respond = {} }) {
        const preset = respond.preset ? presetAnswer(respond.preset) : {};
        this.#rules.push({ match, left: times, seen: 0, respond: { ...preset, ...respond } });
    }

    clear() {
        this.#rules = [];
    }

    list() {
        return this.#rules;
    }

    /** The fault for this request, or null. Counts the request in every rule that matches it. */
    take({ method, path, account }) {
        let found = null;
        for (const rule of this.#rules) {
            if (!matches(rule.match, method, path, account)) continue;
            rule.seen += 1;
            if (found || rule.left <= 0 || rule.seen < (rule.match.nth ?? 1)) continue;
            rule.left -= 1;
            found = rule.respond;
        }
        return found;
    }
}

function matches(match, method, path, account) {
    if (match.method && match.method !== method) return false;
    if (match.account && match.account !== account) return false;
    if (!match.path) return true;
    return match.path.endsWith('*') ? path.startsWith(match.path.slice(0, -1)) : path === match.path;
}

function presetAnswer(name) {
    if (OAUTH_PRESETS[name]) {
        const [status, body] = OAUTH_PRESETS[name];
        return { status, body };
    }
    if (name === 'htmlError')
        return { status: 502, headers: { 'content-type': 'text/html' }, body: '<html><title>Error 502</title></html>' };
    if (!PRESETS[name]) throw badRequest(`unknown fault preset ${name}`);
    const [code, reason, message, domain = 'global', status] = PRESETS[name];
    return {
        status: code,
        body: { error: { code, message, errors: [{ domain, reason, message }], ...(status && { status }) } },
    };
}
