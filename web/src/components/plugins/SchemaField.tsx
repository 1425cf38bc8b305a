// SPDX-License-Identifier: Apache-2.0
import {
  ActionIcon,
  Button,
  Checkbox,
  Code,
  Group,
  InputBase,
  NumberInput,
  PasswordInput,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
} from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Icon } from "../../icons";
import classes from "./SchemaForm.module.css";
import { choicesOf, type FieldSchema, fieldsOf, type ObjectSchema, resolve, type Values } from "./schema";

interface Props {
  root: ObjectSchema;
  form: string;
  /** "group/0/name": where the value lies, and the key of its error. */
  path: string;
  label: string;
  field: FieldSchema;
  required: boolean;
  value: unknown;
  errors: Record<string, string>;
  onChange: (value: unknown) => void;
}

const inputTypes: Record<string, string> = { email: "email", uri: "url", date: "date", time: "time" };
const longText = 300; // characters; an e-mail address or a name on the network has up to 254

/** One member of a JSON Schema: the field that fits its type, down through objects and lists. */
export function SchemaField(props: Props) {
  const { form, path, field, required, value, errors, onChange } = props;
  const { t } = useTranslation();
  const common = {
    id: form + path,
    label: field.title ?? props.label,
    description: field.description,
    error: errors[path],
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
  const items = field.items && resolve(props.root, field.items);
  const many = field.type === "array" && items ? choicesOf(items) : undefined;
  if (many) {
    return (
      <Checkbox.Group
        label={common.label}
        description={common.description}
        error={common.error}
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
  if (field.type === "object" && field.properties) return <Members {...props} />;
  if (field.type === "array" && items && (items.type === "string" || items.type === "object"))
    return <Items {...props} items={items} />;
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
      onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
    };
    if (field.writeOnly) return <PasswordInput {...text} placeholder={t("plugins.secretKept")} autoComplete="off" />;
    if ((field.maxLength ?? 0) > longText && !field.format)
      return <InputBase {...text} component="textarea" rows={3} multiline />;
    return <TextInput {...text} type={inputTypes[field.format ?? ""] ?? "text"} />;
  }
  // Outside the profile: shown, kept, not editable.
  return (
    <div>
      <Text size="sm">{common.label}</Text>
      <Code block>{JSON.stringify(value, null, 2)}</Code>
    </div>
  );
}

function Members({ root, form, path, label, field, value, errors, onChange }: Props) {
  const members = (value && typeof value === "object" ? value : {}) as Values;
  return (
    <fieldset className={classes.group}>
      <legend>{field.title ?? label}</legend>
      {field.description && (
        <Text size="xs" c="dimmed">
          {field.description}
        </Text>
      )}
      <Stack gap="sm" mt="xs">
        {fieldsOf({ ...root, ...field }).map((member) => (
          <SchemaField
            key={member.name}
            root={root}
            form={form}
            path={`${path}/${member.name}`}
            label={member.name}
            field={member.field}
            required={member.required}
            value={members[member.name]}
            errors={errors}
            onChange={(next) => onChange({ ...members, [member.name]: next })}
          />
        ))}
      </Stack>
    </fieldset>
  );
}

function Items({ root, form, path, label, field, items, value, errors, onChange }: Props & { items: FieldSchema }) {
  const { t } = useTranslation();
  const list = Array.isArray(value) ? value : [];
  const title = field.title ?? label;
  const full = field.maxItems !== undefined && list.length >= field.maxItems;
  return (
    <fieldset className={classes.group}>
      <legend>{title}</legend>
      {field.description && (
        <Text size="xs" c="dimmed">
          {field.description}
        </Text>
      )}
      <Stack gap="sm" mt="xs">
        {list.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries of a list are told apart by their place alone
          <Group key={index} gap="xs" align="flex-start" wrap="nowrap">
            <div className={classes.item}>
              <SchemaField
                root={root}
                form={form}
                path={`${path}/${index}`}
                label={`${items.title ?? title} ${index + 1}`}
                field={{ ...items, title: undefined }}
                required
                value={item}
                errors={errors}
                onChange={(next) => onChange(list.map((old, at) => (at === index ? next : old)))}
              />
            </div>
            <ActionIcon
              variant="subtle"
              color="gray"
              mt={24}
              size={32}
              aria-label={t("plugins.removeItem", { number: index + 1, list: title })}
              onClick={() => onChange(list.filter((_, at) => at !== index))}
            >
              <Icon name="x" />
            </ActionIcon>
          </Group>
        ))}
        {errors[path] && (
          <Text size="xs" c="var(--danger)">
            {errors[path]}
          </Text>
        )}
        {!full && !field.readOnly && (
          <Button
            variant="default"
            size="xs"
            w="fit-content"
            id={form + path}
            leftSection={<Icon name="plus" size={15} />}
            aria-label={t("plugins.addItem", { list: title })}
            onClick={() => onChange([...list, items.type === "object" ? {} : ""])}
          >
            {t("common.add")}
          </Button>
        )}
      </Stack>
    </fieldset>
  );
}
