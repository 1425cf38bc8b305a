// SPDX-License-Identifier: Apache-2.0
// People API facts: masks, etags, batches, sync tokens, groups, and speed with 5,000 contacts.
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { OWNER, reasonOf, scope, simulator } from './support.js';

const sim = await simulator(after);
const LIST = '/v1/people/me/connections';
let token;
beforeEach(async () => {
    await sim.sim('reset', {});
    token = (await sim.connect([scope('contacts')])).access_token;
});

const call = (method, path, body) => sim.send(method, path, { token, body });
const create = async (person, fields = 'names,emailAddresses,metadata,memberships,clientData,userDefined') => {
    const answer = await call('POST', `/v1/people:createContact?personFields=${fields}`, person);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
};
const named = (givenName) => ({ names: [{ givenName }] });
const patch = (person, mask, body) =>
    call(
        'PATCH',
        `/v1/${person.resourceName}:updateContact?updatePersonFields=${mask}&personFields=${mask},metadata`,
        body,
    );

test('no token is 401, a read-only scope may not write', async () => {
    assert.equal((await sim.get(`${LIST}?personFields=names`)).status, 401);
    const reader = (await sim.connect([scope('contacts.readonly')])).access_token;
    assert.equal((await sim.get(`${LIST}?personFields=names`, reader)).status, 200);
    const refused = await sim.send('POST', '/v1/people:createContact', { token: reader, body: named('A') });
    assert.deepEqual([refused.status, refused.json.error.status], [403, 'PERMISSION_DENIED']);
});

test('the contract is strict: unknown parameters, bad values, unknown body names', async () => {
    for (const query of [
        '',
        '?personFields=names&x=1',
        '?personFields=nmes',
        '?personFields=names&pageSize=0',
        '?personFields=names&pageSize=abc',
        '?personFields=names&sortOrder=UP',
    ]) {
        assert.equal((await call('GET', LIST + query)).status, 400, query);
    }
    const answer = await call('POST', '/v1/people:createContact', { names: [{ given: 'A' }] });
    assert.match(answer.json.error.message, /unknown name "given"/);
    assert.equal((await call('POST', '/v1/people:createContact', { names: [{ givenName: 1 }] })).status, 400);
    assert.equal((await call('GET', '/v1/people:nothing')).status, 404);
});

test('create decorates names, keeps clientData and puts the contact into myContacts', async () => {
    const person = await create({
        names: [{ unstructuredName: 'Grace Brewster Hopper' }],
        clientData: [
            { key: 'crm:1', value: 'a' },
            { key: 'crm:1', value: 'b' },
        ],
        userDefined: [{ key: 'Colour', value: 'red' }],
    });
    assert.equal(person.names[0].familyName, 'Hopper');
    assert.equal(person.names[0].displayNameLastFirst, 'Hopper, Grace Brewster');
    assert.equal(person.clientData.length, 2);
    assert.equal(person.userDefined[0].value, 'red');
    assert.equal(person.memberships[0].contactGroupMembership.contactGroupResourceName, 'contactGroups/myContacts');
    assert.equal(person.metadata.sources[0].type, 'CONTACT');
});

test('a contact has one name at most', async () => {
    const answer = await call('POST', '/v1/people:createContact', { names: [{ givenName: 'A' }, { givenName: 'B' }] });
    assert.equal(answer.status, 400);
});

test('update replaces listed fields whole and leaves others', async () => {
    const person = await create({ ...named('Ada'), emailAddresses: [{ value: 'a@x.test' }, { value: 'b@x.test' }] });
    const changed = await patch(person, 'emailAddresses', { ...person, emailAddresses: [{ value: 'c@x.test' }] });
    assert.deepEqual(
        changed.json.emailAddresses.map(({ value }) => value),
        ['c@x.test'],
    );
    const whole = (await call('GET', `/v1/${person.resourceName}?personFields=names,emailAddresses`)).json;
    assert.equal(whole.names[0].givenName, 'Ada');
});

test('update needs the present etag of the CONTACT source', async () => {
    const person = await create(named('Ada'));
    const bare = await patch(person, 'names', named('Bea'));
    assert.equal(bare.status, 400);
    assert.equal((await patch(person, 'names', { ...person, ...named('Bea') })).status, 200);
    const stale = await patch(person, 'names', { ...person, ...named('Cleo') });
    assert.equal(stale.status, 400);
    assert.equal(stale.json.error.status, 'FAILED_PRECONDITION');
    assert.equal(stale.json.error.errors[0].reason, 'failedPrecondition');
});

test('memberships cannot be emptied; unknown masks are refused', async () => {
    const person = await create(named('Ada'));
    assert.equal((await patch(person, 'memberships', { ...person, memberships: [] })).status, 400);
    assert.equal((await patch(person, 'photos', person)).status, 400);
});

test('delete is final', async () => {
    const person = await create(named('Ada'));
    assert.equal((await call('DELETE', `/v1/${person.resourceName}:deleteContact`)).status, 200);
    assert.equal((await call('DELETE', `/v1/${person.resourceName}:deleteContact`)).status, 404);
    assert.equal((await call('GET', `/v1/${person.resourceName}?personFields=names`)).status, 404);
});

test('paging: the sync token comes on the last page only, and parameters must stay the same', async () => {
    for (const name of ['A', 'B', 'C']) await create(named(name));
    const first = (await call('GET', `${LIST}?personFields=names&pageSize=2&requestSyncToken=true`)).json;
    assert.equal(first.connections.length, 2);
    assert.equal(first.totalItems, 3);
    assert.equal(first.nextSyncToken, undefined);
    const next = `pageToken=${first.nextPageToken}`;
    assert.equal(
        (await call('GET', `${LIST}?personFields=names,metadata&pageSize=2&requestSyncToken=true&${next}`)).status,
        400,
    );
    const last = (await call('GET', `${LIST}?personFields=names&pageSize=2&requestSyncToken=true&${next}`)).json;
    assert.equal(last.connections[0].names[0].givenName, 'C');
    assert.ok(last.nextSyncToken && !last.nextPageToken);
});

test('incremental sync brings changes and tombstones; edits on the phone count', async () => {
    const ada = await create(named('Ada'));
    await create(named('Bea'));
    const query = `${LIST}?personFields=names,metadata&requestSyncToken=true`;
    const sync = async (syncToken) => (await call('GET', `${query}&syncToken=${syncToken}`)).json;
    const full = (await call('GET', query)).json;
    assert.deepEqual((await sync(full.nextSyncToken)).connections, []);
    await sim.sim('contacts', {
        account: OWNER,
        action: 'update',
        resourceName: ada.resourceName,
        person: named('Adele'),
    });
    const one = await sync(full.nextSyncToken);
    assert.deepEqual(
        one.connections.map((person) => person.names[0].givenName),
        ['Adele'],
    );
    await sim.sim('contacts', { account: OWNER, action: 'delete', resourceName: ada.resourceName });
    const two = await sync(one.nextSyncToken);
    assert.deepEqual(
        two.connections.map((person) => [person.resourceName, person.metadata.deleted]),
        [[ada.resourceName, true]],
    );
    const otherMask = await call(
        'GET',
        `${LIST}?personFields=names&requestSyncToken=true&syncToken=${two.nextSyncToken}`,
    );
    assert.equal(otherMask.status, 400);
});

test('a renamed contact shows its old name in a sync only', async () => {
    const ada = await create(named('Ada'));
    const query = `${LIST}?personFields=names,metadata&requestSyncToken=true`;
    const full = (await call('GET', query)).json;
    await sim.sim('contacts', { account: OWNER, action: 'rename', resourceName: ada.resourceName });
    const [changed] = (await call('GET', `${query}&syncToken=${full.nextSyncToken}`)).json.connections;
    assert.deepEqual(changed.metadata.previousResourceNames, [ada.resourceName]);
    assert.equal(changed.metadata.sources[0].id, ada.metadata.sources[0].id);
});

test('sync tokens end 7 days after the full sync, as 400 EXPIRED_SYNC_TOKEN', async () => {
    const query = `${LIST}?personFields=names&requestSyncToken=true`;
    const day = () => sim.sim('clock', { advanceSeconds: 4 * 86400 });
    const fresh = async () => {
        token = (await sim.connect([scope('contacts')])).access_token;
    };
    const full = (await call('GET', query)).json;
    await day();
    await fresh();
    const later = await call('GET', `${query}&syncToken=${full.nextSyncToken}`);
    assert.equal(later.status, 200);
    await day();
    await fresh();
    const expired = await call('GET', `${query}&syncToken=${later.json.nextSyncToken}`);
    assert.deepEqual([expired.status, reasonOf(expired)], [400, 'EXPIRED_SYNC_TOKEN']);
    const renewed = (await call('GET', query)).json;
    await sim.sim('expire-sync-tokens', { account: OWNER });
    assert.equal(reasonOf(await call('GET', `${query}&syncToken=${renewed.nextSyncToken}`)), 'EXPIRED_SYNC_TOKEN');
});

test('writes reach syncs late when asked for', async () => {
    const query = `${LIST}?personFields=names&requestSyncToken=true`;
    const full = (await call('GET', query)).json;
    await sim.sim('options', { peopleSyncDelaySeconds: 120 });
    await create(named('Late'));
    const early = (await call('GET', `${query}&syncToken=${full.nextSyncToken}`)).json;
    assert.deepEqual(early.connections, []);
    await sim.sim('clock', { advanceSeconds: 121 });
    const later = (await call('GET', `${query}&syncToken=${early.nextSyncToken}`)).json;
    assert.equal(later.connections[0].names[0].givenName, 'Late');
});

test('batch limits are 200, 200 and 500', async () => {
    const persons = (count) => Array.from({ length: count }, (_, i) => ({ contactPerson: named(`N${i}`) }));
    const batch = (body) => call('POST', '/v1/people:batchCreateContacts', body);
    assert.equal((await batch({ contacts: persons(201), readMask: 'names' })).status, 400);
    const made = (await batch({ contacts: persons(200), readMask: 'names,metadata' })).json.createdPeople;
    assert.equal(made.length, 200);
    assert.deepEqual((await batch({ contacts: persons(1), readMask: '' })).json, {});
    const names = made.map(({ person }) => person.resourceName);
    const contacts = Object.fromEntries(
        made.slice(0, 2).map(({ person }) => [person.resourceName, { ...person, ...named('New') }]),
    );
    const update = () =>
        call('POST', '/v1/people:batchUpdateContacts', { contacts, updateMask: 'names', readMask: 'names' });
    const updated = (await update()).json.updateResult;
    assert.equal(updated[names[0]].person.names[0].givenName, 'New');
    assert.equal((await update()).json.error.status, 'FAILED_PRECONDITION');
    const query = names.map((name) => `resourceNames=${name}`);
    assert.equal(
        (await call('GET', `/v1/people:batchGet?personFields=names&${query.join('&')}`)).json.responses.length,
        200,
    );
    assert.equal(
        (await call('GET', `/v1/people:batchGet?personFields=names&${query.join('&')}&resourceNames=people/c1`)).status,
        400,
    );
    const remove = (resourceNames) => call('POST', '/v1/people:batchDeleteContacts', { resourceNames });
    assert.equal((await remove(Array.from({ length: 501 }, (_, i) => `people/c${i}`))).status, 400);
    assert.equal((await remove(names)).status, 200);
});

test('batchGet answers per name', async () => {
    const ada = await create(named('Ada'));
    const { responses } = (
        await call(
            'GET',
            `/v1/people:batchGet?personFields=names&resourceNames=${ada.resourceName}&resourceNames=people/c404`,
        )
    ).json;
    assert.deepEqual(
        responses.map((item) => item.httpStatusCode),
        [200, 404],
    );
});

test('groups: unique names, members, the last group stays', async () => {
    const ada = await create(named('Ada'));
    const make = () => call('POST', '/v1/contactGroups', { contactGroup: { name: 'Clients' } });
    const group = (await make()).json;
    assert.deepEqual([(await make()).status, group.groupType], [409, 'USER_CONTACT_GROUP']);
    const modify = async (name, body) => (await call('POST', `/v1/${name}/members:modify`, body)).json;
    const added = await modify(group.resourceName, { resourceNamesToAdd: [ada.resourceName, 'people/c404'] });
    assert.deepEqual(added.notFoundResourceNames, ['people/c404']);
    const { contactGroups } = (await call('GET', '/v1/contactGroups?pageSize=1000')).json;
    assert.equal(contactGroups.find(({ name }) => name === 'Clients').memberCount, 1);
    await modify('contactGroups/myContacts', { resourceNamesToRemove: [ada.resourceName] });
    const stuck = await modify(group.resourceName, { resourceNamesToRemove: [ada.resourceName] });
    assert.deepEqual(stuck.canNotRemoveLastContactGroupResourceNames, [ada.resourceName]);
});

test('two mutations of one user at once are written down', async () => {
    await sim.sim('faults', { match: { path: '/v1/people:createContact' }, respond: { hold: true } });
    const both = [create(named('A')), create(named('B'))];
    await Promise.race(both);
    assert.equal((await sim.sim('release', {})).released, 1);
    await Promise.all(both);
    const { violations } = await sim.state();
    assert.match(violations[0], /parallel contact mutations/);
});

test('5,000 contacts: made in batches, listed in pages of 1,000, well within seconds', async () => {
    const started = performance.now();
    for (let batch = 0; batch < 25; batch += 1) {
        const contacts = Array.from({ length: 200 }, (_, i) => ({
            contactPerson: {
                ...named(`N${batch}-${i}`),
                emailAddresses: [{ value: `n${batch}.${i}@x.test` }],
                clientData: [{ key: 'crm:x', value: `${i}` }],
            },
        }));
        assert.equal(
            (await call('POST', '/v1/people:batchCreateContacts', { contacts, readMask: 'metadata' })).status,
            200,
        );
    }
    const query = 'personFields=names,emailAddresses,clientData,metadata&pageSize=1000&requestSyncToken=true';
    let pages = 0;
    let seen = 0;
    let pageToken = '';
    do {
        const page = (await call('GET', `${LIST}?${query}${pageToken}`)).json;
        pages += 1;
        seen += page.connections.length;
        pageToken = page.nextPageToken ? `&pageToken=${page.nextPageToken}` : '';
    } while (pageToken);
    assert.deepEqual([pages, seen], [5, 5000]);
    const overview = await sim.get(`/account/${OWNER}`);
    assert.match(overview.text, /data-testid="contact-count">5000</);
    assert.ok(overview.text.length < 200000);
    assert.ok(performance.now() - started < 10000, `took ${performance.now() - started} ms`);
});
