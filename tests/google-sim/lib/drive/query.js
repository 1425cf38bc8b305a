// SPDX-License-Identifier: Apache-2.0
// The search language of files.list, as far as a plugin needs it: terms joined by and, or, not and parentheses.
import { badRequest } from '../core/errors.js';
import { rootId } from './model.js';

const TOKEN = /\s*(?:('(?:[^'\\]|\\.)*')|(<=|>=|!=|[=<>(){}])|([A-Za-z]+))/y;
const ORDER = {
    '=': (a, b) => a === b,
    '!=': (a, b) => a !== b,
    '<': (a, b) => a < b,
    '<=': (a, b) => a <= b,
    '>': (a, b) => a > b,
    '>=': (a, b) => a >= b,
};

/** A predicate over stored files; 400 when the text cannot be read. */
export function readSearch(text, context) {
    const tokens = tokenize(text);
    let at = 0;
    const fail = () => badRequest('Invalid Value', 'invalid', { location: 'q' });
    const take = (wanted) => {
        const token = tokens[at];
        if (token === undefined || (wanted && token !== wanted)) throw fail();
        at += 1;
        return token;
    };
    const value = () => {
        const token = take();
        if (token === 'true' || token === 'false') return token === 'true';
        if (!token.startsWith("'")) throw fail();
        return token.slice(1, -1).replace(/\\(.)/g, '$1');
    };
    const term = () => {
        if (tokens[at] === 'not') {
            take();
            const inner = term();
            return (file) => !inner(file);
        }
        if (tokens[at] === '(') {
            take();
            const inner = either();
            take(')');
            return inner;
        }
        if (tokens[at]?.startsWith("'")) {
            const id = value();
            take('in');
            return memberTest(take(), id, context, fail);
        }
        return fieldTest(take(), take, value, context, fail);
    };
    const both = () => chain(term, 'and', (a, b) => (file) => a(file) && b(file));
    const either = () => chain(both, 'or', (a, b) => (file) => a(file) || b(file));
    const chain = (next, word, join) => {
        let left = next();
        while (tokens[at] === word) {
            take();
            left = join(left, next());
        }
        return left;
    };
    const result = either();
    if (at !== tokens.length) throw fail();
    return result;
}

function tokenize(text) {
    const tokens = [];
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.trimEnd().length) {
        const match = TOKEN.exec(text);
        if (!match) throw badRequest('Invalid Value', 'invalid', { location: 'q' });
        tokens.push(match[1] ?? match[2] ?? match[3]);
    }
    return tokens;
}

function memberTest(collection, id, { account }, fail) {
    const wanted = id === 'root' ? rootId(account) : id;
    if (collection === 'parents') return (file) => file.parents.includes(wanted);
    if (collection === 'owners') return (file) => file.owner.email === (id === 'me' ? account.email : id);
    throw fail();
}

function fieldTest(field, take, value, { project }, fail) {
    const operator = take();
    if (field === 'appProperties' || field === 'properties') {
        if (operator !== 'has') throw fail();
        return propertyTest(field, take, value, project);
    }
    const wanted = value();
    if (['name', 'mimeType'].includes(field) && operator === 'contains') {
        return (file) => file[field].toLowerCase().includes(wanted.toLowerCase());
    }
    if (['name', 'mimeType'].includes(field) && ['=', '!='].includes(operator))
        return (file) => ORDER[operator](file[field], wanted);
    if (['trashed', 'starred'].includes(field) && ['=', '!='].includes(operator))
        return (file) => ORDER[operator](Boolean(file[field]), wanted);
    if (['modifiedTime', 'createdTime'].includes(field) && ORDER[operator]) {
        return (file) => ORDER[operator](Date.parse(file[field]), Date.parse(wanted));
    }
    throw fail();
}

function propertyTest(field, take, value, project) {
    take('{');
    take('key');
    take('=');
    const key = value();
    take('and');
    take('value');
    take('=');
    const wanted = value();
    take('}');
    return (file) => (field === 'properties' ? file.properties : file.appProperties.get(project))?.[key] === wanted;
}
