// SPDX-License-Identifier: Apache-2.0
import { Badge, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Plugin } from "../../api/types";
import { Icon } from "../../icons";
import { Section } from "../client/Section";

const trustColor = { builtIn: "pine", signed: "pine", modified: "red", unsigned: "orange" } as const;

/** Who made it, what the signature proves, and what it is shut into. */
export function PluginOrigin({ plugin }: { plugin: Plugin }) {
  const { t } = useTranslation();
  const by = plugin.signedBy ?? "";
  return (
    <Section title={t("plugins.about.title")}>
      <Group gap={8} mb={6}>
        <Badge color={trustColor[plugin.trust]} leftSection={<Icon name="shield" size={13} />}>
          {t(`plugins.trust.${plugin.trust}`, { by })}
        </Badge>
      </Group>
      <Text size="sm">{t(`plugins.about.${plugin.trust}`, { by })}</Text>
      {plugin.sandbox.level !== null && (
        <Text size="sm" mt={4}>
          {t("plugins.about.sandbox", { level: plugin.sandbox.level })}
        </Text>
      )}
      {plugin.license && (
        <Text size="sm" c="dimmed" mt={4}>
          {t("plugins.about.license", { license: plugin.license })}
        </Text>
      )}
    </Section>
  );
}
