// SPDX-License-Identifier: Apache-2.0
import { Alert, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { conditionsQuery } from "../api/queries";
import type { Condition } from "../api/types";
import { Icon } from "../icons";
import { formatInstant, today, toLocal } from "../lib/time";
import classes from "./Conditions.module.css";
import { useFormats, useRole } from "./session";

// What concerns one connection stands at that connection, and never comes here.
type Key = Exclude<Condition["key"], "connections_older" | "connections_damaged">;

/** What is wrong with the installation as a whole; there while it lasts. Admins read what to do, too. */
export function Conditions() {
  const { t } = useTranslation();
  const { data } = useQuery(conditionsQuery);
  useFreshPagesAfterwards(data);
  if (!data?.length) return null;
  return (
    <section aria-label={t("condition.title")} role="status" data-testid="conditions">
      {data.map((condition) => (
        <Line key={condition.key} condition={condition} />
      ))}
    </section>
  );
}

/** What failed meanwhile is read again once a state has ended. */
function useFreshPagesAfterwards(data: Condition[] | undefined) {
  const client = useQueryClient();
  const before = useRef<string[]>([]);
  useEffect(() => {
    if (!data) return;
    const keys = data.map((condition) => condition.key);
    const ended = before.current.some((key) => !keys.some((other) => other === key));
    before.current = keys;
    if (ended) void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "conditions" });
  }, [data, client]);
}

function Line({ condition }: { condition: Condition }) {
  const { t } = useTranslation();
  const { isAdmin } = useRole();
  const when = useWhen();
  const key = condition.key as Key;
  const values = { ...condition.values, since: condition.since ? when(condition.since) : "" };
  const text =
    key === "clock_off" || key === "clock_wrong"
      ? t(`condition.text.${key}_${Number(condition.values.seconds) > 0 ? "ahead" : "behind"}`, values)
      : t(`condition.text.${key}`, values);
  return (
    <Alert
      color={condition.severity === "failing" ? "orange" : "yellow"}
      variant="transparent"
      radius={0}
      data-severity={condition.severity}
      className={classes.line}
      icon={<Icon name={condition.severity === "failing" ? "alert" : "info"} />}
      data-testid={`condition-${key}`}
    >
      <Text size="sm">
        {text} {condition.until && t("condition.again", { time: when(condition.until) })}
      </Text>
      {isAdmin && (
        <Text size="sm" className={classes.todo}>
          {t(`condition.todo.${key}`, values)}
        </Text>
      )}
    </Alert>
  );
}

/** The time of day; with the date when it was not today. */
function useWhen() {
  const { zone, language } = useFormats();
  return (at: string) => {
    const local = toLocal(at, zone);
    return local.slice(0, 10) === today(zone) ? local.slice(11, 16) : formatInstant(at, zone, language);
  };
}
