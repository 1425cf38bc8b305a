// SPDX-License-Identifier: Apache-2.0
import { UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import type { Plugin } from "../../api/types";
import { Icon } from "../../icons";
import classes from "./PluginAsks.module.css";

/** What a plugin may do, from its manifest, in sentences. The technical names are there for those who look for them. */
export function PluginAsks({ asks }: { asks: Plugin["asks"] }) {
  const { t } = useTranslation();
  const [open, { toggle }] = useDisclosure(false);
  const nothing = !asks.connections.length && !asks.records.length && !asks.events.length && !asks.actions.length;
  if (nothing) return null;
  const access = (list: string[]) => t(list.includes("write") ? "plugins.asks.readWrite" : "plugins.asks.read");
  return (
    <div className={classes.asks}>
      <UnstyledButton className={classes.toggle} onClick={toggle} aria-expanded={open}>
        <Icon name={open ? "chevronUp" : "chevronDown"} size={16} />
        {t("plugins.asks.title")}
      </UnstyledButton>
      {open && (
        <ul>
          {asks.connections.map((item) => (
            <li key={item.name}>
              {t(item.kind === "basic" ? "plugins.asks.password" : "plugins.asks.connection", {
                provider: item.provider,
              })}{" "}
              {item.reason}
              <ul>
                {item.scopes.map((scope) => (
                  <li key={scope.scope}>
                    {scope.reason}
                    {scope.optional && ` (${t("disclosure.optional")})`} <code>{scope.scope}</code>
                  </li>
                ))}
                {item.hosts.length > 0 && <li>{t("plugins.asks.hosts", { hosts: item.hosts.join(", ") })}</li>}
                {item.kind === "basic" && !item.server && <li>{t("plugins.asks.serverOpen")}</li>}
                {item.picker && <li>{t("plugins.asks.picker")}</li>}
              </ul>
            </li>
          ))}
          {asks.records.map((item) => (
            <li key={item.kind}>
              {t(`plugins.asks.record.${item.kind}`)}: {access(item.access)}. {item.reason}
            </li>
          ))}
          {asks.events.length > 0 && (
            <li>
              {asks.events.includes("*")
                ? t("plugins.asks.allEvents")
                : t("plugins.asks.events", { events: asks.events.join(", ") })}
            </li>
          )}
          {asks.actions.length > 0 && (
            <li>{t("plugins.asks.actions", { actions: asks.actions.map((item) => item.title).join(", ") })}</li>
          )}
          <li>{t("plugins.asks.nothingElse")}</li>
        </ul>
      )}
    </div>
  );
}
