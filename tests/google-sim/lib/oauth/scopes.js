// SPDX-License-Identifier: Apache-2.0
// Scope names: canonical form, which are sign-in scopes (no consent box), and a sentence for a human.
import { fullScope, knownScopes } from '../core/contract.js';

const ALIASES = { email: 'userinfo.email', profile: 'userinfo.profile' };
const SIGN_IN = new Set(['openid', fullScope('userinfo.email'), fullScope('userinfo.profile')]);
export const DRIVE_FILE = fullScope('drive.file');

const SENTENCES = {
    contacts: 'See, edit, download, and permanently delete your contacts',
    'contacts.readonly': 'See and download your contacts',
    calendar: 'See, edit, share, and permanently delete all the calendars you can access using Google Calendar',
    'calendar.readonly': 'See and download any calendar you can access using Google Calendar',
    'calendar.events': 'View and edit events on all your calendars',
    'calendar.events.owned': 'See, create, change, and delete events on Google calendars you own',
    'calendar.events.readonly': 'View events on all your calendars',
    'calendar.events.owned.readonly': 'See the events on Google calendars you own',
    'calendar.events.freebusy': 'See the availability on Google calendars you have access to',
    'calendar.freebusy': 'View your availability in your calendars',
    'calendar.calendarlist': 'See, add, and remove Google calendars you are subscribed to',
    'calendar.calendarlist.readonly': 'See the list of Google calendars you are subscribed to',
    'calendar.app.created': 'Make secondary Google calendars, and see, create, change, and delete events on them',
    'drive.file': 'See, edit, create, and delete only the specific Google Drive files you use with this app',
    'drive.appdata': 'See, create, and delete its own configuration data in your Google Drive',
    drive: 'See, edit, create, and delete all of your Google Drive files',
    'drive.readonly': 'See and download all your Google Drive files',
    'drive.metadata.readonly': 'See information about your Google Drive files',
};

const bare = (scope) => (scope.includes('://') ? scope : named(scope));
const named = (scope) => (ALIASES[scope] ? fullScope(ALIASES[scope]) : scope);

/** The canonical scopes of a space-separated text, without duplicates, in order. */
export function parseScopes(text) {
    return [
        ...new Set(
            text
                .split(/\s+/)
                .filter(Boolean)
                .map((scope) => bare(scope)),
        ),
    ];
}

export const isSignIn = (scope) => SIGN_IN.has(scope);
export const isKnown = (scope) => isSignIn(scope) || knownScopes.has(scope);

/** The scope without Google's common beginning, for pages. */
export const shortScope = (scope) => scope.replace('https://www.googleapis.com/auth/', '');

export function sentence(scope) {
    const short = shortScope(scope);
    return SENTENCES[short] ?? `Use the permission “${short}”`;
}
