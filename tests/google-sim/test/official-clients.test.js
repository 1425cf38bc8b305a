// SPDX-License-Identifier: Apache-2.0
// Google's own Node clients drive the simulator: what they cannot use is wrong here, not there.
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import https from 'node:https';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { OAuth2Client, CodeChallengeMethod } from 'google-auth-library';
import { people as peopleApi } from '@googleapis/people';
import { calendar as calendarApi } from '@googleapis/calendar';
import { drive as driveApi } from '@googleapis/drive';
import { CLIENT, OWNER, REDIRECT, scope, simulator } from './support.js';

const sim = await simulator(after);
const ROOT = `${sim.url}/`;
const connect = https.globalAgent.createConnection;
// Trust the simulator's certificate and let nothing reach the real Google.
https.globalAgent.options.ca = sim.ca;
https.globalAgent.createConnection = function guarded(options, ...rest) {
    assert.equal(options.host, 'localhost', `a client went to ${options.host}`);
    return connect.call(this, options, ...rest);
};

const auth = new OAuth2Client({
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    redirectUri: REDIRECT,
    endpoints: {
        oauth2AuthBaseUrl: `${ROOT}o/oauth2/v2/auth`,
        oauth2TokenUrl: `${ROOT}token`,
        oauth2RevokeUrl: `${ROOT}revoke`,
        tokenInfoUrl: `${ROOT}tokeninfo`,
        oauth2FederatedSignonJwkCertsUrl: `${ROOT}oauth2/v3/certs`,
    },
    issuers: [sim.url],
});
const people = peopleApi({ version: 'v1', auth, rootUrl: ROOT });
const calendar = calendarApi({ version: 'v3', auth, rootUrl: ROOT });
const drive = driveApi({ version: 'v3', auth, rootUrl: ROOT });
const SCOPES = ['openid', 'email', scope('contacts'), scope('calendar'), scope('drive.file')];

before(async () => {
    const { codeVerifier, codeChallenge } = await auth.generateCodeVerifierAsync();
    const url = new URL(
        auth.generateAuthUrl({
            access_type: 'offline',
            prompt: 'consent',
            scope: SCOPES,
            state: 'xyz',
            nonce: 'n1',
            code_challenge: codeChallenge,
            code_challenge_method: CodeChallengeMethod.S256,
        }),
    );
    const answer = await sim.consent(url.pathname + url.search);
    assert.equal(answer.get('state'), 'xyz');
    const { tokens } = await auth.getToken({ code: answer.get('code'), codeVerifier });
    const {
        json: { keys },
    } = await sim.get('/oauth2/v3/certs');
    const pems = Object.fromEntries(
        keys.map((key) => [key.kid, createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })]),
    );
    const ticket = await auth.verifySignedJwtWithCertsAsync(tokens.id_token, pems, CLIENT.id, [sim.url]);
    assert.equal(ticket.getPayload().email, OWNER);
    assert.equal(ticket.getPayload().nonce, 'n1');
    auth.setCredentials({ refresh_token: tokens.refresh_token });
});

test('token info and refresh', async () => {
    const { token } = await auth.getAccessToken();
    const info = await auth.getTokenInfo(token);
    assert.equal(info.aud, CLIENT.id);
    assert.ok(info.scopes.includes(scope('contacts')));
});

test('people: create, list, update with etag, stale etag, delete', async () => {
    const personFields = 'names,emailAddresses,metadata';
    const { data: person } = await people.people.createContact({
        personFields,
        requestBody: { names: [{ givenName: 'Ada', familyName: 'Lovelace' }] },
    });
    assert.equal(person.names[0].displayName, 'Ada Lovelace');
    const { data: list } = await people.people.connections.list({
        resourceName: 'people/me',
        personFields,
        requestSyncToken: true,
    });
    assert.equal(list.connections.length, 1);
    const change = { ...person, emailAddresses: [{ value: 'ada@example.test' }] };
    const update = () =>
        people.people.updateContact({
            resourceName: person.resourceName,
            updatePersonFields: 'emailAddresses',
            personFields,
            requestBody: change,
        });
    assert.equal((await update()).data.emailAddresses[0].value, 'ada@example.test');
    await assert.rejects(
        update(),
        (error) => error.status === 400 && error.response.data.error.errors[0].reason === 'failedPrecondition',
    );
    await people.people.deleteContact({ resourceName: person.resourceName });
    const { data: later } = await people.people.connections.list({
        resourceName: 'people/me',
        personFields,
        requestSyncToken: true,
        syncToken: list.nextSyncToken,
    });
    assert.equal(later.connections[0].metadata.deleted, true);
});

test('people: batches and groups', async () => {
    const contacts = ['Bo', 'Cy'].map((givenName) => ({ contactPerson: { names: [{ givenName }] } }));
    const { data } = await people.people.batchCreateContacts({ requestBody: { contacts, readMask: 'names,metadata' } });
    const names = data.createdPeople.map((item) => item.person.resourceName);
    const { data: got } = await people.people.getBatchGet({ resourceNames: names, personFields: 'names' });
    assert.deepEqual(
        got.responses.map((item) => item.person.names[0].givenName),
        ['Bo', 'Cy'],
    );
    const { data: group } = await people.contactGroups.create({
        requestBody: { contactGroup: { name: 'CRM clients' } },
    });
    await people.contactGroups.members.modify({
        resourceName: group.resourceName,
        requestBody: { resourceNamesToAdd: names },
    });
    const { data: full } = await people.contactGroups.get({ resourceName: group.resourceName, maxMembers: 10 });
    assert.deepEqual(full.memberResourceNames.sort(), [...names].sort());
    await people.people.batchDeleteContacts({ requestBody: { resourceNames: names } });
});

test('calendar: own id, etag, private properties, sync, free/busy', async () => {
    const calendarId = OWNER;
    const id = 'crm0123456789abcdef';
    const start = { dateTime: '2027-03-01T10:00:00+01:00', timeZone: 'Europe/Berlin' };
    const end = { dateTime: '2027-03-01T11:00:00+01:00', timeZone: 'Europe/Berlin' };
    const { data: full } = await calendar.events.list({ calendarId });
    const requestBody = { id, summary: 'Haircut', start, end, extendedProperties: { private: { crm: 'a1' } } };
    const { data: event } = await calendar.events.insert({ calendarId, requestBody, sendUpdates: 'none' });
    assert.equal(event.start.dateTime, start.dateTime);
    await assert.rejects(calendar.events.insert({ calendarId, requestBody }), { status: 409 });
    const patched = await calendar.events.patch(
        { calendarId, eventId: id, requestBody: { summary: 'Cut and colour' } },
        { headers: { 'If-Match': event.etag } },
    );
    assert.equal(patched.data.summary, 'Cut and colour');
    await assert.rejects(
        calendar.events.patch(
            { calendarId, eventId: id, requestBody: { summary: 'x' } },
            { headers: { 'If-Match': event.etag } },
        ),
        { status: 412 },
    );
    const { data: found } = await calendar.events.list({ calendarId, privateExtendedProperty: ['crm=a1'] });
    assert.equal(found.items.length, 1);
    const { data: busy } = await calendar.freebusy.query({
        requestBody: {
            timeMin: '2027-03-01T00:00:00Z',
            timeMax: '2027-03-02T00:00:00Z',
            items: [{ id: calendarId }, { id: 'nobody@x.test' }],
        },
    });
    assert.deepEqual(busy.calendars[calendarId].busy, [{ start: '2027-03-01T09:00:00Z', end: '2027-03-01T10:00:00Z' }]);
    assert.equal(busy.calendars['nobody@x.test'].errors[0].reason, 'notFound');
    await calendar.events.delete({ calendarId, eventId: id, sendUpdates: 'none' });
    const { data: changes } = await calendar.events.list({ calendarId, syncToken: full.nextSyncToken });
    assert.deepEqual(
        changes.items.map(({ id: changed, status }) => [changed, status]),
        [[id, 'cancelled']],
    );
});

test('drive: multipart upload with a generated id, download, share, delete', async () => {
    const { data: ids } = await drive.files.generateIds({ count: 1 });
    const bytes = Buffer.from(Array.from({ length: 70000 }, (_, i) => i % 251));
    const upload = () =>
        drive.files.create(
            {
                requestBody: { id: ids.ids[0], name: 'photo.bin', appProperties: { crm: '1' } },
                media: { mimeType: 'application/octet-stream', body: Readable.from([bytes]) },
                fields: 'id,md5Checksum,size,appProperties',
            },
            { rootUrl: ROOT },
        );
    const { data: file } = await upload();
    assert.equal(file.size, '70000');
    await assert.rejects(upload(), { status: 409 });
    const { data } = await drive.files.get({ fileId: file.id, alt: 'media' }, { responseType: 'arraybuffer' });
    assert.ok(bytes.equals(Buffer.from(data)));
    const { data: permission } = await drive.permissions.create({
        fileId: file.id,
        sendNotificationEmail: true,
        emailMessage: 'Hello',
        requestBody: { type: 'user', role: 'reader', emailAddress: 'guest@example.test' },
        fields: 'id,role',
    });
    await drive.permissions.delete({ fileId: file.id, permissionId: permission.id });
    const { data: list } = await drive.files.list({
        q: "name contains 'photo' and trashed = false",
        fields: 'files(id,name)',
    });
    assert.deepEqual(list.files, [{ id: file.id, name: 'photo.bin' }]);
    await drive.files.delete({ fileId: file.id });
    await assert.rejects(drive.files.get({ fileId: file.id }), { status: 404 });
    assert.equal((await sim.state()).mails.filter((mail) => mail.kind === 'drive-share').length, 1);
});

test('revocation ends everything, and no answer broke a schema', async () => {
    const { token } = await auth.getAccessToken();
    const { violations } = await sim.state();
    assert.deepEqual(violations, []);
    await auth.revokeToken(token);
    auth.setCredentials({ refresh_token: auth.credentials.refresh_token });
    await assert.rejects(auth.getAccessToken(), /invalid_grant/);
});
