// SPDX-License-Identifier: Apache-2.0
import { Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { Plugin } from "../../api/types";
import { toast } from "../../lib/toast";
import { ProblemAlert } from "../ProblemAlert";
import { SchemaForm } from "./SchemaForm";
import type { Values } from "./schema";

export function PluginSettings({ plugin, settings }: { plugin: Plugin; settings: NonNullable<Plugin["settings"]> }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [open, { toggle }] = useDisclosure(false);
  const save = useMutation({
    mutationFn: (values: Values) =>
      unwrap(api.PUT("/plugins/{pluginId}/settings", { params: { path: { pluginId: plugin.id } }, body: { values } })),
    onSuccess: () => {
      toast(t("plugins.settingsSaved"));
      return client.invalidateQueries({ queryKey: ["plugins"] });
    },
  });
  return (
    <>
      <Group mt="sm">
        <Button
          variant="default"
          size="sm"
          onClick={toggle}
          aria-expanded={open}
          aria-label={t("plugins.settingsNamed", { name: plugin.name })}
        >
          {t("plugins.settings")}
        </Button>
      </Group>
      {open && (
        <>
          <ProblemAlert error={save.error} compact />
          <SchemaForm
            key={JSON.stringify(settings.values)}
            schema={settings.schema}
            values={settings.values as Values}
            saving={save.isPending}
            onSave={(values) => save.mutate(values)}
          />
        </>
      )}
    </>
  );
}
