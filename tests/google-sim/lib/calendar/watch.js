// SPDX-License-Identifier: Apache-2.0
// Watch channels of calendars: real POSTs without a body, numbered, `sync` first. Lost posts are not repeated here.
import { request as httpsRequest } from 'node:https';
import { ApiError, badRequest, notFound } from '../core/errors.js';
import { digest } from '../core/ids.js';
import { openCalendar } from './calendars.js';

const API = 'https://www.googleapis.com/calendar/v3';
/** The simulator never talks to the world outside; channels to other hosts exist but stay silent. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

function watch(context) {
    const { world, account, body, project } = context;
    const { calendar } = openCalendar(context);
    if (!/^[\w+/=-]{1,64}$/.test(body.id ?? '')) throw badRequest('Channel id is missing or not valid.', 'required');
    if (body.type !== 'web_hook') throw badRequest(`Unknown channel type ${body.type}.`, 'unknownChannelType');
    if (!/^https:\/\//.test(body.address ?? ''))
        throw badRequest('WebHook callback must be HTTPS.', 'push.webhookUrlNotHttps');
    if (world.channels.has(body.id)) throw badRequest('Channel id not unique', 'channelIdNotUnique');
    const seconds = Math.min(Number(body.params?.ttl ?? Infinity), world.options.watchSeconds);
    const channel = {
        id: body.id,
        token: body.token,
        address: body.address,
        project,
        account,
        calendar,
        number: 0,
        posts: [],
        resourceId: digest('sha1', `${account.sub} ${calendar.id}`, 'base64url'),
        expiration: world.now() + seconds * 1000,
        resourceUri: `${API}/calendars/${encodeURIComponent(calendar.id)}/events?alt=json`,
    };
    world.channels.set(channel.id, channel);
    post(world, channel, 'sync');
    return {
        body: {
            kind: 'api#channel',
            id: channel.id,
            resourceId: channel.resourceId,
            resourceUri: channel.resourceUri,
            expiration: String(channel.expiration),
            ...(channel.token && { token: channel.token }),
        },
    };
}

function stop({ world, project, body }) {
    const channel = world.channels.get(body.id);
    if (!channel || channel.resourceId !== body.resourceId || channel.project !== project) {
        throw body.id
            ? notFound(`Channel '${body.id}' not found for project '${project}'`)
            : new ApiError(400, 'required', 'Channel id missing');
    }
    world.channels.delete(body.id);
    return { status: 204 };
}

export function notifyChannels(world, calendar) {
    for (const channel of world.channels.values()) {
        if (channel.calendar !== calendar) continue;
        if (channel.expiration < world.now()) world.channels.delete(channel.id);
        else post(world, channel, 'exists');
    }
}

/** Says `times` times that something changed, whether it did or not; Google repeats itself, too. */
export function notifyAgain(world, account, times) {
    const open = [...world.channels.values()].filter((channel) => channel.account === account);
    for (const channel of open) for (let i = 0; i < times; i++) post(world, channel, 'exists');
    return { channels: open.length };
}

function post(world, channel, state) {
    channel.number += channel.number === 0 ? 1 : 1 + (channel.number % 3);
    const headers = {
        'content-length': 0,
        'x-goog-channel-id': channel.id,
        'x-goog-message-number': channel.number,
        'x-goog-resource-id': channel.resourceId,
        'x-goog-resource-state': state,
        'x-goog-resource-uri': channel.resourceUri,
        'x-goog-channel-expiration': new Date(channel.expiration).toUTCString(),
        ...(channel.token && { 'x-goog-channel-token': channel.token }),
    };
    if (!LOOPBACK.has(new URL(channel.address).hostname)) return;
    // Google posts to publicly trusted certificates alone; here the authority of --ca stands in for the public ones.
    const sent = { number: channel.number, state, outcome: 'waiting' };
    channel.posts.push(sent);
    const request = httpsRequest(channel.address, { method: 'POST', headers, ca: world.settings.ca }, (answer) => {
        sent.outcome = answer.statusCode;
        answer.resume();
    });
    request.on('error', (error) => (sent.outcome = error.message));
    request.end();
}

export const watchMethods = { 'calendar.events.watch': watch, 'calendar.channels.stop': stop };
