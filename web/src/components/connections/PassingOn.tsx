// SPDX-License-Identifier: Apache-2.0
import { Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { sharingQuery } from "../../api/queries";
import type { Sharing } from "../../api/types";
import { useFormats } from "../../app/session";
import { fieldsText, providerName, useSetSharing } from "../../lib/sharing";
import { formatInstant } from "../../lib/time";
import { toastError } from "../../lib/toast";
import { Section } from "../client/Section";
import classes from "./connections.module.css";

/** What plugins would like to have of what other plugins brought from my accounts; my word, which I can take back. */
export function PassingOn() {
  const { t } = useTranslation();
  const { data } = useQuery(sharingQuery);
  if (!data?.length) return null;
  return (
    <Section title={t("connections.sharing.title")}>
      <Text size="sm" c="dimmed" mb="sm">
        {t("connections.sharing.intro")}
      </Text>
      <ul className={classes.sharing} data-testid="sharing">
        {data.map((item) => (
          <Item key={item.plugin + item.permission} item={item} />
        ))}
      </ul>
    </Section>
  );
}

function Item({ item }: { item: Sharing }) {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  const set = useSetSharing();
  const name = item.pluginName;
  const state = item.allowed
    ? t("connections.sharing.allowed", { when: formatInstant(item.allowedAt ?? "", zone, language) })
    : t(item.allowedAt ? "connections.sharing.more" : "connections.sharing.notAllowed", { name });
  return (
    <li>
      <div className={classes.grow}>
        <Text size="sm" fw={570}>
          {name}
        </Text>
        <Text size="sm">
          {t("connections.sharing.item", {
            provider: providerName(item.provider),
            fields: fieldsText(t, item.fields, language),
          })}{" "}
          {item.reason}
        </Text>
        <Text size="sm">{t("connections.sharing.destination", { destination: item.destination })}</Text>
        <Text size="xs" c="dimmed" mt={4}>
          {state}
        </Text>
      </div>
      <Switch
        aria-label={t("connections.sharing.allow", { name })}
        checked={item.allowed}
        disabled={set.isPending}
        onChange={(event) => set.mutate({ item, allowed: event.currentTarget.checked }, { onError: toastError })}
      />
    </li>
  );
}
