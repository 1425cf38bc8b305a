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
  maxItems?: number;
  properties?: Record<string, FieldSchema>;
  required?: string[];
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

export function resolve(root: ObjectSchema, field: FieldSchema): FieldSchema {
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

/** What was filled in: empty texts and nothings are left out, down through objects and lists. */
export function filledOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filledOf).filter((item) => item !== undefined && item !== "");
  if (!value || typeof value !== "object") return value;
  const members = Object.entries(value).map(([name, member]) => [name, filledOf(member)] as const);
  return Object.fromEntries(members.filter(([, member]) => member !== undefined && member !== ""));
}

/** Messages by the member's path ("group/0/name"); "" is the whole. */
export function errorsOf(schema: ObjectSchema, values: Values): Record<string, string> {
  const { errors } = new Validator(schema, "2020-12", false).validate(values);
  const byPath: Record<string, string> = {};
  for (const error of errors) {
    const missing = /required property "(.+?)"/.exec(error.error)?.[1];
    const place = error.instanceLocation.replace(/^#\/?/, "");
    const path = missing ? [place, missing].filter(Boolean).join("/") : place;
    // That a part does not fit says nothing which the part's own fault does not say better.
    if (path && !["properties", "items", "$ref"].includes(error.keyword)) byPath[path] ??= error.error;
  }
  if (errors.length && !Object.keys(byPath).length) byPath[""] = errors[0]?.error ?? "";
  return byPath;
}

/** The same from the server, which names the place in its sentence: "settings.group[0].name must be …". */
export function serverErrorsOf(errors: { path: string; message: string }[] | undefined): Record<string, string> {
  return Object.fromEntries(
    (errors ?? []).flatMap(({ path, message }) => {
      const named = /^[\w-]+\.([\w.[\]-]+)\s+(.*)$/.exec(message);
      if (named?.[1]) return [[named[1].replace(/\[(\d+)\]/g, ".$1").replaceAll(".", "/"), named[2] ?? message]];
      const pointed = /^\/(?:values|args)\/(.+)$/.exec(path)?.[1];
      return pointed ? [[pointed, message]] : [];
    }),
  );
}
