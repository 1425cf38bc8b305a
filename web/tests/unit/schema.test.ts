// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import {
  choicesOf,
  errorsOf,
  fieldsOf,
  filledOf,
  serverErrorsOf,
  withDefaults,
} from "../../src/components/plugins/schema";

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

test("faults inside objects and lists are told by their path", () => {
  const nested = {
    type: "object",
    properties: {
      group: { type: "object", required: ["name"], properties: { name: { type: "string", minLength: 2 } } },
      rules: { type: "array", items: { type: "object", properties: { host: { type: "string", maxLength: 3 } } } },
    },
  };
  expect(errorsOf(nested, { group: {}, rules: [{ host: "ok" }, { host: "long" }] })).toEqual({
    "group/name": expect.any(String),
    "rules/1/host": expect.any(String),
  });
});

test("what was left empty is not sent", () => {
  expect(filledOf({ a: "", b: undefined, c: { d: "", e: 0 }, f: ["x", ""], g: false })).toEqual({
    c: { e: 0 },
    f: ["x"],
    g: false,
  });
});

test("the server's refusal finds its field", () => {
  expect(serverErrorsOf([{ path: "/values", message: "settings.rules[1].host must be a host name" }])).toEqual({
    "rules/1/host": "must be a host name",
  });
  expect(serverErrorsOf([{ path: "/values/group", message: "is unknown" }])).toEqual({ group: "is unknown" });
  expect(serverErrorsOf([{ path: "/values", message: "Something else" }])).toEqual({});
});
