// SPDX-License-Identifier: Apache-2.0
// Google's partial-response language: `a,b(c,d),items/id,*`. A selection that the schema does not know is 400.
import { typeOf } from './contract.js';
import { badRequest } from './errors.js';

/** Parses a mask into a tree {name: subtree | true}. */
export function parseFields(text) {
    let at = 0;
    const list = () => {
        const tree = {};
        for (;;) {
            const name = text.slice(at).match(/^[\w*.-]+/)?.[0];
            if (!name) throw bad(text);
            at += name.length;
            let sub = true;
            if (text[at] === '/') {
                at += 1;
                sub = single();
            } else if (text[at] === '(') {
                at += 1;
                sub = list();
                if (text[at] !== ')') throw bad(text);
                at += 1;
            }
            tree[name] = merge(tree[name], sub);
            if (text[at] !== ',') return tree;
            at += 1;
        }
    };
    const single = () => {
        const name = text.slice(at).match(/^[\w*.-]+/)?.[0];
        if (!name) throw bad(text);
        at += name.length;
        if (text[at] === '/') {
            at += 1;
            return { [name]: single() };
        }
        if (text[at] !== '(') return { [name]: true };
        at += 1;
        const sub = list();
        if (text[at] !== ')') throw bad(text);
        at += 1;
        return { [name]: sub };
    };
    const tree = list();
    if (at !== text.length) throw bad(text);
    return tree;
}

function bad(text) {
    return badRequest(`Invalid field selection ${text}`, 'invalidParameter', { location: 'fields' });
}

function merge(a, b) {
    if (a === undefined) return b;
    if (a === true || b === true) return true;
    return Object.fromEntries(
        [...new Set([...Object.keys(a), ...Object.keys(b)])].map((key) => [key, merge(a[key], b[key])]),
    );
}

/** Throws when the tree names something that the type does not have. */
export function checkFields(api, type, tree) {
    const properties = typeOf(api, type);
    for (const [name, sub] of Object.entries(tree)) {
        if (name === '*') continue;
        if (properties && !Object.hasOwn(properties, name)) throw bad(name);
        if (sub !== true && properties) checkFields(api, properties[name], sub);
    }
}

export function applyFields(tree, value) {
    if (tree === true || tree['*'] === true || value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((item) => applyFields(tree, item));
    const out = {};
    for (const [name, item] of Object.entries(value)) {
        const sub = tree[name] ?? tree['*'];
        if (sub) out[name] = applyFields(sub, item);
    }
    return out;
}
