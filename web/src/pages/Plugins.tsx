// SPDX-License-Identifier: Apache-2.0
import { Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { pluginsQuery } from "../api/queries";
import type { Plugin } from "../api/types";
import { EmptyState } from "../components/EmptyState";
import { Page } from "../components/Page";
import { ProblemAlert } from "../components/ProblemAlert";
import { pluginIcon } from "../components/plugins/icons";
import classes from "../components/plugins/plugins.module.css";
import { Standing } from "../components/plugins/Standing";
import { Icon } from "../icons";

/** What is installed, each with the one thing that matters about it now. The rest is on the plugin's own page. */
export default function Plugins() {
  const { t } = useTranslation();
  const { data, error, isPending } = useQuery(pluginsQuery);
  return (
    <Page title={t("plugins.title")} intro={t("plugins.intro")}>
      <ProblemAlert error={error} />
      {isPending && <Skeleton height={320} radius="lg" />}
      {data?.length === 0 && <EmptyState icon="puzzle" title={t("plugins.none")} text={t("plugins.noneText")} />}
      <Stack gap="sm">
        {data?.map((plugin) => (
          <Row key={plugin.id} plugin={plugin} />
        ))}
      </Stack>
    </Page>
  );
}

function Row({ plugin }: { plugin: Plugin }) {
  return (
    <Link
      to="/plugins/$pluginId"
      params={{ pluginId: plugin.id }}
      className={`card ${classes.row}`}
      data-testid={`plugin-${plugin.id}`}
    >
      <span className={classes.logo}>
        <Icon name={pluginIcon(plugin.id)} size={22} />
      </span>
      <span className={classes.grow}>
        <Group gap={8}>
          <Title order={2} size="h5">
            {plugin.name}
          </Title>
          <Standing plugin={plugin} />
        </Group>
        <Text size="sm" c="dimmed" lineClamp={2}>
          {plugin.description}
        </Text>
      </span>
      <Icon name="chevronRight" className={classes.chevron} />
    </Link>
  );
}
