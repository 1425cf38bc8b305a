// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, SegmentedControl, Table, Text } from "@mantine/core";
import { type InfiniteData, type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { connectionLogQuery, connectionUsesQuery, mySignInsQuery } from "../../api/queries";
import { useFormats, useMe } from "../../app/session";
import { deviceOf } from "../../lib/device";
import { formatDate, formatInstant, numericDate, toLocal } from "../../lib/time";
import { Section } from "../client/Section";
import { ProblemAlert } from "../ProblemAlert";
import classes from "./connections.module.css";

const tabs = ["uses", "log", "signIns"] as const;
type Tab = (typeof tabs)[number];

/** What was done in the user's name, how their connections came and went, and when they signed in. */
export function History() {
  const { t } = useTranslation();
  const { historyDays } = useMe();
  const [tab, setTab] = useState<Tab>("uses");
  return (
    <Section
      title={t("history.title")}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t("history.title")}
          value={tab}
          onChange={(value) => setTab(value as Tab)}
          data={tabs.map((value) => ({ value, label: t(`history.${value}`) }))}
        />
      }
    >
      <Text size="sm" c="dimmed" mb="xs">
        {t(`history.${tab}Intro`)} {t("history.kept", { days: historyDays })}
      </Text>
      {tab === "uses" && <Uses />}
      {tab === "log" && <Log />}
      {tab === "signIns" && <SignIns />}
    </Section>
  );
}

interface Listed<T> {
  items: T[];
  next: string | null;
}

/** One of the lists, page by page. */
function Rows<T>({
  query,
  label,
  empty,
  row,
}: {
  query: UseInfiniteQueryResult<InfiniteData<Listed<T>>>;
  label: string;
  empty: string;
  row: (item: T) => ReactNode;
}) {
  const { t } = useTranslation();
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <ProblemAlert error={query.error} compact />
      <div className={classes.stack}>
        <Table verticalSpacing={6} aria-label={label}>
          <Table.Tbody>{items.map(row)}</Table.Tbody>
        </Table>
      </div>
      {query.data && !items.length && <Text size="sm">{empty}</Text>}
      {query.hasNextPage && (
        <Button
          mt="sm"
          size="xs"
          variant="default"
          onClick={() => query.fetchNextPage()}
          loading={query.isFetchingNextPage}
        >
          {t("common.loadMore")}
        </Button>
      )}
    </>
  );
}

function Uses() {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  const day = (at: string) => formatDate(toLocal(at, zone).slice(0, 10), language, numericDate);
  const time = (at: string) => toLocal(at, zone).slice(11, 16);
  return (
    <Rows
      query={useInfiniteQuery(connectionUsesQuery)}
      label={t("history.uses")}
      empty={t("history.noUses")}
      row={(use) => (
        <Table.Tr key={use.id} data-testid="use-group">
          <Table.Td className="num">
            {day(use.lastAt)}
            <Text size="xs" c="dimmed">
              {use.count > 1 ? `${time(use.firstAt)} – ${time(use.lastAt)}` : time(use.lastAt)}
            </Text>
          </Table.Td>
          <Table.Td>{use.pluginName}</Table.Td>
          <Table.Td>
            {t(`history.method.${use.method as "GET"}`, { defaultValue: use.method })} {use.host}
            <Text size="xs" c="dimmed">
              {use.path}
            </Text>
          </Table.Td>
          <Table.Td className="num">
            {t("history.times", { count: use.count })}
            {use.failed > 0 && (
              <Text size="xs" c="var(--danger)">
                {t("history.failed", { count: use.failed })}
              </Text>
            )}
          </Table.Td>
        </Table.Tr>
      )}
    />
  );
}

function Log() {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  return (
    <Rows
      query={useInfiniteQuery(connectionLogQuery)}
      label={t("history.log")}
      empty={t("history.noLog")}
      row={(entry) => (
        <Table.Tr key={entry.id} data-testid="connection-log">
          <Table.Td className="num">{formatInstant(entry.at, zone, language)}</Table.Td>
          <Table.Td>{t(`history.kind.${entry.kind}`)}</Table.Td>
          <Table.Td>{entry.pluginName}</Table.Td>
          <Table.Td>{entry.account}</Table.Td>
          <Table.Td>{entry.detail}</Table.Td>
        </Table.Tr>
      )}
    />
  );
}

function SignIns() {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  return (
    <Rows
      query={useInfiniteQuery(mySignInsQuery)}
      label={t("history.signIns")}
      empty={t("history.noLog")}
      row={(note) => (
        <Table.Tr key={note.id} data-testid="sign-in-note">
          <Table.Td className="num">{formatInstant(note.at, zone, language)}</Table.Td>
          <Table.Td>
            <Badge color={note.outcome === "failed" ? "red" : "pine"}>{t(`history.outcome.${note.outcome}`)}</Badge>
          </Table.Td>
          <Table.Td title={note.userAgent}>{deviceOf(note.userAgent, t)}</Table.Td>
        </Table.Tr>
      )}
    />
  );
}
