// SPDX-License-Identifier: Apache-2.0
import { Tabs } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { settingsTabs } from "../app/router";
import { useRole } from "../app/session";
import { Page } from "../components/Page";
import { AccountTab } from "../components/settings/AccountTab";
import { BusinessTab } from "../components/settings/BusinessTab";
import { ServicesTab } from "../components/settings/ServicesTab";
import { StaffTab } from "../components/settings/StaffTab";
import { UsersTab } from "../components/settings/UsersTab";

const panels = { account: AccountTab, business: BusinessTab, services: ServicesTab, staff: StaffTab, users: UsersTab };

export default function Settings() {
  const { t } = useTranslation();
  const { tab = "account" } = useSearch({ from: "/shell/settings" });
  const navigate = useNavigate();
  const { isAdmin } = useRole();
  const tabs = settingsTabs.filter((name) => isAdmin || name === "account");
  const shown = tabs.find((name) => name === tab) ?? "account";
  const Panel = panels[shown];
  return (
    <Page title={t("nav.settings")}>
      <Tabs
        value={shown}
        keepMounted={false}
        onChange={(value) => {
          const next = settingsTabs.find((name) => name === value);
          void navigate({ to: "/settings", search: { tab: next === "account" ? undefined : next } });
        }}
      >
        <Tabs.List mb="lg">
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`settings.tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={shown}>
          <Panel />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
