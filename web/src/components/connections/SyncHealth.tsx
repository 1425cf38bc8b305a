// SPDX-License-Identifier: Apache-2.0
import { Alert, Badge, Button, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../../api/client";
import { syncConflictsQuery, syncQuery } from "../../api/queries";
import type { SyncStatus } from "../../api/types";
import { useFormats, useMe } from "../../app/session";
import { ago } from "../../lib/time";
import { toastError } from "../../lib/toast";
import { Section } from "../client/Section";
import classes from "./connections.module.css";

const colors = { idle: "pine", running: "blue", waiting: "yellow", failed: "red", paused: "gray" } as const;

/** How each stream is doing: when it last ran, what waits, what failed and why. */
export function SyncHealth() {
  const { t } = useTranslation();
  const { data } = useQuery(syncQuery);
  const { data: conflicts } = useQuery(syncConflictsQuery);
  if (!data?.length) return null;
  return (
    <Section title={t("sync.title")}>
      {conflicts?.map((conflict) => (
        <Alert key={conflict.id} color="orange" mb="xs" title={t("sync.conflict", { title: conflict.title })}>
          {conflict.reason}
          {conflict.fields.map((field) => (
            <Text size="sm" key={field.path}>
              {t("sync.conflictField", {
                path: field.path,
                local: JSON.stringify(field.local),
                remote: JSON.stringify(field.remote),
              })}
            </Text>
          ))}
        </Alert>
      ))}
      <div className={classes.cards}>
        <Table verticalSpacing="xs" aria-label={t("sync.title")}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("sync.column.what")}</Table.Th>
              <Table.Th>{t("sync.column.state")}</Table.Th>
              <Table.Th>{t("sync.column.last")}</Table.Th>
              <Table.Th>{t("sync.column.open")}</Table.Th>
              <Table.Th>
                <span className="visually-hidden">{t("sync.run")}</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.map((status) => (
              <Row key={`${status.plugin}${status.connectionId}${status.stream}`} status={status} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </Section>
  );
}

function Row({ status }: { status: SyncStatus }) {
  const { t } = useTranslation();
  const { language } = useFormats();
  const { user } = useMe();
  const client = useQueryClient();
  const run = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/sync/run", {
          body: { plugin: status.plugin, connection: status.connectionId, stream: status.stream },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["sync"] }),
    onError: toastError,
  });
  const times = [status.lastPullAt, status.lastPushAt].filter((at) => at !== null).sort();
  const last = times.at(-1);
  const open = [
    status.pending > 0 && t("sync.pending", { count: status.pending }),
    status.failed > 0 && t("sync.failed", { count: status.failed }),
    status.conflicts > 0 && t("sync.conflicts", { count: status.conflicts }),
  ].filter(Boolean);
  return (
    <Table.Tr>
      <Table.Td>
        {status.title}
        <Text size="xs" c="dimmed">
          {status.userId === user.id ? status.pluginName : `${status.pluginName} · ${status.userName}`}
        </Text>
      </Table.Td>
      <Table.Td data-label={t("sync.column.state")}>
        <div>
          <Badge color={colors[status.state]}>{t(`sync.stream.${status.state}`)}</Badge>
          {status.problem && (
            <Text size="xs" c={status.state === "failed" ? "var(--danger)" : "dimmed"}>
              {status.problem}
            </Text>
          )}
          {status.notifications.state === "on" && (
            <Text size="xs" c="dimmed">
              {t("sync.notified")}
            </Text>
          )}
          {status.notifications.state === "failing" && (
            <Text size="xs" c="var(--danger)">
              {t("sync.notNotified", { problem: status.notifications.problem })}
            </Text>
          )}
        </div>
      </Table.Td>
      <Table.Td data-label={t("sync.column.last")}>{last ? ago(last, language) : t("sync.never")}</Table.Td>
      <Table.Td data-label={t("sync.column.open")}>{open.join(", ") || t("sync.nothingOpen")}</Table.Td>
      <Table.Td ta="end">
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => run.mutate()}
          loading={run.isPending}
          aria-label={t("sync.runNamed", { name: status.title })}
        >
          {t("sync.run")}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
