// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Button, Drawer, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ifMatch, onceOnly, unwrap } from "../api/client";
import type { Contact } from "../api/types";
import { Icon } from "../icons";
import { type ContactForm, cardOf, emptyForm, formFromName, formOf } from "../lib/card";
import { toast } from "../lib/toast";
import { ProblemAlert } from "./ProblemAlert";

interface Props {
  opened: boolean;
  onClose: () => void;
  contact?: Contact;
  initialName?: string;
}

/** The form for a new client and for changing one. */
export function ContactDrawer({ opened, onClose, contact, initialName }: Props) {
  const { t } = useTranslation();
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="md"
      title={t(contact ? "clients.edit" : "clients.add")}
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      {opened && <Form onClose={onClose} contact={contact} initialName={initialName} />}
    </Drawer>
  );
}

function Form({ onClose, contact, initialName }: Omit<Props, "opened">) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [form, setForm] = useState<ContactForm>(() =>
    contact ? formOf(contact.card) : initialName ? formFromName(initialName) : emptyForm,
  );
  const [nameMissing, setNameMissing] = useState(false);
  const save = useMutation({
    mutationFn: () => {
      const body = { card: cardOf(form, contact?.card) };
      if (!contact) return unwrap(api.POST("/contacts", { params: { header: onceOnly() }, body }));
      const params = { path: { contactId: contact.id }, header: ifMatch(contact) };
      return unwrap(api.PUT("/contacts/{contactId}", { params, body }));
    },
    onSuccess: async (saved) => {
      client.setQueryData(["contacts", "one", saved.id], saved);
      void client.invalidateQueries({ queryKey: ["contacts"] });
      void client.invalidateQueries({ queryKey: ["timeline", saved.id] });
      toast(t(contact ? "clients.saved" : "clients.added", { name: saved.displayName }));
      onClose();
      if (!contact) await navigate({ to: "/clients/$contactId", params: { contactId: saved.id } });
    },
  });
  const set = (name: keyof ContactForm, value: string | string[]) => setForm((old) => ({ ...old, [name]: value }));
  const field = (name: Exclude<keyof ContactForm, "emails" | "phones">) => ({
    label: t(`clients.field.${name}`),
    value: form[name],
    onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
  });
  // Fields appear after the drawer has moved in; autofocus would come too early.
  useEffect(() => document.querySelector<HTMLInputElement>('[name="given"]')?.focus(), []);

  function submit(event: FormEvent) {
    event.preventDefault();
    const named = Boolean(form.given.trim() || form.surname.trim() || form.organization.trim());
    setNameMissing(!named);
    if (named) save.mutate();
    else document.querySelector<HTMLInputElement>('[name="given"]')?.focus();
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack pb={80}>
        <ProblemAlert error={save.error} />
        <Group grow align="flex-start">
          <TextInput
            {...field("given")}
            name="given"
            autoComplete="off"
            error={nameMissing && t("clients.nameMissing")}
          />
          <TextInput {...field("surname")} name="surname" autoComplete="off" />
        </Group>
        <Values name="phones" type="tel" values={form.phones} onChange={(values) => set("phones", values)} />
        <Values name="emails" type="email" values={form.emails} onChange={(values) => set("emails", values)} />
        <TextInput {...field("organization")} name="organization" />
        <TextInput {...field("birthday")} type="date" name="birthday" />
        <TextInput {...field("street")} name="street" />
        <Group grow>
          <TextInput {...field("postcode")} name="postcode" />
          <TextInput {...field("locality")} name="locality" />
        </Group>
        <TextInput {...field("country")} name="country" />
        <Textarea {...field("note")} name="note" autosize minRows={2} description={t("clients.noteSyncs")} />
        <Group justify="flex-end" pos="sticky" bottom={0} py="sm" bg="var(--surface)">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ValuesProps {
  name: "phones" | "emails";
  type: string;
  values: string[];
  onChange: (values: string[]) => void;
}

/** One line per telephone number or address, and a way to add another. */
function Values({ name, type, values, onChange }: ValuesProps) {
  const { t } = useTranslation();
  const label = t(`clients.field.${name}`);
  return (
    <Stack gap={6}>
      {values.map((value, index) => (
        <TextInput
          // biome-ignore lint/suspicious/noArrayIndexKey: the position is what identifies a line while typing
          key={index}
          type={type}
          inputMode={type === "tel" ? "tel" : "email"}
          name={`${name}-${index}`}
          label={index === 0 ? label : undefined}
          aria-label={index ? `${label} ${index + 1}` : undefined}
          value={value}
          onChange={(event) => onChange(values.with(index, event.currentTarget.value))}
          rightSection={
            values.length > 1 && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t("common.remove")}
                onClick={() => onChange(values.toSpliced(index, 1))}
              >
                <Icon name="x" size={15} />
              </ActionIcon>
            )
          }
        />
      ))}
      {values.at(-1)?.trim() && (
        <Button variant="subtle" size="compact-sm" w="fit-content" onClick={() => onChange([...values, ""])}>
          <Text span size="sm">
            + {t(`clients.addValue.${name}`)}
          </Text>
        </Button>
      )}
    </Stack>
  );
}
