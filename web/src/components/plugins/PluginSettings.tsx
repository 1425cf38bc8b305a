// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { Plugin } from "../../api/types";
import { toast } from "../../lib/toast";
import { SchemaForm } from "./SchemaForm";
import type { Values } from "./schema";

export function PluginSettings({ plugin, settings }: { plugin: Plugin; settings: NonNullable<Plugin["settings"]> }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (values: Values) =>
      unwrap(api.PUT("/plugins/{pluginId}/settings", { params: { path: { pluginId: plugin.id } }, body: { values } })),
    onSuccess: () => {
      toast(t("plugins.settingsSaved"));
      return client.invalidateQueries({ queryKey: ["plugins"] });
    },
  });
  return (
    <SchemaForm
      key={JSON.stringify(settings.values)}
      schema={settings.schema}
      values={settings.values as Values}
      saving={save.isPending}
      error={save.error}
      onSave={(values) => save.mutate(values)}
    />
  );
}
