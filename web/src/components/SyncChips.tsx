// SPDX-License-Identifier: Apache-2.0
import { Anchor, Group, Text, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { pluginsQuery } from "../api/queries";
import type { SyncState } from "../api/types";
import { useFormats } from "../app/session";
import { Icon, type IconName } from "../icons";
import { formatInstant } from "../lib/time";
import classes from "./SyncChips.module.css";

const icons: Record<SyncState["state"], IconName> = {
  synced: "cloudCheck",
  waiting: "cloudUp",
  failed: "cloudOff",
  conflict: "conflict",
  local: "home",
};

/** Where a record stands with each service: shape, colour and words, never colour alone. */
export function SyncChips({ sync }: { sync: SyncState[] }) {
  const { t } = useTranslation();
  const { zone, language } = useFormats();
  const { data: plugins } = useQuery(pluginsQuery);
  if (!sync.length) return null;
  return (
    <Group gap={6} data-testid="sync-chips">
      {sync.map((item) => {
        const name = plugins?.find((plugin) => plugin.id === item.plugin)?.name ?? item.plugin;
        const detail = [item.reason, item.at && formatInstant(item.at, zone, language)].filter(Boolean).join(" · ");
        return (
          <Tooltip
            key={`${item.plugin}${item.connectionId}`}
            label={detail || t(`sync.state.${item.state}`)}
            multiline
            maw={320}
          >
            <span className={classes.chip} data-state={item.state}>
              <Icon name={icons[item.state]} size={15} />
              {name}: {t(`sync.state.${item.state}`)}
              {item.remoteUrl && (
                <Anchor
                  href={item.remoteUrl}
                  target="_blank"
                  rel="noreferrer"
                  aria-label={t("sync.openRemote", { name })}
                >
                  <Icon name="externalLink" size={13} />
                </Anchor>
              )}
            </span>
          </Tooltip>
        );
      })}
      {sync
        .filter((item) => item.reason && (item.state === "failed" || item.state === "conflict"))
        .map((item) => (
          <Text key={item.plugin} size="xs" className={classes.reason}>
            {item.reason}
          </Text>
        ))}
    </Group>
  );
}

const worst: SyncState["state"][] = ["conflict", "failed", "waiting", "synced", "local"];
/** One dot-sized icon for lists: the state that needs attention most. */
export function SyncIcon({ sync }: { sync: SyncState[] }) {
  const { t } = useTranslation();
  const state = worst.find((wanted) => sync.some((item) => item.state === wanted));
  if (!state || state === "local") return null;
  return (
    <span className={classes.icon} data-state={state} title={t(`sync.state.${state}`)}>
      <Icon name={icons[state]} size={16} />
      <span className="visually-hidden">{t(`sync.state.${state}`)}</span>
    </span>
  );
}
