// SPDX-License-Identifier: Apache-2.0
import { Alert, Badge, Group, Skeleton, Stack, Switch, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { pluginsQuery } from "../api/queries";
import type { Plugin } from "../api/types";
import { useRole } from "../app/session";
import { pluginIcons } from "../components/connections/ConnectionCard";
import classes from "../components/connections/connections.module.css";
import { Page } from "../components/Page";
import { ProblemAlert } from "../components/ProblemAlert";
import { PluginAsks } from "../components/plugins/PluginAsks";
import { PluginSettings } from "../components/plugins/PluginSettings";
import { Icon } from "../icons";

const trustColor = { builtIn: "pine", signed: "pine", modified: "red", unsigned: "orange" } as const;
const stateColor = { running: "pine", starting: "blue", stopped: "gray", quarantined: "red", refused: "red" } as const;

/** What is installed, what each plugin asks for in plain words, and the tenant's switch for it. */
export default function Plugins() {
  const { t } = useTranslation();
  const { data, error, isPending } = useQuery(pluginsQuery);
  return (
    <Page title={t("plugins.title")} intro={t("plugins.intro")}>
      <Stack gap="md">
        <ProblemAlert error={error} />
        {isPending && <Skeleton height={320} radius="lg" />}
        {data?.map((plugin) => (
          <PluginCard key={plugin.id} plugin={plugin} />
        ))}
      </Stack>
    </Page>
  );
}

function PluginCard({ plugin }: { plugin: Plugin }) {
  const { t } = useTranslation();
  const { isAdmin } = useRole();
  const client = useQueryClient();
  const toggle = useMutation({
    mutationFn: () => {
      const params = { path: { pluginId: plugin.id } };
      return unwrap(
        plugin.enabled
          ? api.POST("/plugins/{pluginId}/disable", { params })
          : api.POST("/plugins/{pluginId}/enable", { params }),
      );
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ["plugins"] }),
  });
  const { level, min, missing } = plugin.sandbox;
  return (
    <section className={`card ${classes.plugin}`} aria-label={plugin.name} data-testid={`plugin-${plugin.id}`}>
      <div className={classes.head}>
        <span className={classes.logo}>
          <Icon name={pluginIcons[plugin.id] ?? "puzzle"} size={23} />
        </span>
        <div className={classes.grow}>
          <Group gap="xs">
            <Title order={2} size="h4">
              {plugin.name}
            </Title>
            <Text size="xs" c="dimmed" className="num">
              {plugin.version} · {plugin.vendor}
            </Text>
          </Group>
          <Text size="sm" c="dimmed">
            {plugin.description}
          </Text>
          <Group gap={6} mt={8}>
            <Badge color={trustColor[plugin.trust]} leftSection={<Icon name="shield" size={13} />}>
              {t(`plugins.trust.${plugin.trust}`, { by: plugin.signedBy ?? "" })}
            </Badge>
            <Badge color={stateColor[plugin.state]}>{t(`plugins.state.${plugin.state}`)}</Badge>
            {level !== null && (
              <Badge
                color={level < min ? "red" : level < 3 ? "orange" : "pine"}
                leftSection={<Icon name="lock" size={13} />}
              >
                {t("plugins.sandbox", { level })}
              </Badge>
            )}
          </Group>
        </div>
        <Switch
          size="md"
          label={t(plugin.enabled ? "plugins.enabled" : "plugins.disabled")}
          aria-label={t("plugins.enableNamed", { name: plugin.name })}
          checked={plugin.enabled}
          disabled={!isAdmin || (plugin.enabled && !plugin.canDisable) || toggle.isPending}
          onChange={() => toggle.mutate()}
        />
      </div>
      {plugin.enabled && !plugin.canDisable && (
        <Text size="xs" c="dimmed" mt="xs">
          {t("plugins.required")}
        </Text>
      )}
      <ProblemAlert error={toggle.error} compact />
      {plugin.problem && (
        <Alert color="red" mt="sm" p="xs" icon={<Icon name="alert" />}>
          {plugin.problem}
        </Alert>
      )}
      {missing.length > 0 && (
        <Alert color="orange" mt="sm" p="xs">
          {t("plugins.sandboxMissing")} {missing.join("; ")}
        </Alert>
      )}
      <PluginAsks asks={plugin.asks} />
      {isAdmin && plugin.enabled && plugin.settings && <PluginSettings plugin={plugin} settings={plugin.settings} />}
    </section>
  );
}
