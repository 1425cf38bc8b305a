// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Card } from "../../src/api/types";
import { birthdayOf, cardOf, emptyForm, formFromName, formOf } from "../../src/lib/card";

const full: Card = {
  "@type": "Card",
  version: "1.0",
  uid: "u1",
  kind: "individual",
  name: {
    full: "Dr Anna Maria Berg",
    components: [
      { kind: "title", value: "Dr" },
      { kind: "given", value: "Anna" },
      { kind: "given2", value: "Maria" },
      { kind: "surname", value: "Berg" },
    ],
  },
  phones: { p1: { number: "1", contexts: { work: true } }, p2: { number: "2", features: { mobile: true } } },
  organizations: { o1: { name: "First" }, o2: { name: "Second" } },
  anniversaries: { b1: { kind: "birth", date: { month: 5, day: 12 } }, w1: { kind: "wedding", date: { year: 2020 } } },
  keywords: { vip: true },
  "example:unknown": 7,
};

test("what the form does not show stays in the card", () => {
  const saved = cardOf({ ...formOf(full), given: "Anne" }, full);
  expect(saved["example:unknown"]).toBe(7);
  expect(saved.keywords).toEqual({ vip: true });
  expect(saved.organizations).toEqual(full.organizations);
  expect(saved.name.components).toContainEqual({ kind: "given2", value: "Maria" });
  expect(saved.name.full).toBe("Anne Berg");
});

test("removing the first phone number keeps the features of the second", () => {
  const saved = cardOf({ ...formOf(full), phones: ["2"] }, full);
  expect(saved.phones).toEqual({ p2: { number: "2", features: { mobile: true } } });
});

test("a changed number keeps its place's contexts and a new one gets a free key", () => {
  const saved = cardOf({ ...formOf(full), phones: ["1b", "2", "3"] }, full);
  expect(saved.phones).toEqual({
    p1: { number: "1b", contexts: { work: true } },
    p2: { number: "2", features: { mobile: true } },
    p3: { number: "3" },
  });
});

test("a birthday without a year is not lost, and other anniversaries survive a new one", () => {
  expect(birthdayOf(full)).toBe("");
  expect(cardOf(formOf(full), full).anniversaries).toEqual(full.anniversaries);
  const dated = cardOf({ ...formOf(full), birthday: "1980-05-12" }, full);
  expect(dated.anniversaries?.b1?.date).toEqual({ year: 1980, month: 5, day: 12 });
  expect(dated.anniversaries?.w1).toBeDefined();
});

test("an emptied field leaves no empty map behind", () => {
  const saved = cardOf({ ...emptyForm, given: "Ida" }, { name: {}, emails: { e1: { address: "a@b.test" } } });
  expect(saved).not.toHaveProperty("emails");
  expect(saved).not.toHaveProperty("addresses");
});

test("the last word of a quickly added name is the surname", () => {
  expect(formFromName("Ida Marie Lund")).toMatchObject({ given: "Ida Marie", surname: "Lund" });
  expect(formFromName("Ida")).toMatchObject({ given: "Ida", surname: "" });
});
