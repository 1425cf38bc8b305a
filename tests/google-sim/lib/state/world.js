// SPDX-License-Identifier: Apache-2.0
// Everything the simulator holds, in memory, for one process. All handlers run on the one event loop and change it
// synchronously, so no state is ever half changed between two requests.
import { Pager } from '../core/paging.js';
import { digest, randomDigits } from '../core/ids.js';
import { DEFAULT_SEED, seedAccount } from './seed.js';
import { GrantStore } from '../oauth/grants.js';
import { SigningKeys } from '../oauth/keys.js';
import { FaultRules } from '../control/faults.js';

const LOG_LIMIT = 20000;

export class World {
    /**
     * @param {{issuer: string, seed?: object, ca?: Buffer}} settings issuer is the OpenID issuer; seed is the content of a
     *     seed file; ca is trusted when posting to receivers
     */
    constructor(settings) {
        this.settings = settings;
        this.keys = new SigningKeys();
        this.reset();
    }

    /** Back to the built-in accounts and clients; issued tokens die with the old state. */
    reset() {
        const seed = { ...DEFAULT_SEED, ...this.settings.seed };
        this.clockOffset = 0;
        this.options = {
            rotateRefreshTokens: false,
            peopleSyncDelaySeconds: 0,
            unknownFields: false,
            watchSeconds: 604800, // the longest life of a watch channel
            disabledApis: [], // people, calendar, drive: not enabled in any project
            testingConsent: false, // the consent screen is in "Testing": permissions end after seven days
            dateSkewSeconds: 0, // how far ahead the Date header of every answer is
        };
        this.accounts = new Map();
        this.clients = new Map();
        this.grants = new GrantStore(this);
        this.faults = new FaultRules();
        this.pager = new Pager();
        this.pendingConsents = new Map();
        this.uploads = new Map();
        this.channels = new Map();
        this.release();
        this.requests = [];
        this.violations = [];
        this.lastStamp = 0;
        seed.clients.forEach((client) => this.addClient(client));
        seed.accounts.forEach((account) => this.addAccount(account));
    }

    /** Milliseconds since 1970 on the simulator's own clock. */
    now() {
        return Date.now() + this.clockOffset;
    }

    isoNow() {
        return new Date(this.now()).toISOString();
    }

    /** A number that grows with every call, for etags and versions. */
    stamp() {
        this.lastStamp = Math.max(this.lastStamp + 1, this.now() * 1000);
        return this.lastStamp;
    }

    /** Lets requests go on that a fault holds; returns how many there were. */
    release() {
        const held = this.held ?? [];
        this.held = [];
        held.forEach((resolve) => resolve());
        return held.length;
    }

    addClient(client) {
        this.clients.set(client.clientId, { project: client.clientId, redirectUris: [], ...client });
    }

    /** Adds an account with its primary calendar, Drive files and the given extras. */
    addAccount(given) {
        const account = {
            email: given.email,
            name: given.name ?? given.email.split('@')[0],
            sub:
                given.sub ??
                `1${digest('sha256', given.email)
                    .replace(/[^0-9]/g, '')
                    .padEnd(20, '7')
                    .slice(0, 20)}`,
            timeZone: given.timeZone ?? 'Europe/Berlin',
            refreshTokenLifeSeconds: given.refreshTokenLifeSeconds ?? null,
            contacts: new Map(),
            groups: new Map(),
            peopleSeq: 0,
            peopleTokensFrom: 0,
            calendars: new Map(),
            calendarListSeq: 0,
            calendarTokensFrom: 0,
            files: new Map(),
            driveSeq: 1,
            generatedIds: new Set(),
            usedIds: new Set(),
            removedFiles: [],
            mails: [],
            counts: {},
            mutationsInFlight: 0,
        };
        account.permissionId = randomDigits(20);
        this.accounts.set(account.email, account);
        seedAccount(this, account, given);
        return account;
    }

    accountBySub(sub) {
        return [...this.accounts.values()].find((account) => account.sub === sub);
    }

    mail(account, message) {
        account.mails.push({ at: this.isoNow(), from: account.email, ...message });
    }

    log(entry) {
        this.requests.push(entry);
        if (this.requests.length > LOG_LIMIT) this.requests.splice(0, LOG_LIMIT / 10);
    }
}
