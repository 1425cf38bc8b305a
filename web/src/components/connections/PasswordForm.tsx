// SPDX-License-Identifier: Apache-2.0
import { Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { PasswordForm as Form, Plugin } from "../../api/types";
import { toast } from "../../lib/toast";
import { ProblemAlert } from "../ProblemAlert";

interface Props {
  plugin: Plugin;
  connection: string;
  form: Form;
  userName?: string;
  onDone: () => void;
  onBack: () => void;
}

/** User name and password for one server, which is named. A form is good for one try; after a mistake another is fetched. */
export function PasswordForm({ plugin, connection, form, userName = "", onDone, onBack }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [current, setCurrent] = useState(form);
  const [name, setName] = useState(userName);
  const [password, setPassword] = useState("");
  const renew = async () => {
    const begun = await unwrap(api.POST("/connections/begin", { body: { plugin: plugin.id, connection } }));
    if (begun.password) setCurrent(begun.password);
  };
  const send = useMutation({
    mutationFn: () =>
      unwrap(api.POST("/connections/password", { body: { form: current.form, userName: name.trim(), password } })),
    onSuccess: () => {
      toast(t("connections.connectedToast", { name: plugin.name }));
      for (const key of ["connections", "sync"]) void client.invalidateQueries({ queryKey: [key] });
      onDone();
    },
    onError: () => {
      setPassword("");
      void renew().catch(() => undefined); // what is wrong now is shown; the next try says what is wrong then
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && password) send.mutate();
  };
  return (
    <form onSubmit={submit} data-testid="password-form">
      <Stack>
        <Text size="sm">
          {t("password.where")} <strong data-testid="password-server">{current.server}</strong>.{" "}
          {t("password.nowhereElse")}
        </Text>
        <TextInput
          label={t("password.userName")}
          name="username"
          autoComplete={`section-${plugin.id} username`}
          autoCapitalize="none"
          spellCheck={false}
          maxLength={256}
          required
          withAsterisk={false}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label={t("password.password")}
          description={t("password.hint")}
          name="password"
          autoComplete={`section-${plugin.id} current-password`}
          maxLength={1024}
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <ProblemAlert error={send.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onBack}>
            {t("disclosure.notNow")}
          </Button>
          <Button type="submit" loading={send.isPending} data-testid="send-password">
            {t("connections.connect")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
