// SPDX-License-Identifier: Apache-2.0
import { Badge } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Plugin } from "../../api/types";

/** The one thing that matters about a plugin now. */
export function Standing({ plugin }: { plugin: Plugin }) {
  const { t } = useTranslation();
  if (plugin.state === "refused" || plugin.state === "quarantined")
    return <Badge color="red">{t(`plugins.state.${plugin.state}`)}</Badge>;
  if (plugin.consentChanges.length) return <Badge color="orange">{t("plugins.asksMore")}</Badge>;
  return (
    <Badge color={plugin.enabled ? "pine" : "gray"}>{t(plugin.enabled ? "plugins.enabled" : "plugins.disabled")}</Badge>
  );
}
