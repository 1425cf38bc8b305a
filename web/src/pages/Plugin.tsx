// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, Skeleton, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { pluginQuery } from "../api/queries";
import type { Plugin } from "../api/types";
import { useRole } from "../app/session";
import { Section } from "../components/client/Section";
import { useTitle } from "../components/Page";
import { ProblemAlert } from "../components/ProblemAlert";
import { AccountCard } from "../components/panels/AccountCard";
import { ConsentChanges } from "../components/plugins/ConsentChanges";
import { DisableDialog } from "../components/plugins/DisableDialog";
import { pluginIcon } from "../components/plugins/icons";
import { PluginAsks } from "../components/plugins/PluginAsks";
import { PluginHealth } from "../components/plugins/PluginHealth";
import { PluginOrigin } from "../components/plugins/PluginOrigin";
import { PluginPeople } from "../components/plugins/PluginPeople";
import { PluginSettings } from "../components/plugins/PluginSettings";
import classes from "../components/plugins/plugins.module.css";
import { Standing } from "../components/plugins/Standing";
import { Icon } from "../icons";

/** One plugin for the admin: what it is, what it may do, how it is doing, and the switches. */
export default function PluginDetails() {
  const { pluginId } = useParams({ from: "/shell/plugins/$pluginId" });
  const { t } = useTranslation();
  const { data: plugin, error } = useQuery(pluginQuery(pluginId));
  useTitle(plugin?.name ?? t("plugins.title"));
  return (
    <div className={classes.page}>
      <Link to="/plugins" className={classes.back}>
        <Icon name="arrowLeft" size={16} /> {t("plugins.back")}
      </Link>
      <ProblemAlert error={error} />
      {!plugin && !error && <Skeleton height={420} radius="lg" />}
      {plugin && <Content plugin={plugin} />}
    </div>
  );
}

function Content({ plugin }: { plugin: Plugin }) {
  const { t } = useTranslation();
  const { isAdmin } = useRole();
  return (
    <div className={classes.sections}>
      <Head plugin={plugin} />
      {plugin.consentChanges.length > 0 && plugin.state !== "refused" && <ConsentChanges plugin={plugin} />}
      <PluginHealth plugin={plugin} />
      {plugin.enabled && <AccountCard plugin={plugin} />}
      {plugin.enabled && plugin.people && <PluginPeople plugin={plugin} people={plugin.people} />}
      {isAdmin && plugin.enabled && (
        <Section title={t("plugins.settings")}>
          {plugin.asks.connections.some((item) => item.serverIsChosenHere && !item.server) && (
            <Alert p="xs" icon={<Icon name="info" />}>
              {t("plugins.chooseServer")}
            </Alert>
          )}
          {plugin.settings && Object.keys(plugin.settings.schema.properties ?? {}).length > 0 ? (
            <PluginSettings plugin={plugin} settings={plugin.settings} />
          ) : (
            <Text size="sm" c="dimmed">
              {t("plugins.noSettings")}
            </Text>
          )}
        </Section>
      )}
      <PluginAsks asks={plugin.asks} />
      <PluginOrigin plugin={plugin} />
    </div>
  );
}

function Head({ plugin }: { plugin: Plugin }) {
  const { t } = useTranslation();
  const { isAdmin } = useRole();
  const client = useQueryClient();
  const [asking, ask] = useDisclosure(false);
  const enable = useMutation({
    mutationFn: () => unwrap(api.POST("/plugins/{pluginId}/enable", { params: { path: { pluginId: plugin.id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["plugins"] }),
  });
  const refused = plugin.state === "refused";
  const waits = plugin.consentChanges.length > 0;
  return (
    <header>
      <div className={classes.head}>
        <span className={classes.logo}>
          <Icon name={pluginIcon(plugin.id)} size={23} />
        </span>
        <div className={classes.grow}>
          <Group gap="xs">
            <Title order={1} size={26}>
              {plugin.name}
            </Title>
            <Standing plugin={plugin} />
          </Group>
          <Text size="xs" c="dimmed" className="num">
            {[t("plugins.version", { version: plugin.version }), plugin.vendor].filter(Boolean).join(" · ")}
          </Text>
          <Text size="sm" mt={6}>
            {plugin.description}
          </Text>
        </div>
        {isAdmin && plugin.enabled && plugin.canDisable && (
          <Button variant="default" onClick={ask.open} data-testid="disable">
            {t("plugins.disable.button")}
          </Button>
        )}
        {isAdmin && !plugin.enabled && !refused && !waits && (
          <Button onClick={() => enable.mutate()} loading={enable.isPending} data-testid="enable">
            {t("plugins.enable")}
          </Button>
        )}
      </div>
      {!plugin.canDisable && (
        <Text size="sm" c="dimmed" mt="xs">
          {t("plugins.required")}
        </Text>
      )}
      {!plugin.enabled && !refused && !waits && (
        <Text size="sm" c="dimmed" mt="xs">
          {t("plugins.enableHint")}
        </Text>
      )}
      {refused && (
        <Alert color="red" mt="sm" p="sm" icon={<Icon name="alert" />}>
          {t("plugins.notAllowed")}
        </Alert>
      )}
      <ProblemAlert error={enable.error} compact />
      <DisableDialog plugin={plugin} opened={asking} onClose={ask.close} />
    </header>
  );
}
