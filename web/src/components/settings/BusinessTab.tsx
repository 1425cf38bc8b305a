// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import { useTenant } from "../../app/session";
import { toast } from "../../lib/toast";
import { Section } from "../client/Section";
import { ProblemAlert } from "../ProblemAlert";
import { Controller } from "./Controller";

export function BusinessTab() {
  const { t } = useTranslation();
  const tenant = useTenant();
  const client = useQueryClient();
  const [name, setName] = useState(tenant.name);
  const [timeZone, setTimeZone] = useState(tenant.timeZone);
  const [currency, setCurrency] = useState(tenant.currency);
  const save = useMutation({
    mutationFn: () =>
      unwrap(
        api.PATCH("/tenants/{tenantId}", {
          params: { path: { tenantId: tenant.id } },
          body: { name, timeZone, currency },
        }),
      ),
    onSuccess: () => {
      toast(t("settings.saved"));
      return client.invalidateQueries({ queryKey: ["session"] });
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    save.mutate();
  }
  return (
    <Stack maw={640}>
      <form onSubmit={submit}>
        <Section title={t("settings.tab.business")}>
          <Stack>
            <ProblemAlert error={save.error} compact />
            <TextInput
              label={t("setup.tenantName")}
              required
              withAsterisk={false}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Select
              label={t("setup.timeZone")}
              description={t("settings.timeZoneHint")}
              data={Intl.supportedValuesOf("timeZone")}
              searchable
              allowDeselect={false}
              value={timeZone}
              onChange={(value) => value && setTimeZone(value)}
            />
            <TextInput
              label={t("setup.currency")}
              required
              withAsterisk={false}
              maxLength={3}
              value={currency}
              onChange={(event) => setCurrency(event.currentTarget.value.toUpperCase())}
            />
            <Group>
              <Button type="submit" loading={save.isPending}>
                {t("common.save")}
              </Button>
            </Group>
          </Stack>
        </Section>
      </form>
      <Controller />
    </Stack>
  );
}
