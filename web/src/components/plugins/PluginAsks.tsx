// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Plugin } from "../../api/types";
import { useFormats } from "../../app/session";
import { setOf } from "../../lib/scopes";
import { Section } from "../client/Section";
import { passingText, placeOf, serviceOf } from "./consent";
import classes from "./plugins.module.css";

type Asks = Plugin["asks"];

/** What a plugin may do, from its manifest, in sentences. The technical names are there for those who look for them. */
export function PluginAsks({ asks }: { asks: Asks }) {
  const { t } = useTranslation();
  const { language } = useFormats();
  const access = (list: string[]) => t(list.includes("write") ? "plugins.asks.readWrite" : "plugins.asks.read");
  return (
    <Section title={t("plugins.asks.title")}>
      <ul className={classes.asks} data-testid="asks">
        {asks.connections.map((item) => (
          <Connection key={item.name} item={item} />
        ))}
        {asks.records.map((item) => (
          <li key={item.kind}>
            {t(`plugins.asks.record.${item.kind}`)}: {access(item.access)}. {item.reason}
          </li>
        ))}
        {asks.provenance.map((item) => (
          <li key={item.permission + item.destination}>
            {passingText(t, item, language)} {item.reason}
          </li>
        ))}
        {asks.events.length > 0 && (
          <li>
            {asks.events.includes("*")
              ? t("plugins.asks.allEvents")
              : t("plugins.asks.events", { events: asks.events.join(", ") })}{" "}
            {asks.eventsReason}
          </li>
        )}
        {asks.availability && <li>{asks.availability.reason}</li>}
        {asks.actions.length > 0 && (
          <li>{t("plugins.asks.actions", { actions: asks.actions.map((item) => item.title).join(", ") })}</li>
        )}
        <li>{t("plugins.asks.nothingElse")}</li>
      </ul>
    </Section>
  );
}

function Connection({ item }: { item: Asks["connections"][number] }) {
  const { t } = useTranslation();
  const key = item.kind === "basic" ? "plugins.asks.password" : "plugins.asks.connection";
  const whose = item.kind === "none" ? "" : `${t(key, { provider: serviceOf(item) })} `;
  return (
    <li>
      {whose}
      {item.reason}
      <ul>
        {item.scopes.map((scope) => (
          <li key={scope.scope}>
            {scope.reason}
            {scope.optional && ` (${setOf(item, scope.scope)?.title ?? t("disclosure.optional")})`}
          </li>
        ))}
        {item.kind === "basic" && !item.server && <li>{t("plugins.asks.serverOpen")}</li>}
        {item.hosts.length > 0 && <li>{t("plugins.asks.hosts", { hosts: placeOf(t, item) })}</li>}
        {item.picker && <li>{t("plugins.asks.picker")}</li>}
      </ul>
      {item.requests.length > 0 && (
        <details className={classes.more}>
          <summary>{t("plugins.consent.details")}</summary>
          <ul>
            {item.scopes.map(({ scope }) => (
              <Text component="li" key={scope} className={classes.code}>
                {scope}
              </Text>
            ))}
            {item.requests.map((request) => (
              <Text component="li" key={`${request.method}${request.host}${request.path}`} className={classes.code}>
                {request.method} {request.host}
                {request.path}
              </Text>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}
