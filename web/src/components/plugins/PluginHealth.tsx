// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Plugin } from "../../api/types";
import { useFormats } from "../../app/session";
import { ago, formatInstant } from "../../lib/time";
import { Section } from "../client/Section";
import classes from "./plugins.module.css";

/** How it is doing in words, the last failure, and what to do about it. */
export function PluginHealth({ plugin }: { plugin: Plugin }) {
  const { t } = useTranslation();
  const { language, zone } = useFormats();
  const { health, state, enabled, problem, consentChanges } = plugin;
  const bad = state === "refused" || state === "quarantined";
  const words = bad
    ? t(`plugins.health.${state}`)
    : consentChanges.length
      ? t("plugins.health.resting")
      : t(enabled ? `plugins.health.${state}` : "plugins.health.off");
  // The host's own words; nothing in them is for who runs a salon.
  const forOperator = [...new Set([consentChanges.length ? "" : (problem ?? ""), health.lastFailure ?? ""])].filter(
    Boolean,
  );
  const next = bad
    ? t(`plugins.health.next.${state}`)
    : health.lastFailure && enabled && t("plugins.health.next.failed");
  return (
    <Section title={t("plugins.health.title")}>
      <Text size="sm" c={bad ? "var(--danger)" : undefined}>
        {words}
      </Text>
      {health.lastFailure && health.lastFailureAt && (
        <Text size="sm" mt={4}>
          {t("plugins.health.lastFailure", { when: ago(health.lastFailureAt, language) })}
        </Text>
      )}
      {health.nextTryAt && (
        <Text size="sm" mt={4}>
          {t("plugins.health.nextTry", { when: formatInstant(health.nextTryAt, zone, language) })}
        </Text>
      )}
      {next && (
        <Text size="sm" c="dimmed" mt={4}>
          {next}
        </Text>
      )}
      {forOperator.length > 0 && (
        <details className={classes.more}>
          <summary>{t("plugins.health.forOperator")}</summary>
          {forOperator.map((text) => (
            <Text key={text} className={classes.code}>
              {text}
            </Text>
          ))}
        </details>
      )}
      {plugin.sandbox.missing.length > 0 && (
        <Text size="sm" c="var(--warn)" mt={4}>
          {t("plugins.sandboxMissing")} {plugin.sandbox.missing.join("; ")}
        </Text>
      )}
    </Section>
  );
}
