// SPDX-License-Identifier: Apache-2.0
// The contract with Google's discovery documents: which methods exist, which query parameters and body properties
// they know, which scopes they accept. The simulator is stricter than Google on purpose: what is unknown is refused.
import { readFileSync } from 'node:fs';
import { badRequest } from './errors.js';

const DATA = JSON.parse(readFileSync(new URL('../../discovery/methods.json', import.meta.url), 'utf8'));
const SCOPE_PREFIX = 'https://www.googleapis.com/auth/';
const SEGMENT = { people: '([^/:]+)', calendar: '([^/]+)', drive: '([^/]+)' };

const routes = Object.entries(DATA)
    .flatMap(([api, { methods }]) =>
        Object.entries(methods).flatMap(([id, spec]) => {
            const route = { api, id, spec, media: false, ...pattern(api, spec.path), verb: spec.verb };
            if (!spec.upload) return [route];
            return [route, { ...route, ...pattern(api, spec.upload), media: true }];
        }),
    )
    .sort((a, b) => a.names.length - b.names.length);

function pattern(api, path) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    const escaped = path.replace(/[.:]/g, '\\$&').replace(/\{\w+\}/g, SEGMENT[api]);
    return { names, regex: new RegExp(`^${escaped}$`) };
}

/** Every scope any known method accepts, in full form. */
export const knownScopes = new Set(routes.flatMap((route) => route.spec.scopes.map(fullScope)));

export function fullScope(scope) {
    return scope === 'openid' || scope.includes('://') ? scope : SCOPE_PREFIX + scope;
}

/** Which of Google's APIs a path belongs to, or null. */
export function apiOf(path) {
    if (path.startsWith('/calendar/v3/')) return 'calendar';
    if (path.startsWith('/drive/v3/') || path.startsWith('/upload/drive/v3/')) return 'drive';
    if (/^\/v1\/(people|contactGroups|otherContacts)([/:]|$)/.test(path)) return 'people';
    return null;
}

export function findRoute(verb, path) {
    for (const route of routes) {
        if (route.verb !== verb) continue;
        const match = path.match(route.regex);
        if (!match) continue;
        const params = Object.fromEntries(route.names.map((name, i) => [name, decodePath(match[i + 1])]));
        return { ...route, params };
    }
    return null;
}

export function decodePath(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        throw badRequest('Malformed percent-encoding in the path.');
    }
}

/** Query parameters by name, typed; unknown names, bad values and forbidden repetition are 400. */
export function readQuery(route, search) {
    const query = {};
    for (const name of new Set(search.keys())) {
        const declared = Object.hasOwn(route.spec.query, name) ? route.spec.query[name] : null;
        if (!declared) {
            if (DATA[route.api].common.includes(name) || (route.media && name === 'upload_id')) {
                query[name] = search.get(name);
                continue;
            }
            throw badRequest(`Unknown query parameter "${name}" for ${route.id}`, 'invalidParameter', {
                location: name,
            });
        }
        const values = search.getAll(name).map((text) => typed(name, declared, text));
        if (declared.split('=')[0].endsWith('*')) query[name] = values;
        else if (values.length === 1) [query[name]] = values;
        else
            throw badRequest(`Parameter "${name}" was given ${values.length} times`, 'invalidParameter', {
                location: name,
            });
    }
    return query;
}

function typed(name, declared, text) {
    const [type, choices] = declared.replace('*', '').split('=');
    const refuse = () => badRequest(`Invalid value for ${name}: "${text}"`, 'invalidParameter', { location: name });
    if (choices && !choices.split('|').includes(text)) throw refuse();
    if (type === 'integer') {
        if (!/^-?\d+$/.test(text)) throw refuse();
        return Number(text);
    }
    if (type === 'boolean') {
        if (text !== 'true' && text !== 'false') throw refuse();
        return text === 'true';
    }
    return text;
}

/** A JSON body that fits the method's request schema. */
export function checkedJson(route, raw) {
    let body;
    try {
        body = JSON.parse(raw.toString('utf8') || '{}');
    } catch {
        throw badRequest('Invalid JSON payload received.', 'parseError');
    }
    const problems =
        body === null ? ['$: must be an object'] : schemaProblems(route.api, `#${route.spec.request}`, body);
    if (problems.length) throw badRequest(`Invalid JSON payload received. ${problems.join('; ')}`);
    return body;
}

/** What a type text refers to: an object of properties, or null when it is a plain value. */
export function typeOf(api, type) {
    if (typeof type !== 'string') return type['[]'] ? typeOf(api, type['[]']) : type;
    const bare = type.replace(/^(\[\]|\{\})+/, '');
    return bare.startsWith('#') ? DATA[api].schemas[bare.slice(1)] : null;
}

/** Problems of a JSON value against a schema, as texts. A property or plain map value may be null: that clears it. */
export function schemaProblems(api, type, value, path = '$') {
    if (value === null || value === undefined) return [];
    if (typeof type === 'object' && type['[]']) return listProblems(api, type['[]'], value, path);
    if (typeof type === 'object') return objectProblems(api, type, value, path);
    if (type.startsWith('[]')) return listProblems(api, type.slice(2), value, path);
    if (type.startsWith('{}')) {
        if (!isObject(value)) return [`${path}: must be an object`];
        const inner = type.slice(2);
        return Object.entries(value).flatMap(([key, item]) =>
            item === null && inner.startsWith('#')
                ? [`${path}.${key}: must not be null`]
                : schemaProblems(api, inner, item, `${path}.${key}`),
        );
    }
    if (type.startsWith('#')) return objectProblems(api, DATA[api].schemas[type.slice(1)], value, path);
    return scalarProblems(type, value, path);
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

function listProblems(api, type, value, path) {
    if (!Array.isArray(value)) return [`${path}: must be an array`];
    return value.flatMap((item, i) =>
        item === null ? [`${path}[${i}]: must not be null`] : schemaProblems(api, type, item, `${path}[${i}]`),
    );
}

function objectProblems(api, properties, value, path) {
    if (!isObject(value)) return [`${path}: must be an object`];
    return Object.entries(value).flatMap(([key, item]) =>
        Object.hasOwn(properties, key)
            ? schemaProblems(api, properties[key], item, `${path}.${key}`)
            : [`${path}: unknown name "${key}"`],
    );
}

const SCALARS = {
    string: (value) => typeof value === 'string',
    int64: (value) => typeof value === 'string' && /^-?\d+$/.test(value),
    boolean: (value) => typeof value === 'boolean',
    integer: (value) => Number.isInteger(value),
    number: (value) => typeof value === 'number',
    date: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value),
    'date-time': (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value),
};

function scalarProblems(type, value, path) {
    const check = SCALARS[type];
    return !check || check(value) ? [] : [`${path}: ${JSON.stringify(value)} is not of type ${type}`];
}
