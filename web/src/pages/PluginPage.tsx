// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page } from "../components/Page";
import { useContributions } from "../components/panels/contributions";
import { PanelContent, usePanelError } from "../components/panels/Panel";
import classes from "../components/panels/Tree.module.css";

const point = "nav.page/v1";

/** A page that a plugin draws. */
export default function PluginPage() {
  const { pluginId } = useParams({ from: "/shell/pages/$pluginId" });
  const { t } = useTranslation();
  const from = useContributions(point).find((item) => item.plugin === pluginId);
  const needsAccount = usePanelError(pluginId, point)?.code === "connection_needed";
  return (
    <Page title={from?.title ?? t("plugins.title")} intro={from && t("panels.from", { name: from.pluginName })}>
      {!from && <Text>{t("problem.not_found")}</Text>}
      {from && needsAccount && (
        <Text>
          {t("panels.connect")} <Link to="/connections">{t("nav.connections")}</Link>
        </Text>
      )}
      {from && !needsAccount && (
        <div className={`card ${classes.card}`}>
          <PanelContent from={from} point={point} headings={2} />
        </div>
      )}
    </Page>
  );
}
