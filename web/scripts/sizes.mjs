// SPDX-License-Identifier: Apache-2.0
// Bundle budgets in kB of brotli: what the first page loads, and each page on top. Fails when one is exceeded.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const budgets = { js: 190, css: 20, route: 40 };
const dist = new URL("../dist", import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const size = (file) => {
  const path = join(dist, file);
  return statSync(`${path}.br`, { throwIfNoEntry: false })?.size ?? statSync(path).size;
};

function filesOf(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(key)) return { js: new Set(), css: new Set() };
  seen.add(key);
  const js = new Set([chunk.file]);
  const css = new Set(chunk.css ?? []);
  for (const next of chunk.imports ?? []) {
    const deeper = filesOf(next, seen);
    for (const file of deeper.js) js.add(file);
    for (const file of deeper.css) css.add(file);
  }
  return { js, css };
}

const sum = (files) => [...files].reduce((total, file) => total + size(file), 0) / 1000;
const first = filesOf("index.html");
const rows = [["first load", sum(first.js), sum(first.css), first.js.size + first.css.size]];
let failed = sum(first.js) > budgets.js || sum(first.css) > budgets.css;
for (const key of manifest["index.html"].dynamicImports ?? []) {
  const more = filesOf(key);
  const js = sum([...more.js].filter((file) => !first.js.has(file)));
  const css = sum([...more.css].filter((file) => !first.css.has(file)));
  rows.push([
    `+ ${key.replace(/^src\//, "")}`,
    js,
    css,
    [...more.js, ...more.css].filter((file) => !first.js.has(file) && !first.css.has(file)).length,
  ]);
  if (js > budgets.route) failed = true;
}
for (const [name, js, css, count] of rows)
  console.log(`${name.padEnd(34)} js ${js.toFixed(1).padStart(6)}  css ${css.toFixed(1).padStart(5)}  files ${count}`);
if (failed) {
  console.error(`over budget: first js ${budgets.js}, css ${budgets.css}, page js ${budgets.route} kB`);
  process.exit(1);
}
