// SPDX-License-Identifier: Apache-2.0
// What every call of People, Calendar and Drive goes through: method known, bearer, query, scope, body, handler,
// partial response, error shape. Answers that break Google's schema are written down as violations of the simulator.
import { ApiError, apiDisabled, badRequest, errorBody, insufficientScope, notFound, unauthenticated } from './core/errors.js';
import { apiOf, checkedJson, findRoute, fullScope, readQuery, schemaProblems } from './core/contract.js';
import { applyFields, checkFields, parseFields } from './core/fields.js';
import { peopleMethods } from './people/people.js';
import { contactBatchMethods } from './people/batch.js';
import { contactGroupMethods } from './people/groups.js';
import { calendarMethods } from './calendar/calendars.js';
import { eventMethods } from './calendar/events.js';
import { eventListMethods } from './calendar/list.js';
import { watchMethods } from './calendar/watch.js';
import { freeBusyMethods } from './calendar/freebusy.js';
import { fileMethods, DEFAULT_FIELDS } from './drive/files.js';
import { uploadBody } from './drive/upload.js';
import { permissionMethods } from './drive/permissions.js';
import { changeMethods } from './drive/changes.js';

const HANDLERS = {
    ...peopleMethods,
    ...contactBatchMethods,
    ...contactGroupMethods,
    ...calendarMethods,
    ...eventMethods,
    ...eventListMethods,
    ...freeBusyMethods,
    ...watchMethods,
    ...fileMethods,
    ...permissionMethods,
    ...changeMethods,
};
/** Without a mask most methods answer with everything. */
const EVERYTHING = '*';

export async function callApi(world, call) {
    const api = apiOf(call.path);
    if (call.token && world.options.disabledApis.includes(api)) return apiDisabled(api, call.token.project);
    try {
        return await dispatch(world, call);
    } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return { status: error.status, headers: error.headers, body: errorBody(api, error) };
    }
}

async function dispatch(world, call) {
    if (!call.token) throw unauthenticated();
    const route = findRoute(call.method, call.path);
    if (!route) throw notFound(`The simulator has no method ${call.method} ${call.path}`);
    call.operation = route.id;
    const query = readQuery(route, call.search);
    const scopes = call.token.scopes.filter((scope) =>
        route.spec.scopes.some((accepted) => fullScope(accepted) === scope),
    );
    if (!scopes.length) throw insufficientScope(route.id);
    const tree = fieldTree(route, query);
    const context = {
        world,
        call,
        route,
        query,
        scopes,
        params: route.params,
        headers: call.headers,
        account: call.account,
        project: call.token.project,
        hasScope: (...names) => names.some((name) => scopes.includes(fullScope(name))),
    };
    Object.assign(context, route.media ? uploadBody(context) : { body: jsonBody(route, call) });
    const response = await HANDLERS[route.id](context);
    return finish(world, route, tree, response);
}

function jsonBody(route, call) {
    if (!route.spec.request || !call.raw.length) return {};
    return checkedJson(route, call.raw);
}

function fieldTree(route, query) {
    const text = query.fields ?? DEFAULT_FIELDS[route.id] ?? EVERYTHING;
    if (text === 'required') {
        throw badRequest("The 'fields' parameter is required for this method.", 'required', { location: 'fields' });
    }
    const tree = parseFields(text);
    if (route.spec.response) checkFields(route.api, `#${route.spec.response}`, tree);
    return tree;
}

function finish(world, route, tree, response) {
    const body = response?.body;
    if (response.raw || body === undefined) return response;
    const problems = schemaProblems(route.api, `#${route.spec.response ?? 'Empty'}`, body);
    if (route.spec.response && problems.length)
        world.violations.push(`answer of ${route.id}: ${problems.slice(0, 5).join('; ')}`);
    const shown = applyFields(tree, body);
    return {
        status: response.status ?? 200,
        headers: response.headers,
        body: world.options.unknownFields ? spoiled(shown) : shown,
    };
}

/** Adds fields that no client knows, at the top and in the items of lists: clients must ignore them. */
function spoiled(body) {
    const extra = { xNewField: { added: true } };
    const lists = Object.entries(body).filter(([, value]) => Array.isArray(value) && typeof value[0] === 'object');
    return {
        ...body,
        ...Object.fromEntries(lists.map(([name, items]) => [name, items.map((item) => ({ ...item, ...extra }))])),
        ...extra,
    };
}
