// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Button, Checkbox, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ifMatch, onceOnly, unwrap } from "../../api/client";
import { followUpsQuery } from "../../api/queries";
import type { FollowUp } from "../../api/types";
import { useFormats } from "../../app/session";
import { Icon } from "../../icons";
import { addDays, formatDate, shortDate, today } from "../../lib/time";
import { toastError, toastUndo } from "../../lib/toast";
import { ProblemAlert } from "../ProblemAlert";
import { Section } from "./Section";

/** Puts a follow-up's done mark; shared with the calendar's day strip. */
export function useFollowUpActions() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const refresh = () => {
    void client.invalidateQueries({ queryKey: ["follow-ups"] });
    void client.invalidateQueries({ queryKey: ["timeline"] });
  };
  const setDone = useMutation({
    mutationFn: ({ item, done }: { item: FollowUp; done: boolean }) => {
      const { contactId, staffId, title, notes, date, time, timeZone } = item;
      return unwrap(
        api.PUT("/follow-ups/{followUpId}", {
          params: { path: { followUpId: item.id }, header: ifMatch(item) },
          body: { contactId, staffId, title, notes, date, time, timeZone, done },
        }),
      );
    },
    onSuccess: refresh,
    onError: toastError,
  });
  const remove = useMutation({
    mutationFn: (item: FollowUp) =>
      unwrap(
        api.DELETE("/follow-ups/{followUpId}", { params: { path: { followUpId: item.id }, header: ifMatch(item) } }),
      ),
    onSuccess: (_, item) => {
      refresh();
      const { contactId, staffId, title, notes, date, time, timeZone } = item;
      toastUndo(t("followUps.deleted"), async () => {
        await unwrap(api.POST("/follow-ups", { body: { contactId, staffId, title, notes, date, time, timeZone } }));
        refresh();
      });
    },
    onError: toastError,
  });
  return { setDone, remove, refresh };
}

export function ClientFollowUps({ contactId }: { contactId: string }) {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  const { data, error } = useQuery(followUpsQuery({ contactId }));
  const { setDone, remove } = useFollowUpActions();
  const [adding, setAdding] = useState(false);
  const open = data?.filter((item) => !item.done) ?? [];
  const now = today(zone);
  return (
    <Section
      title={t("followUps.title")}
      actions={
        <Button variant="subtle" size="compact-sm" onClick={() => setAdding(!adding)} aria-expanded={adding}>
          {t("followUps.add")}
        </Button>
      }
    >
      <ProblemAlert error={error} compact />
      {adding && <NewFollowUp contactId={contactId} onDone={() => setAdding(false)} />}
      {!adding && data && !open.length && (
        <Text size="sm" c="dimmed">
          {t("followUps.none")}
        </Text>
      )}
      <Stack gap={8}>
        {open.map((item) => (
          <Group key={item.id} gap="xs" wrap="nowrap" align="flex-start">
            <Checkbox
              flex={1}
              checked={item.done}
              onChange={() => setDone.mutate({ item, done: true })}
              label={item.title}
              description={[
                formatDate(item.date, language, shortDate),
                item.time,
                item.date < now && t("followUps.overdue"),
              ]
                .filter(Boolean)
                .join(" · ")}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("followUps.deleteOne", { title: item.title })}
              onClick={() => remove.mutate(item)}
            >
              <Icon name="x" size={15} />
            </ActionIcon>
          </Group>
        ))}
      </Stack>
    </Section>
  );
}

function NewFollowUp({ contactId, onDone }: { contactId: string; onDone: () => void }) {
  const { t } = useTranslation();
  const { zone } = useFormats();
  const { refresh } = useFollowUpActions();
  const [title, setTitle] = useState("");
  const [date, setDate] = useState(() => addDays(today(zone), 7));
  const [time, setTime] = useState("");
  const create = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/follow-ups", {
          params: { header: onceOnly() },
          body: { contactId, title, date, time: time || null },
        }),
      ),
    onSuccess: () => {
      refresh();
      onDone();
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    create.mutate();
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="xs" mb="sm">
        <ProblemAlert error={create.error} compact />
        <TextInput
          label={t("followUps.what")}
          required
          withAsterisk={false}
          data-autofocus
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <Group grow>
          <TextInput
            label={t("followUps.date")}
            type="date"
            required
            withAsterisk={false}
            value={date}
            onChange={(event) => setDate(event.currentTarget.value)}
          />
          <TextInput
            label={t("followUps.time")}
            type="time"
            value={time}
            onChange={(event) => setTime(event.currentTarget.value)}
          />
        </Group>
        <Group justify="flex-end" gap="xs">
          <Button size="xs" variant="default" onClick={onDone}>
            {t("common.cancel")}
          </Button>
          <Button size="xs" type="submit" loading={create.isPending}>
            {t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
