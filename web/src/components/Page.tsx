// SPDX-License-Identifier: Apache-2.0
import { Box, Group, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useTenant } from "../app/session";
import classes from "./Page.module.css";

interface Props {
  title: string;
  intro?: ReactNode;
  actions?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** The frame of every page but the calendar: title, one sentence, actions, content. */
export function Page({ title, intro, actions, wide, children }: Props) {
  useTitle(title);
  return (
    <Box className={classes.page} data-wide={wide || undefined}>
      <Group justify="space-between" align="flex-start" mb="lg" gap="sm">
        <Box flex="1 1 320px" maw={720}>
          <Title order={1} size={26}>
            {title}
          </Title>
          {intro && (
            <Text c="dimmed" mt={4} size="sm">
              {intro}
            </Text>
          )}
        </Box>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
      <Footer />
    </Box>
  );
}

/** Under every page: where to read what happens to the data. */
function Footer() {
  const { t } = useTranslation();
  const { slug } = useTenant();
  return (
    <footer className={classes.footer}>
      <Link to="/privacy/$slug" params={{ slug }}>
        {t("privacy.title")}
      </Link>
    </footer>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Portico`;
  }, [title]);
}
