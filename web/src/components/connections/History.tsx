// SPDX-License-Identifier: Apache-2.0
import { Button, SegmentedControl, Table, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { connectionLogQuery, connectionUsesQuery } from "../../api/queries";
import { useFormats } from "../../app/session";
import { formatInstant } from "../../lib/time";
import { Section } from "../client/Section";
import { ProblemAlert } from "../ProblemAlert";
import classes from "./connections.module.css";

/** What was done in the user's name, and how the connections came and went. */
export function History() {
  const { t } = useTranslation();
  const [tab, setTab] = useState("uses");
  return (
    <Section
      title={t("history.title")}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t("history.title")}
          value={tab}
          onChange={setTab}
          data={[
            { value: "uses", label: t("history.uses") },
            { value: "log", label: t("history.log") },
          ]}
        />
      }
    >
      {tab === "uses" ? <Uses /> : <Log />}
    </Section>
  );
}

function Uses() {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  const query = useInfiniteQuery(connectionUsesQuery);
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">
        {t("history.usesIntro")}
      </Text>
      <ProblemAlert error={query.error} compact />
      <div className={classes.stack}>
        <Table verticalSpacing={6} aria-label={t("history.uses")}>
          <Table.Tbody>
            {items.map((use, index) => (
              <Table.Tr key={`${use.trace}${use.at}${String(index)}`}>
                <Table.Td className="num">{formatInstant(use.at, zone, language)}</Table.Td>
                <Table.Td>{use.pluginName}</Table.Td>
                <Table.Td>
                  {t(`history.method.${use.method as "GET"}`, { defaultValue: use.method })} {use.host}
                  <Text size="xs" c="dimmed">
                    {use.path}
                  </Text>
                </Table.Td>
                <Table.Td className="num">{use.status || t("history.noAnswer")}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {query.data && !items.length && <Text size="sm">{t("history.noUses")}</Text>}
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

function Log() {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  const query = useInfiniteQuery(connectionLogQuery);
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <ProblemAlert error={query.error} compact />
      <div className={classes.stack}>
        <Table verticalSpacing={6} aria-label={t("history.log")}>
          <Table.Tbody>
            {items.map((entry, index) => (
              <Table.Tr key={`${entry.at}${entry.kind}${String(index)}`}>
                <Table.Td className="num">{formatInstant(entry.at, zone, language)}</Table.Td>
                <Table.Td>{t(`history.kind.${entry.kind}`)}</Table.Td>
                <Table.Td>{entry.pluginName}</Table.Td>
                <Table.Td>{entry.account}</Table.Td>
                <Table.Td>{entry.detail}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {query.data && !items.length && <Text size="sm">{t("history.noLog")}</Text>}
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
