// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { iconOf, useContributions } from "../components/panels/contributions";
import { Icon, type IconName } from "../icons";
import { AccountButton } from "./AccountButton";
import { Conditions } from "./Conditions";
import { listenToEvents } from "./live";
import { OfflineNotice } from "./OfflineNotice";
import { PrivacyNotice } from "./PrivacyNotice";
import classes from "./Shell.module.css";
import { useMe, useRole } from "./session";
import { openPalette, usePaletteLoaded, useShortcuts } from "./shortcuts";

const Palette = lazy(() => import("./Palette"));
const AccountMenu = lazy(() => import("./AccountMenu"));
const MoreSheet = lazy(() => import("./MoreSheet"));

const places = [
  { to: "/calendar", icon: "calendar", label: "nav.calendar", admin: false, tab: true },
  { to: "/clients", icon: "users", label: "nav.clients", admin: false, tab: true },
  { to: "/connections", icon: "link", label: "nav.connections", admin: false, tab: true },
  { to: "/plugins", icon: "puzzle", label: "nav.plugins", admin: true, tab: false },
  { to: "/audit", icon: "history", label: "nav.audit", admin: true, tab: false },
  { to: "/settings", icon: "settings", label: "nav.settings", admin: false, tab: false },
] as const satisfies readonly { to: string; icon: IconName; label: string; admin: boolean; tab: boolean }[];

function usePlaces() {
  const { isAdmin } = useRole();
  return places.filter((place) => isAdmin || !place.admin);
}

/** Pages that plugins draw come after our own. */
function PluginPlaces({ className, onClick }: { className: string | undefined; onClick?: () => void }) {
  return useContributions("nav.page/v1").map((from) => (
    <Link
      key={from.plugin}
      to="/pages/$pluginId"
      params={{ pluginId: from.plugin }}
      className={className}
      activeProps={{ "data-active": true }}
      onClick={onClick}
    >
      <Icon name={iconOf(from.icon)} size={19} />
      {from.title}
    </Link>
  ));
}

function SideBar() {
  const { t } = useTranslation();
  return (
    <nav className={classes.side} aria-label={t("nav.main")}>
      <Link to="/" className={classes.brand}>
        <img src="/icon.svg" alt="" width={30} height={30} />
        Portico
      </Link>
      <UnstyledButton className={classes.search} onClick={openPalette}>
        <Icon name="search" size={16} />
        <span>{t("nav.search")}</span>
        <kbd>Ctrl K</kbd>
      </UnstyledButton>
      <div className={classes.links}>
        {usePlaces().map((place) => (
          <Link key={place.to} to={place.to} className={classes.link} activeProps={{ "data-active": true }}>
            <Icon name={place.icon} size={19} />
            {t(place.label)}
          </Link>
        ))}
        <PluginPlaces className={classes.link} />
      </div>
      <Suspense fallback={<AccountButton compact={false} />}>
        <AccountMenu />
      </Suspense>
    </nav>
  );
}

function TopBar() {
  const { t } = useTranslation();
  const { tenant } = useMe();
  return (
    <nav className={classes.top} aria-label={t("nav.top")}>
      <Link to="/" className={classes.brand}>
        <img src="/icon.svg" alt="Portico" width={28} height={28} />
        <span>{tenant.name}</span>
      </Link>
      <ActionIcon variant="subtle" color="gray" size={44} onClick={openPalette} aria-label={t("nav.search")}>
        <Icon name="search" size={21} />
      </ActionIcon>
      <Suspense fallback={<AccountButton compact />}>
        <AccountMenu compact />
      </Suspense>
    </nav>
  );
}

function BottomTabs() {
  const { t } = useTranslation();
  const all = usePlaces();
  const more = all.filter((place) => !place.tab);
  const [opened, sheet] = useDisclosure();
  const everOpened = useRef(false); // it stays, to slide out again
  everOpened.current ||= opened;
  return (
    <nav className={classes.tabs} aria-label={t("nav.main")}>
      {all
        .filter((place) => place.tab)
        .map((place) => (
          <Link key={place.to} to={place.to} className={classes.tab} activeProps={{ "data-active": true }}>
            <Icon name={place.icon} size={22} />
            {t(place.label)}
          </Link>
        ))}
      <UnstyledButton className={classes.tab} onClick={sheet.open} aria-haspopup="dialog">
        <Icon name="dots" size={22} />
        {t("nav.more")}
      </UnstyledButton>
      <Suspense>
        {everOpened.current && (
          <MoreSheet opened={opened} onClose={sheet.close}>
            {more.map((place) => (
              <Link key={place.to} to={place.to} className={classes.link} onClick={sheet.close}>
                <Icon name={place.icon} size={20} />
                {t(place.label)}
              </Link>
            ))}
            <PluginPlaces className={classes.link} onClick={sheet.close} />
          </MoreSheet>
        )}
      </Suspense>
    </nav>
  );
}

export function Shell() {
  const { t } = useTranslation();
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const first = useRef(true);
  const navigate = useNavigate();
  const paletteLoaded = usePaletteLoaded();
  useShortcuts(navigate);
  useEffect(listenToEvents, []);
  // After going to another page the reader starts at its beginning, not at the link that was used.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what makes it run
  useEffect(() => {
    if (first.current) first.current = false;
    else main.current?.focus();
  }, [path]);
  return (
    <div className={classes.shell}>
      <a href="#main" className="skip-link">
        {t("nav.skip")}
      </a>
      <SideBar />
      <TopBar />
      <main id="main" ref={main} tabIndex={-1} className={classes.main}>
        <OfflineNotice />
        <Conditions />
        <PrivacyNotice />
        <Outlet />
      </main>
      <BottomTabs />
      <Suspense>{paletteLoaded && <Palette />}</Suspense>
    </div>
  );
}
