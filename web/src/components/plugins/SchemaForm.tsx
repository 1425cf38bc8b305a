// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Stack, Text } from "@mantine/core";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { ProblemAlert } from "../ProblemAlert";
import { SchemaField } from "./SchemaField";
import { errorsOf, fieldsOf, filledOf, type ObjectSchema, serverErrorsOf, type Values, withDefaults } from "./schema";

interface Props {
  schema: ObjectSchema;
  values: Values;
  saving: boolean;
  /** What the server refused; said beside the field that it names, else above the button. */
  error?: unknown;
  submit?: string;
  onSave: (values: Values) => void;
}

/** A form from a JSON Schema, with the host's own fields. */
export function SchemaForm({ schema, values, saving, error, submit, onSave }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const [form, setForm] = useState(() => withDefaults(schema, values));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const refused = error instanceof ApiError ? serverErrorsOf(error.problem.errors) : {};
  function save(event: FormEvent) {
    event.preventDefault();
    event.stopPropagation(); // it may stand in a dialog of another form
    const filled = filledOf(form) as Values;
    const wrong = errorsOf(schema, filled);
    setErrors(wrong);
    const first = Object.keys(wrong)[0];
    if (first === undefined) onSave(filled);
    else document.getElementById(`${id}${first}`)?.focus();
  }
  return (
    <form onSubmit={save} noValidate>
      <Stack mt="md" maw={460}>
        {fieldsOf(schema).map(({ name, field, required }) => (
          <SchemaField
            key={name}
            root={schema}
            form={id}
            path={name}
            label={name}
            field={field}
            required={required}
            value={form[name]}
            errors={{ ...refused, ...errors }}
            onChange={(value) => setForm((old) => ({ ...old, [name]: value }))}
          />
        ))}
        {errors[""] && <Text c="var(--danger)">{errors[""]}</Text>}
        {!Object.keys(refused).length && <ProblemAlert error={error} compact />}
        <Group>
          <Button type="submit" loading={saving}>
            {submit || t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
