// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import de from "../../src/i18n/de";
import en from "../../src/i18n/en";

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, path = ""): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(tree).map(([key, value]) =>
      typeof value === "string" ? { [path + key]: value } : flat(value, `${path}${key}.`),
    ),
  );
}

const english = flat(en);
const german = flat(de);
const placeholders = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort().join();

test("German has exactly the keys of English", () => {
  expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
});

test("translations fill in the same values", () => {
  const plural = /_(one|other)$/;
  const different = Object.keys(english).filter(
    (key) => !plural.test(key) && placeholders(english[key] ?? "") !== placeholders(german[key] ?? ""),
  );
  expect(different).toEqual([]);
});

test("every text that the code asks for exists", () => {
  const root = join(process.cwd(), "src");
  const files = readdirSync(root, { recursive: true })
    .map(String)
    .filter((name) => /\.tsx?$/.test(name));
  const asked = files.flatMap((name) =>
    [...readFileSync(join(root, name), "utf8").matchAll(/\bt\(\s*"([\w.]+)"/g)].map((match) => match[1] ?? ""),
  );
  expect(asked.length).toBeGreaterThan(200);
  expect(asked.filter((key) => !(key in english) && !(`${key}_other` in english))).toEqual([]);
});

test("no text carries markup", () => {
  const all = [...Object.values(english), ...Object.values(german)];
  expect(all.filter((text) => /<\w/.test(text))).toEqual([]);
});
