// SPDX-License-Identifier: Apache-2.0
import { Menu } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Icon } from "../icons";
import { AccountButton } from "./AccountButton";
import { useSignOut } from "./session";

/** Apart from the shell: nobody opens it before the page is there. */
export default function AccountMenu({ compact = false }: { compact?: boolean }) {
  const { t } = useTranslation();
  const signOut = useSignOut();
  return (
    <Menu position={compact ? "bottom-end" : "right-end"} width={220}>
      <Menu.Target>
        <AccountButton compact={compact} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="user" />} component={Link} to="/settings">
          {t("nav.myAccount")}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="logout" />} onClick={signOut}>
          {t("nav.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
