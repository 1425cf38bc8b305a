// SPDX-License-Identifier: Apache-2.0
import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceOnly, unwrap } from "../api/client";
import { contactQuery, contactSearchQuery } from "../api/queries";
import { cardOf, formFromName } from "../lib/card";
import { problemText } from "../lib/problem";

const addValue = "\u0000add";

interface Props {
  value: string | null;
  onChange: (contactId: string | null) => void;
  autoFocus?: boolean;
  /** Inside a popover, which would take a click on a floating list for a click outside. */
  inPopover?: boolean;
}

/** Search as you type; a name that nobody has is offered as a new client. */
export function ClientPicker({ value, onChange, autoFocus, inPopover }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const [wanted] = useDebouncedValue(text.trim(), 120);
  const { data: chosen } = useQuery({ ...contactQuery(value ?? ""), enabled: Boolean(value) });
  const searching = wanted !== chosen?.displayName;
  const { data: found } = useQuery(contactSearchQuery(searching ? wanted : ""));
  const add = useMutation({
    mutationFn: (name: string) =>
      unwrap(api.POST("/contacts", { params: { header: onceOnly() }, body: { card: cardOf(formFromName(name)) } })),
    onSuccess: (contact) => {
      client.setQueryData(contactQuery(contact.id).queryKey, contact);
      void client.invalidateQueries({ queryKey: ["contacts"] });
      setText(contact.displayName);
      onChange(contact.id);
    },
  });
  const options = (found?.items ?? []).map((contact) => ({ value: contact.id, label: contact.displayName }));
  if (chosen && !options.some((option) => option.value === chosen.id)) {
    options.unshift({ value: chosen.id, label: chosen.displayName });
  }
  const name = text.trim();
  const known = options.some((option) => option.label.toLowerCase() === name.toLowerCase());
  if (name && searching && !known) options.push({ value: addValue, label: t("clients.addNamed", { name }) });
  return (
    <Select
      label={t("calendar.client")}
      placeholder={t("calendar.clientHint")}
      data={options}
      // The server has matched already, accents and word order included.
      filter={({ options: all }) => all}
      comboboxProps={{ withinPortal: !inPopover }}
      searchable
      clearable
      selectFirstOptionOnChange
      nothingFoundMessage={t("common.nothingFound")}
      data-autofocus={autoFocus || undefined}
      value={value}
      searchValue={text}
      onSearchChange={setText}
      onChange={(next) => (next === addValue ? add.mutate(name) : onChange(next))}
      error={add.error ? problemText(t, add.error) : undefined}
      disabled={add.isPending}
      maxDropdownHeight={280}
      clearButtonProps={{ "aria-label": t("common.clear") }}
    />
  );
}
