// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schemas, unwrap } from "../../api/client";
import { controllerQuery } from "../../api/queries";
import { useTenant } from "../../app/session";
import { Icon } from "../../icons";
import { toast } from "../../lib/toast";
import { Section } from "../client/Section";
import { ProblemAlert } from "../ProblemAlert";

/** Who answers for the business's data, as its privacy page says. */
export function Controller() {
  const { t } = useTranslation();
  const { slug } = useTenant();
  const { data, error } = useQuery(controllerQuery);
  return (
    <Section title={t("privacy.controller")}>
      <Text size="sm" c="dimmed" mb="sm">
        {t("privacy.controllerIntro")}{" "}
        <Link to="/privacy/$slug" params={{ slug }}>
          {t("privacy.page")}
        </Link>
      </Text>
      <ProblemAlert error={error} compact />
      {data && <ControllerForm key={data.email} controller={data} />}
    </Section>
  );
}

function ControllerForm({ controller }: { controller: Schemas["Controller"] }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [form, setForm] = useState(controller);
  const save = useMutation({
    mutationFn: () => unwrap(api.PUT("/controller", { body: form })),
    onSuccess: () => {
      toast(t("settings.saved"));
      for (const key of ["controller", "privacy", "session"]) void client.invalidateQueries({ queryKey: [key] });
    },
  });
  const field = (name: keyof typeof form) => ({
    label: t(`privacy.controllerField.${name}`),
    value: form[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setForm((old) => ({ ...old, [name]: value }));
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        {!controller.name && (
          <Alert color="orange" p="xs" icon={<Icon name="alert" />} data-testid="controller-unset">
            {t("privacy.controllerUnset")}
          </Alert>
        )}
        <ProblemAlert error={save.error} compact />
        <TextInput {...field("name")} required withAsterisk={false} autoComplete="organization" />
        <Textarea {...field("address")} autosize minRows={2} autoComplete="street-address" />
        <TextInput {...field("email")} type="email" required withAsterisk={false} autoComplete="email" />
        <Group>
          <Button type="submit" loading={save.isPending} data-testid="save-controller">
            {t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
