// SPDX-License-Identifier: Apache-2.0
import { Group, Stack, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./googleSetup.module.css";

export function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <section className={`card ${classes.step}`} aria-label={`${t("googleSetup.step", { number })}: ${title}`}>
      <Group align="flex-start" wrap="nowrap" gap="md">
        <span className={classes.number} aria-hidden="true">
          {number}
        </span>
        <Stack gap="sm" className={classes.content}>
          <Title order={2} size="h4" mt={3}>
            {title}
          </Title>
          {children}
        </Stack>
      </Group>
    </section>
  );
}
