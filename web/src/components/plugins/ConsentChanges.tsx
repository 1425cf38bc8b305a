// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Group, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import type { Plugin } from "../../api/types";
import { useFormats, useRole } from "../../app/session";
import { ProblemAlert } from "../ProblemAlert";
import { changeText } from "./consent";
import classes from "./plugins.module.css";

/** An update asks for more than was agreed to: what exactly, why, and the two ways to answer. */
export function ConsentChanges({ plugin }: { plugin: Plugin }) {
  const { t } = useTranslation();
  const { language } = useFormats();
  const { isAdmin } = useRole();
  const client = useQueryClient();
  const id = useId();
  const answer = useMutation({
    mutationFn: (agree: boolean) => {
      const params = { path: { pluginId: plugin.id } };
      return unwrap(
        agree
          ? api.POST("/plugins/{pluginId}/enable", { params })
          : api.POST("/plugins/{pluginId}/disable", { params, body: { data: "keep" } }),
      );
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ["plugins"] }),
  });
  // Requests follow from what is told already; by name they mean something to a technician alone.
  const changes = plugin.consentChanges.filter(({ kind }) => kind !== "request");
  const requests = plugin.consentChanges.length - changes.length;
  return (
    <section className={`card ${classes.consent}`} aria-labelledby={id} data-testid="consent-changes">
      <Title order={2} size="h4" id={id}>
        {t("plugins.consent.title")}
      </Title>
      <Text size="sm" mt={4} mb="sm">
        {t("plugins.consent.intro", { name: plugin.name, version: plugin.version })}
      </Text>
      <ul className={classes.list}>
        {changes.map((change) => (
          <li key={`${change.kind} ${change.what}`} className={classes.change}>
            <Group gap={8}>
              <Badge color="orange" size="sm">
                {t(`plugins.consent.kind.${change.kind}`)}
              </Badge>
              <Text size="sm" fw={570}>
                {changeText(t, plugin, change, language)}
              </Text>
            </Group>
            {change.reason && (
              <Text size="sm" c="dimmed" mt={3}>
                {t("plugins.consent.why", { reason: change.reason })}
              </Text>
            )}
          </li>
        ))}
        {requests > 0 && (
          <li className={classes.change}>
            <Text size="sm">{t("plugins.consent.requests", { count: requests })}</Text>
          </li>
        )}
      </ul>
      <details className={classes.more}>
        <summary>{t("plugins.consent.details")}</summary>
        <ul className={classes.asks}>
          {plugin.consentChanges.map(({ kind, what }) => (
            <li key={`${kind} ${what}`}>
              {t(`plugins.consent.kind.${kind}`)}: <code className={classes.code}>{what}</code>
            </li>
          ))}
        </ul>
      </details>
      <Text size="sm" c="dimmed" mt="sm">
        {t("plugins.consent.rest")}
      </Text>
      <ProblemAlert error={answer.error} compact />
      {isAdmin && (
        <Group mt="sm">
          <Button onClick={() => answer.mutate(true)} loading={answer.isPending} data-testid="consent-agree">
            {t("plugins.consent.agree")}
          </Button>
          {plugin.canDisable && (
            <Button variant="default" onClick={() => answer.mutate(false)} disabled={answer.isPending}>
              {t("plugins.consent.refuse")}
            </Button>
          )}
        </Group>
      )}
    </section>
  );
}
