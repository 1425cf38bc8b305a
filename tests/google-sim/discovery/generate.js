// SPDX-License-Identifier: Apache-2.0
// Reduces Google's discovery documents to what the simulator checks, and writes methods.json beside this file.
// Run it when a method is added:   SIM_DISCOVERY_DIR=/folder/with/discovery/files node discovery/generate.js
// The folder holds people.v1.json, calendar.v3.json and drive.v3.json as Google publishes them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WANTED = {
    people: {
        file: 'people.v1.json',
        methods: [
            'people.people.get',
            'people.people.getBatchGet',
            'people.people.createContact',
            'people.people.updateContact',
            'people.people.deleteContact',
            'people.people.batchCreateContacts',
            'people.people.batchUpdateContacts',
            'people.people.batchDeleteContacts',
            'people.people.connections.list',
            'people.contactGroups.list',
            'people.contactGroups.get',
            'people.contactGroups.batchGet',
            'people.contactGroups.create',
            'people.contactGroups.update',
            'people.contactGroups.delete',
            'people.contactGroups.members.modify',
        ],
    },
    calendar: {
        file: 'calendar.v3.json',
        methods: [
            'calendar.calendarList.list',
            'calendar.calendarList.get',
            'calendar.calendars.get',
            'calendar.calendars.insert',
            'calendar.calendars.patch',
            'calendar.calendars.delete',
            'calendar.events.list',
            'calendar.events.get',
            'calendar.events.insert',
            'calendar.events.patch',
            'calendar.events.update',
            'calendar.events.delete',
            'calendar.events.instances',
            'calendar.events.watch',
            'calendar.channels.stop',
            'calendar.freebusy.query',
        ],
    },
    drive: {
        file: 'drive.v3.json',
        methods: [
            'drive.about.get',
            'drive.files.list',
            'drive.files.get',
            'drive.files.create',
            'drive.files.update',
            'drive.files.delete',
            'drive.files.generateIds',
            'drive.permissions.list',
            'drive.permissions.get',
            'drive.permissions.create',
            'drive.permissions.update',
            'drive.permissions.delete',
            'drive.changes.getStartPageToken',
            'drive.changes.list',
        ],
    },
};
// Tokens belong in the Authorization header, never in an address, so those parameters count as unknown here.
const REFUSED = new Set(['access_token', 'oauth_token']);

function walk(resource, visit) {
    Object.values(resource.methods ?? {}).forEach(visit);
    Object.values(resource.resources ?? {}).forEach((child) => walk(child, visit));
}

/** One property as text: `string`, `int64`, `#Ref`, `[]...`, `{}...`; an inline object stays an object. */
function compact(schema) {
    if (schema.$ref) return `#${schema.$ref}`;
    if (schema.type === 'array') return prefixed('[]', compact(schema.items));
    if (schema.type === 'object') {
        if (schema.properties) return properties(schema);
        return schema.additionalProperties ? prefixed('{}', compact(schema.additionalProperties)) : 'object';
    }
    if (['int64', 'uint64'].includes(schema.format)) return 'int64';
    if (['date-time', 'google-datetime', 'date'].includes(schema.format))
        return schema.format.replace('google-', 'date-').replace('date-datetime', 'date-time');
    return schema.type;
}

function prefixed(prefix, inner) {
    return typeof inner === 'string' ? prefix + inner : { [prefix]: inner };
}

function properties(schema) {
    return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, value]) => [name, compact(value)]));
}

function references(node, found) {
    if (typeof node === 'string') {
        const name = node.match(/#(\w+)$/)?.[1];
        if (name) found.push(name);
    } else Object.values(node).forEach((value) => references(value, found));
    return found;
}

function queryOf(method) {
    const query = {};
    for (const [name, spec] of Object.entries(method.parameters ?? {})) {
        if (spec.location !== 'query') continue;
        query[name] = spec.type + (spec.repeated ? '*' : '') + (spec.enum ? `=${spec.enum.join('|')}` : '');
    }
    return query;
}

function reduce(document, wanted) {
    const methods = {};
    walk(document, (method) => {
        if (!wanted.includes(method.id)) return;
        methods[method.id] = {
            verb: method.httpMethod,
            path: `/${document.servicePath}${method.flatPath ?? method.path}`,
            query: queryOf(method),
            scopes: method.scopes.map((scope) => scope.replace('https://www.googleapis.com/auth/', '')),
            ...(method.request && { request: method.request.$ref }),
            ...(method.response && { response: method.response.$ref }),
            ...(method.mediaUpload && { upload: method.mediaUpload.protocols.simple.path }),
        };
    });
    const missing = wanted.filter((id) => !methods[id]);
    if (missing.length) throw new Error(`not in ${document.id}: ${missing.join(', ')}`);
    const schemas = {};
    const queue = Object.values(methods).flatMap((method) => [method.request, method.response].filter(Boolean));
    for (const name of queue) {
        if (schemas[name]) continue;
        schemas[name] = properties(document.schemas[name]);
        queue.push(...references(schemas[name], []));
    }
    const common = Object.keys(document.parameters).filter((name) => !REFUSED.has(name));
    return { revision: document.revision, common, methods, schemas };
}

const folder = process.env.SIM_DISCOVERY_DIR;
if (!folder)
    throw new Error('set SIM_DISCOVERY_DIR to the folder that holds people.v1.json, calendar.v3.json, drive.v3.json');
const result = {};
for (const [api, { file, methods }] of Object.entries(WANTED)) {
    result[api] = reduce(JSON.parse(readFileSync(join(folder, file), 'utf8')), methods);
}
const lines = Object.entries(result).map(([api, data]) => {
    const rows = (table) =>
        Object.entries(table)
            .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
            .join(',\n');
    const head = `"${api}":{"revision":"${data.revision}","common":${JSON.stringify(data.common)}`;
    return `${head},\n"methods":{\n${rows(data.methods)}},\n"schemas":{\n${rows(data.schemas)}}}`;
});
writeFileSync(new URL('methods.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
