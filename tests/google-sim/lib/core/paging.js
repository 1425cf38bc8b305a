// SPDX-License-Identifier: Apache-2.0
// Page tokens (a frozen list kept on this side) and sync tokens (a signed-looking text that names a sequence number).
import { randomText } from './ids.js';
import { badRequest } from './errors.js';

const KEPT_LISTS = 200;

export class Pager {
    #lists = new Map();

    /**
     * One page of a list.
     * @param token the request's page token or undefined
     * @param key a text of all parameters that must stay the same while paging
     * @param size page size
     * @param open called for the first page: returns {items, extra}; extra comes back with every page
     * @returns {items, extra, next} next is undefined on the last page
     */
    page(token, key, size, open) {
        const list = token ? this.#find(token, key) : { ...open(), at: 0, key };
        const items = list.items.slice(list.at, list.at + size);
        const at = list.at + size;
        if (at >= list.items.length) return { items, extra: list.extra };
        const next = `CI${randomText(18)}`;
        this.#lists.set(next, { ...list, at });
        if (this.#lists.size > KEPT_LISTS) this.#lists.delete(this.#lists.keys().next().value);
        return { items, extra: list.extra, next };
    }

    #find(token, key) {
        const list = this.#lists.get(token);
        if (!list) throw badRequest('Invalid page token.', 'invalid', { location: 'pageToken' });
        if (list.key !== key) {
            throw badRequest('The page token was issued for other request parameters.', 'invalid', {
                location: 'pageToken',
            });
        }
        return list;
    }
}

export function encodeSyncToken(fields) {
    return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/** The token's fields or null when it is not one of ours. */
export function decodeSyncToken(text) {
    try {
        const fields = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
        return typeof fields === 'object' ? fields : null;
    } catch {
        return null;
    }
}

/** Parameters as one stable text, without those that may differ. */
export function parameterKey(query, ...without) {
    const entries = Object.entries(query).filter(([name]) => !without.includes(name));
    return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
