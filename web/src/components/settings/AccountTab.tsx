// SPDX-License-Identifier: Apache-2.0
import {
  Badge,
  Button,
  Group,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  Text,
  TextInput,
  useMantineColorScheme,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schemas, unwrap } from "../../api/client";
import { ownSessionsQuery } from "../../api/queries";
import { rememberMe, useFormats, useMe } from "../../app/session";
import { shortcuts } from "../../app/shortcuts";
import { languages } from "../../i18n";
import { deviceOf } from "../../lib/device";
import { ago } from "../../lib/time";
import { toast } from "../../lib/toast";
import { Section } from "../client/Section";
import { ProblemAlert } from "../ProblemAlert";
import { EraseAccounts } from "./EraseAccounts";

function useUpdateMe(done: string) {
  return useMutation({
    mutationFn: (body: Schemas["MePatch"]) => unwrap(api.PATCH("/me", { body })),
    onSuccess: (me) => {
      rememberMe(me);
      toast(done);
    },
  });
}

export function AccountTab() {
  return (
    <Stack maw={640}>
      <Profile />
      <Appearance />
      <Password />
      <Sessions />
      <EraseAccounts />
    </Stack>
  );
}

function Profile() {
  const { t } = useTranslation();
  const { user } = useMe();
  const [name, setName] = useState(user.name);
  const update = useUpdateMe(t("settings.saved"));
  function submit(event: FormEvent) {
    event.preventDefault();
    update.mutate({ name });
  }
  return (
    <Section title={t("settings.profile")}>
      <form onSubmit={submit}>
        <Stack>
          <ProblemAlert error={update.error} compact />
          <TextInput
            label={t("settings.name")}
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="name"
          />
          <Text size="sm" c="dimmed">
            {user.email} · {t(`settings.role.${user.role}`)}
          </Text>
          <Group>
            <Button type="submit" loading={update.isPending}>
              {t("common.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function Appearance() {
  const { t } = useTranslation();
  const { user } = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [keys, setKeys] = useState(shortcuts.enabled);
  const update = useUpdateMe(t("settings.saved"));
  const options = [
    { value: "", label: t("settings.languageAuto") },
    ...Object.entries(languages).map(([value, label]) => ({ value, label })),
  ];
  return (
    <Section title={t("settings.appearance")}>
      <Stack>
        <Select
          label={t("settings.language")}
          data={options}
          allowDeselect={false}
          value={user.language ?? ""}
          onChange={(value) => update.mutate({ language: value || null })}
        />
        <div>
          <Text size="sm" fw={500} mb={4}>
            {t("settings.colours")}
          </Text>
          <SegmentedControl
            aria-label={t("settings.colours")}
            value={colorScheme}
            onChange={(value) => setColorScheme(value as "light" | "dark" | "auto")}
            data={(["auto", "light", "dark"] as const).map((value) => ({
              value,
              label: t(`settings.scheme.${value}`),
            }))}
          />
        </div>
        <Switch
          label={t("settings.shortcuts")}
          description={t("settings.shortcutsHint")}
          checked={keys}
          onChange={(event) => {
            shortcuts.set(event.currentTarget.checked);
            setKeys(event.currentTarget.checked);
          }}
        />
      </Stack>
    </Section>
  );
}

function Password() {
  const { t } = useTranslation();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const update = useUpdateMe(t("settings.passwordChanged"));
  function submit(event: FormEvent) {
    event.preventDefault();
    update.mutate(
      { currentPassword: current, newPassword: next },
      {
        onSuccess: () => {
          setCurrent("");
          setNext("");
        },
      },
    );
  }
  return (
    <Section title={t("settings.password")}>
      <form onSubmit={submit}>
        <Stack>
          <ProblemAlert error={update.error} compact />
          <PasswordInput
            label={t("settings.currentPassword")}
            required
            withAsterisk={false}
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <PasswordInput
            label={t("settings.newPassword")}
            description={t("setup.passwordHint")}
            required
            withAsterisk={false}
            minLength={10}
            autoComplete="new-password"
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
          />
          <Group>
            <Button type="submit" variant="default" loading={update.isPending}>
              {t("settings.changePassword")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}

function Sessions() {
  const { t } = useTranslation();
  const { language } = useFormats();
  const client = useQueryClient();
  const { data, error } = useQuery(ownSessionsQuery);
  const end = useMutation({
    mutationFn: (sessionId: string) => unwrap(api.DELETE("/sessions/{sessionId}", { params: { path: { sessionId } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["sessions"] }),
  });
  return (
    <Section title={t("settings.sessions")}>
      <ProblemAlert error={error ?? end.error} compact />
      <Stack gap="xs">
        {data?.map((session) => (
          <Group key={session.id} justify="space-between" wrap="nowrap">
            <div style={{ minWidth: 0 }}>
              <Text size="sm" truncate title={session.userAgent}>
                {deviceOf(session.userAgent, t)}
              </Text>
              <Text size="xs" c="dimmed">
                {t("settings.lastSeen", { when: ago(session.lastSeenAt, language) })}
              </Text>
            </div>
            {session.current ? (
              <Badge style={{ flexShrink: 0 }}>{t("settings.thisSession")}</Badge>
            ) : (
              <Button
                size="compact-sm"
                variant="default"
                style={{ flexShrink: 0 }}
                onClick={() => end.mutate(session.id)}
              >
                {t("settings.endSession")}
              </Button>
            )}
          </Group>
        ))}
      </Stack>
    </Section>
  );
}
