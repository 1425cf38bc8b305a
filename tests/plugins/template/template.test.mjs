// SPDX-License-Identifier: Apache-2.0
// `portico plugin new` and both templates exactly as shipped: built against the installed SDK alone, their own tests, one
// exported symbol, and, where the SDK has it, the checker, which runs them in the real sandbox.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Workplace } from './sdk.mjs';

const place = new Workplace();
after(() => place.remove());

function succeeds(command, folder) {
  const { code, out } = place.run(command, folder);
  assert.equal(code, 0, `${command}\n${out}`);
  return out;
}

const filesOf = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile()).map((e) => join(e.parentPath ?? e.path, e.name));

for (const [language, name, type] of [['C++', 'loyalty-card', ''], ['C', 'org.example.hits', '--c']]) {
  test(`the ${language} template becomes a plugin that builds, passes its tests and the checker`, () => {
    succeeds(`portico plugin new ${name} ${type}`);
    const folder = join(place.work, name);
    for (const file of filesOf(folder))
      assert.doesNotMatch(`${file.slice(folder.length)}\n${readFileSync(file, 'utf8')}`, /stamp-card|stamp_card|Stamp card|StampCard|visit-counter|visit_counter|Visit counter/, `${file} keeps a name of the template`);
    assert.equal(JSON.parse(readFileSync(join(folder, 'plugin.json'), 'utf8')).id, name);

    succeeds('cmake --preset release && cmake --build --preset release', folder);
    assert.match(succeeds('ctest --preset release', folder), /100% tests passed/);
    const made = join(folder, 'build/release/plugins', name);
    assert.deepEqual(readdirSync(made).sort(), [`${name}.so`, 'plugin.json'].sort());
    const symbols = succeeds(`nm -D --defined-only ${made}/${name}.so`).trim().split('\n');
    assert.deepEqual(symbols.map((line) => line.split(' ').pop()), ['portico_plugin_entry_1']);
    if (language === 'C') assert.doesNotMatch(succeeds(`readelf -d ${made}/${name}.so`), /libstdc\+\+/, 'a C plugin needs no C++');
    if (existsSync(join(place.sdk, 'bin/portico-plugin-check'))) succeeds(`portico-plugin-check ${made}`);
  });
}

test('a template test that is broken fails, and says where', () => {
  const file = join(place.work, 'loyalty-card/src/loyalty_card.cpp');
  const source = readFileSync(file, 'utf8');
  assert.match(source, /\+\+now\.stamps;/);
  writeFileSync(file, source.replace('++now.stamps;', ''));
  const folder = join(place.work, 'loyalty-card');
  succeeds('cmake --build --preset release', folder);
  const { code, out } = place.run('ctest --preset release', folder);
  assert.notEqual(code, 0);
  assert.match(out, /loyalty_card_test\.cpp:\d+: f\.stamp\(\) is 0, not 1/);
});

test('nothing is overwritten, and a wrong name is explained', () => {
  const again = place.run('portico plugin new loyalty-card');
  assert.equal(again.code, 1);
  assert.match(again.out, /is there already and is not empty; nothing was changed/);
  const elsewhere = place.run('portico plugin new loyalty-card --into other/place');
  assert.equal(elsewhere.code, 0, elsewhere.out);
  assert.ok(existsSync(join(place.work, 'other/place/plugin.json')));
  for (const name of ['Loyalty', 'a--b', '../x', 'x'.repeat(65)]) {
    const wrong = place.run(`portico plugin new '${name}'`);
    assert.equal(wrong.code, 2, wrong.out);
    assert.match(wrong.out, /cannot be a plugin's id/);
  }
});
