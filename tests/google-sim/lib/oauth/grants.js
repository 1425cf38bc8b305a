// SPDX-License-Identifier: Apache-2.0
// Grants, codes and tokens. A grant belongs to (account, Cloud project): revoking any token of it kills them all,
// over all OAuth clients of that project. A token carries only the scopes of its own request.
import { randomText } from '../core/ids.js';

const CODE_LIFE_MS = 10 * 60 * 1000;
const ACCESS_LIFE_MS = 3599 * 1000;
const UNUSED_LIFE_MS = 182 * 86400 * 1000;
const TESTING_LIFE_SECONDS = 604799;
const LIVE_REFRESH_LIMIT = 100;

export class GrantStore {
    #world;
    #grants = new Map();
    #codes = new Map();
    #access = new Map();
    #refresh = new Map();

    constructor(world) {
        this.#world = world;
    }

    /** What tests look for where no token may be: the seed's tokenMark, and which kind of secret carries it. */
    #mark(kind) {
        const mark = this.#world.settings.seed?.tokenMark;
        return mark ? mark + kind : '';
    }

    /** The scopes ever granted by the account to the project and not revoked, or null. */
    find(account, project) {
        return this.#grants.get(`${account.sub} ${project}`) ?? null;
    }

    grantsOf(account) {
        return [...this.#grants.values()].filter((grant) => grant.account === account);
    }

    /** Records a consent; `first` on the result tells whether the project held nothing before. */
    record(account, project, scopes) {
        const key = `${account.sub} ${project}`;
        const known = this.#grants.get(key);
        const grant = known ?? { account, project, scopes: new Set(), since: this.#world.isoNow() };
        scopes.forEach((scope) => grant.scopes.add(scope));
        this.#grants.set(key, grant);
        return { grant, first: !known };
    }

    /** A one-use authorization code; details are what the token endpoint must check and hand out. */
    issueCode(details) {
        const code = `4/0A${this.#mark('C')}${randomText(48)}`;
        this.#codes.set(code, { ...details, expires: this.#world.now() + CODE_LIFE_MS });
        return code;
    }

    /** The details of a code, which is dead afterwards; null when unknown, used or too old. */
    takeCode(code) {
        const details = this.#codes.get(code);
        this.#codes.delete(code);
        return details && details.expires > this.#world.now() ? details : null;
    }

    peekCode(code) {
        return this.#codes.get(code) ?? null;
    }

    issueAccess({ account, client, scopes, offline, refresh }) {
        const token = {
            text: `ya29.a0${this.#mark('A')}${randomText(96)}`,
            account,
            client,
            project: client.project,
            scopes: [...scopes],
            offline,
            refresh: refresh ?? null,
            expires: this.#world.now() + ACCESS_LIFE_MS,
        };
        this.#access.set(token.text, token);
        return { ...token, expiresIn: ACCESS_LIFE_MS / 1000 };
    }

    /** Seconds, or null for no end. In Testing seven days, unless nothing but sign-in was asked for. */
    refreshLife(account, scopes) {
        const signInOnly = scopes.every((scope) => scope === 'openid' || scope.includes('/auth/userinfo.'));
        if (this.#world.options.testingConsent && !signInOnly) return TESTING_LIFE_SECONDS;
        return account.refreshTokenLifeSeconds;
    }

    issueRefresh({ account, client, scopes }) {
        const now = this.#world.now();
        const life = this.refreshLife(account, scopes);
        const token = {
            text: `1//0${this.#mark('R')}${randomText(64)}`,
            account,
            client,
            project: client.project,
            scopes: [...scopes],
            lastUsed: now,
            expires: life === null ? Infinity : now + life * 1000,
        };
        this.#refresh.set(token.text, token);
        this.#evict(account, client);
        return token;
    }

    #evict(account, client) {
        const live = [...this.#refresh.values()].filter(
            (token) => token.account === account && token.client === client,
        );
        live.slice(0, Math.max(0, live.length - LIVE_REFRESH_LIMIT)).forEach((token) =>
            this.#refresh.delete(token.text),
        );
    }

    /** A live access token or null. */
    access(text) {
        const token = this.#access.get(text);
        if (!token || token.expires <= this.#world.now()) return null;
        return token;
    }

    /** A live refresh token or null; does not count as use. */
    refresh(text) {
        const token = this.#refresh.get(text);
        const now = this.#world.now();
        if (!token || token.expires <= now || token.lastUsed + UNUSED_LIFE_MS < now) return null;
        return token;
    }

    /** The account's newest live refresh token, or null. */
    newestRefresh(account) {
        return [...this.#refresh.values()].findLast((token) => token.account === account) ?? null;
    }

    used(token) {
        token.lastUsed = this.#world.now();
    }

    forgetRefresh(token) {
        this.#refresh.delete(token.text);
    }

    /** Ends everything the account gave to the project of this token; false when the token is not live. */
    revokeByToken(text) {
        const token = this.access(text) ?? this.refresh(text);
        if (!token) return false;
        this.revoke(token.account, token.project);
        return true;
    }

    revoke(account, project) {
        this.#grants.delete(`${account.sub} ${project}`);
        for (const table of [this.#access, this.#refresh, this.#codes]) {
            for (const [text, token] of table) {
                if (token.account === account && (token.project ?? token.client.project) === project)
                    table.delete(text);
            }
        }
    }

    /** Counts for the pages and the state dump; never the tokens. */
    summary(account) {
        return this.grantsOf(account).map((grant) => {
            const own = (token) => token.account === account && token.project === grant.project;
            return {
                project: grant.project,
                since: grant.since,
                scopes: [...grant.scopes],
                refreshTokens: [...this.#refresh.values()].filter(own).map((token) => ({
                    clientId: token.client.clientId,
                    scopes: token.scopes,
                })),
                accessTokens: [...this.#access.values()].filter((token) => own(token) && this.access(token.text))
                    .length,
            };
        });
    }

    /** Makes access tokens die early, as when Google's clock or a policy ends them. */
    expireAccess(account) {
        for (const token of this.#access.values()) if (!account || token.account === account) token.expires = 0;
    }
}
