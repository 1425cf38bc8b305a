// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { choicesOf, errorsOf, fieldsOf, withDefaults } from "../../src/components/plugins/schema";

const schema = {
  type: "object",
  required: ["title"],
  properties: {
    title: { type: "string", minLength: 1 },
    minutes: { type: "integer", minimum: 0, maximum: 60, default: 30 },
    mode: { $ref: "#/$defs/mode", title: "Mode" },
  },
  $defs: { mode: { oneOf: [{ const: "a", title: "Alpha" }, { const: "b" }] } },
};

test("references are followed and the field's own title wins", () => {
  const mode = fieldsOf(schema).find(({ name }) => name === "mode")?.field;
  expect(mode?.title).toBe("Mode");
  expect(choicesOf(mode ?? {})).toEqual([
    { value: "a", label: "Alpha" },
    { value: "b", label: "b" },
  ]);
});

test("defaults fill in what was never set and nothing else", () => {
  expect(withDefaults(schema, { title: "x" })).toEqual({ title: "x", minutes: 30 });
  expect(withDefaults(schema, { minutes: 0 })).toEqual({ minutes: 0 });
});

test("what is wrong is said at its field", () => {
  expect(errorsOf(schema, { title: "x", minutes: 5 })).toEqual({});
  expect(errorsOf(schema, { title: "x", minutes: 90 })).toHaveProperty("minutes");
  expect(errorsOf(schema, { minutes: 5 })).toHaveProperty("title");
});
