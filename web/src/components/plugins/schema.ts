// SPDX-License-Identifier: Apache-2.0
// The JSON Schema profile that settings forms are made from. The server refuses a plugin whose schema leaves it and
// checks the values again; here it is only about showing the right field and saying early what is wrong.
import { Validator } from "@cfworker/json-schema";

export interface Choice {
  value: string;
  label: string;
}
export interface FieldSchema {
  type?: string;
  title?: string;
  description?: string;
  enum?: unknown[];
  oneOf?: { const?: unknown; title?: string }[];
  items?: FieldSchema;
  format?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  default?: unknown;
  readOnly?: boolean;
  writeOnly?: boolean;
  $ref?: string;
}
export type Values = Record<string, unknown>;
export type ObjectSchema = Record<string, unknown>;

export function choicesOf(schema: FieldSchema): Choice[] | undefined {
  if (schema.oneOf)
    return schema.oneOf.map((item) => ({ value: String(item.const), label: item.title ?? String(item.const) }));
  return schema.enum?.map((value) => ({ value: String(value), label: String(value) }));
}

function resolve(root: ObjectSchema, field: FieldSchema): FieldSchema {
  const name = /^#\/\$defs\/(\w+)$/.exec(field.$ref ?? "")?.[1];
  const found = name ? (root.$defs as Record<string, FieldSchema> | undefined)?.[name] : undefined;
  return found ? { ...found, ...field } : field;
}

export function fieldsOf(schema: ObjectSchema): { name: string; field: FieldSchema; required: boolean }[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = (schema.properties ?? {}) as Record<string, FieldSchema>;
  return Object.entries(properties).map(([name, field]) => ({
    name,
    field: resolve(schema, field),
    required: required.includes(name),
  }));
}

export function withDefaults(schema: ObjectSchema, values: Values): Values {
  const defaults = fieldsOf(schema).flatMap(({ name, field }) =>
    field.default === undefined ? [] : [[name, field.default]],
  );
  return { ...Object.fromEntries(defaults), ...values };
}

/** Messages by member; "" is the whole. */
export function errorsOf(schema: ObjectSchema, values: Values): Record<string, string> {
  const { errors } = new Validator(schema, "2020-12", false).validate(values);
  const byName: Record<string, string> = {};
  for (const error of errors) {
    const missing = /required property "(.+?)"/.exec(error.error)?.[1];
    const name = missing ?? error.instanceLocation.replace(/^#\/?/, "").split("/")[0] ?? "";
    // "Property … does not match schema" says nothing that the cause does not say better.
    if (name && error.keyword !== "properties") byName[name] ??= error.error;
  }
  if (errors.length && !Object.keys(byName).length) byName[""] = errors[0]?.error ?? "";
  return byName;
}
