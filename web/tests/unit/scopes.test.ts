// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Connection } from "../../src/api/types";
import { type AskedConnection, mayChoose, scopesToAsk } from "../../src/lib/scopes";

const scope = (name: string, optional = false) => ({ scope: name, reason: name, optional });
const set = (name: string) => ({ name, title: name, reason: name, scopes: [name] });
const asked = {
  scopes: [scope("always"), scope("own", true), scope("apart", true), scope("extra", true)],
  scopeSets: [set("own"), set("apart")],
  scopeSetting: null,
  chosenScopeSet: null,
} as unknown as AskedConnection;
const byAdmin = { ...asked, scopeSetting: "where", chosenScopeSet: "apart" };
const holding = (name: string) => ({ scopes: [{ ...scope(name), granted: true }] }) as unknown as Connection;
const names = (...args: Parameters<typeof scopesToAsk>) => scopesToAsk(...args).map((item) => item.scope);

test("of the sets exactly one is asked for: the first, unless somebody chose", () => {
  expect(names(asked, undefined)).toEqual(["always", "own", "extra"]);
  expect(names(asked, "apart")).toEqual(["always", "apart", "extra"]);
  expect(names(byAdmin, "own")).toEqual(["always", "apart", "extra"]);
});

test("a connection keeps the set it has, whatever is chosen now", () => {
  expect(names(byAdmin, undefined, holding("own"))).toEqual(["always", "own", "extra"]);
  expect(names(asked, "own", holding("apart"))).toEqual(["always", "apart", "extra"]);
  expect(names(asked, "apart", holding("always"))).toEqual(["always", "apart", "extra"]);
});

test("people choose where no admin does and nothing is connected yet", () => {
  expect(mayChoose(asked, undefined)).toBe(true);
  expect(mayChoose(asked, holding("own"))).toBe(false);
  expect(mayChoose(byAdmin, undefined)).toBe(false);
  expect(mayChoose({ ...asked, scopeSets: [] }, undefined)).toBe(false);
});
