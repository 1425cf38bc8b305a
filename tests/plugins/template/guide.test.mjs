// SPDX-License-Identifier: Apache-2.0
// "A plugin in 15 minutes" of plugin-api/README.md, followed literally: the commands are taken from the page itself and run in
// an empty folder outside the tree, with the installed SDK and a demo where the page says they are. What the page does by
// hand in the browser (step 7) is done through the same API here.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { World, root } from '../../support/portico.mjs';
import { Workplace } from './sdk.mjs';

const page = readFileSync(join(root, 'plugin-api/README.md'), 'utf8');
const guide = page.slice(page.indexOf('## A plugin in 15 minutes'), page.indexOf('## The contract'));
const [byHand] = /^\*\*7\. .*/m.exec(guide);
const commands = (text) => [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1]).join('');

let place, world, owner, client;
before(async () => {
  place = new Workplace('portico-sdk');
  const demo = join(place.folder, 'portico/.portico');
  mkdirSync(demo, { recursive: true });
  const keys = join(demo, 'keys');
  cpSync(process.env.PORTICO_KEYS ?? join(root, '.portico/keys'), keys, { recursive: true, filter: (file) => !file.endsWith('.pem') });
  world = await World.start({ keys, serve: ['--min-sandbox', '2'] });
  symlinkSync(world.data, join(demo, 'demo'));
  owner = await world.owner();
  client = (await owner.get('/api/v1/contacts')).json.items[0].id;
});
after(async () => { await world?.stop(); place?.remove(); });

// The environment and folder of one piece of the guide are those of the next.
async function follow(text) {
  const script = `[ -f ~/.kept ] && . ~/.kept\n${text}\n{ echo "cd $(printf %q "$PWD")"; export -p; } >~/.kept`;
  const { code, out } = await place.start(script, place.work, { PATH: process.env.PATH, PORTICO_SDK: undefined });
  assert.equal(code, 0, out);
  return out;
}
const plugin = async () => (await owner.get('/api/v1/plugins/loyalty-card')).json;
const stamp = () => owner.post('/api/v1/plugins/loyalty-card/actions/stamp', { args: { client } });
const panel = async () => (await owner.get(`/api/v1/plugins/loyalty-card/ui/client.panel/v1?contact=${client}`)).text;

test('steps 1 to 6: made, built, tested, signed and installed', async () => {
  const text = commands(guide.slice(0, guide.indexOf(byHand)));
  for (const step of ['portico plugin new', 'ctest', 'portico plugin sign', 'portico plugin install']) assert.ok(text.includes(step), `the guide no longer says ${step}`);
  const out = await follow(text);
  assert.match(out, /100% tests passed/);
  const { trust, signedBy, version, enabled, state } = await plugin();
  assert.deepEqual({ trust, signedBy, version, enabled, state }, { trust: 'signed', signedBy: 'jane', version: '0.1.0', enabled: false, state: 'running' });
  assert.equal((await stamp()).status, 409, 'what nobody enabled cannot be used');
});

test('step 7: enabled, its action works and its panel is drawn', async () => {
  const enabled = await owner.post('/api/v1/plugins/loyalty-card/enable');
  assert.equal(enabled.status, 200, enabled.text);
  const stamped = await stamp();
  assert.equal(stamped.status, 200, stamped.text);
  assert.equal(stamped.json.result.stamps, 1);
  assert.match(await panel(), /1 of 10 stamps/);
  assert.match(await panel(), /One visit is free/);
});

test('step 8: changed and updated, still enabled, with what it had stored', async () => {
  await follow(commands(guide.slice(guide.indexOf(byHand))));
  const { version, enabled, state } = await plugin();
  assert.deepEqual({ version, enabled, state }, { version: '0.2.0', enabled: true, state: 'running' });
  assert.equal((await stamp()).json.result.stamps, 2);
  assert.match(await panel(), /A free coffee/);
});
