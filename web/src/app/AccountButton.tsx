// SPDX-License-Identifier: Apache-2.0
import { Text, UnstyledButton } from "@mantine/core";
import type { ComponentProps } from "react";
import { useTranslation } from "react-i18next";
import { PersonAvatar } from "../components/PersonAvatar";
import classes from "./Shell.module.css";
import { useMe } from "./session";

/** Who is signed in, and where. */
export function AccountButton({ compact, ...rest }: { compact: boolean } & ComponentProps<"button">) {
  const { t } = useTranslation();
  const { user, tenant } = useMe();
  return (
    <UnstyledButton {...rest} className={classes.account} aria-label={t("nav.account", { name: user.name })}>
      <PersonAvatar id={user.id} name={user.name} size={34} />
      {!compact && (
        <span className={classes.accountText}>
          <Text size="sm" fw={600} truncate>
            {user.name}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {tenant.name}
          </Text>
        </span>
      )}
    </UnstyledButton>
  );
}
