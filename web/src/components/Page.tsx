// SPDX-License-Identifier: Apache-2.0
import { Box, Group, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useEffect } from "react";
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
    </Box>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Portico`;
  }, [title]);
}
