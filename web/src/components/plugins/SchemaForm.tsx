// SPDX-License-Identifier: Apache-2.0
import {
  Button,
  Checkbox,
  Code,
  Group,
  NumberInput,
  PasswordInput,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  choicesOf,
  errorsOf,
  type FieldSchema,
  fieldsOf,
  type ObjectSchema,
  type Values,
  withDefaults,
} from "./schema";

interface Props {
  schema: ObjectSchema;
  values: Values;
  saving: boolean;
  onSave: (values: Values) => void;
}

/** A settings form from a JSON Schema, with the host's own fields. */
export function SchemaForm({ schema, values, saving, onSave }: Props) {
  const { t } = useTranslation();
  const [form, setForm] = useState(() => withDefaults(schema, values));
  const [errors, setErrors] = useState<Record<string, string>>({});
  function submit(event: FormEvent) {
    event.preventDefault();
    const filled = Object.fromEntries(Object.entries(form).filter(([, value]) => value !== undefined && value !== ""));
    const wrong = errorsOf(schema, filled);
    setErrors(wrong);
    const first = Object.keys(wrong)[0];
    if (first === undefined) onSave(filled);
    else document.querySelector<HTMLElement>(`[name="setting-${first}"]`)?.focus();
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack mt="md" maw={460}>
        {fieldsOf(schema).map(({ name, field, required }) => (
          <Field
            key={name}
            name={name}
            field={field}
            required={required}
            value={form[name]}
            error={errors[name]}
            onChange={(value) => setForm((old) => ({ ...old, [name]: value }))}
          />
        ))}
        {errors[""] && <Text c="var(--danger)">{errors[""]}</Text>}
        <Group>
          <Button type="submit" loading={saving}>
            {t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface FieldProps {
  name: string;
  field: FieldSchema;
  required: boolean;
  value: unknown;
  error?: string;
  onChange: (value: unknown) => void;
}

function Field({ name, field, required, value, error, onChange }: FieldProps) {
  const { t } = useTranslation();
  const common = {
    name: `setting-${name}`,
    label: field.title ?? name,
    description: field.description,
    error,
    disabled: field.readOnly,
  };
  const choices = choicesOf(field);
  if (choices) {
    const pick = (text: string | null) =>
      onChange((field.oneOf?.map((item) => item.const) ?? field.enum)?.find((item) => String(item) === text));
    return (
      <Select
        {...common}
        data={choices}
        allowDeselect={!required}
        value={value === undefined ? null : String(value)}
        onChange={pick}
      />
    );
  }
  const many = field.type === "array" && field.items ? choicesOf(field.items) : undefined;
  if (many) {
    return (
      <Checkbox.Group
        label={common.label}
        description={common.description}
        error={error}
        value={Array.isArray(value) ? value.map(String) : []}
        onChange={onChange}
      >
        <Group gap="md" mt={6}>
          {many.map((choice) => (
            <Checkbox key={choice.value} value={choice.value} label={choice.label} disabled={field.readOnly} />
          ))}
        </Group>
      </Checkbox.Group>
    );
  }
  if (field.type === "boolean")
    return <Switch {...common} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
  if (field.type === "integer" || field.type === "number") {
    return (
      <NumberInput
        {...common}
        required={required}
        withAsterisk={false}
        min={field.minimum}
        max={field.maximum}
        allowDecimal={field.type === "number"}
        value={typeof value === "number" ? value : ""}
        onChange={(next) => onChange(next === "" ? undefined : Number(next))}
      />
    );
  }
  if (field.type === "string") {
    const text = {
      ...common,
      required,
      withAsterisk: false,
      maxLength: field.maxLength,
      value: typeof value === "string" ? value : "",
    };
    const change = (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value);
    if (field.writeOnly)
      return <PasswordInput {...text} placeholder={t("plugins.secretKept")} autoComplete="off" onChange={change} />;
    const types: Record<string, string> = { email: "email", uri: "url", date: "date", time: "time" };
    return <TextInput {...text} type={types[field.format ?? ""] ?? "text"} onChange={change} />;
  }
  // Outside the profile: shown, kept, not editable.
  return (
    <div>
      <Text size="sm">{common.label}</Text>
      <Code block>{JSON.stringify(value, null, 2)}</Code>
    </div>
  );
}
