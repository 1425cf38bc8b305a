// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Icon } from "../../icons";

/** A page of Google's in a tab of its own, with the host that it opens. Anything but https is not a link. */
export function GoogleLink({ href, label }: { href: string; label: string }) {
  const { t } = useTranslation();
  if (!href.startsWith("https://")) return null;
  return (
    <Group gap="xs" mt={6}>
      <Button
        component="a"
        href={href}
        target="_blank"
        rel="noreferrer"
        size="compact-sm"
        variant="light"
        rightSection={<Icon name="externalLink" size={14} />}
      >
        {label}
      </Button>
      <Text span size="xs" c="dimmed">
        {t("googleSetup.opensAt", { host: new URL(href).host })}
      </Text>
    </Group>
  );
}
