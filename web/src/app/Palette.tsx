// SPDX-License-Identifier: Apache-2.0
import "@mantine/spotlight/styles.css";
import { useDebouncedValue } from "@mantine/hooks";
import { createSpotlight, Spotlight, type SpotlightActionData } from "@mantine/spotlight";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { contactSearchQuery } from "../api/queries";
import { PersonAvatar } from "../components/PersonAvatar";
import { type Contributed, iconOf, useContributions } from "../components/panels/contributions";
import { Icon, type IconName } from "../icons";
import { useRole } from "./session";
import { palette } from "./shortcuts";

const PanelDialog = lazy(() => import("../components/panels/PanelDialog"));

const [store, actions] = createSpotlight();

/** Ctrl-K: pages, clients and what plugins add, by a few letters. */
export default function Palette() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { isAdmin } = useRole();
  const [query, setQuery] = useState("");
  const [wanted] = useDebouncedValue(query, 120);
  const { data } = useQuery(contactSearchQuery(wanted));
  const [command, setCommand] = useState<Contributed>();
  const commands = useContributions("command/v1");
  useEffect(() => {
    palette.open = actions.open;
    actions.open();
  }, []);

  const page = (id: string, label: string, icon: IconName, run: () => void): SpotlightActionData => ({
    id,
    label,
    leftSection: <Icon name={icon} />,
    onClick: run,
  });
  const pages = [
    page("calendar", t("nav.calendar"), "calendar", () => navigate({ to: "/calendar" })),
    page("clients", t("nav.clients"), "users", () => navigate({ to: "/clients" })),
    page("import", t("import.title"), "importIcon", () => navigate({ to: "/clients/import" })),
    page("connections", t("nav.connections"), "link", () => navigate({ to: "/connections" })),
    ...(isAdmin
      ? [
          page("plugins", t("nav.plugins"), "puzzle", () => navigate({ to: "/plugins" })),
          page("audit", t("nav.audit"), "history", () => navigate({ to: "/audit" })),
        ]
      : []),
    page("settings", t("nav.settings"), "settings", () => navigate({ to: "/settings" })),
    ...commands.map((from) => page(`plugin-${from.plugin}`, from.title, iconOf(from.icon), () => setCommand(from))),
  ];
  const clients = (data?.items ?? []).map(
    (contact): SpotlightActionData => ({
      id: contact.id,
      label: contact.displayName,
      description:
        Object.values(contact.card.phones ?? {})[0]?.number ?? Object.values(contact.card.emails ?? {})[0]?.address,
      leftSection: <PersonAvatar id={contact.id} name={contact.displayName} size={30} />,
      onClick: () => navigate({ to: "/clients/$contactId", params: { contactId: contact.id } }),
    }),
  );
  return (
    <>
      <Spotlight
        store={store}
        attributes={{ content: { "aria-label": t("nav.searchLong") } }}
        shortcut={null}
        query={query}
        onQueryChange={setQuery}
        // The server has already matched the clients (accents, word order); only pages are matched here.
        filter={(text, groups) =>
          groups.map((group) =>
            "actions" in group && group.group === t("nav.pages")
              ? {
                  ...group,
                  actions: group.actions.filter((item) => item.label?.toLowerCase().includes(text.toLowerCase())),
                }
              : group,
          )
        }
        actions={[
          { group: t("nav.clients"), actions: clients },
          { group: t("nav.pages"), actions: pages },
        ]}
        nothingFound={t("common.nothingFound")}
        searchProps={{
          placeholder: t("nav.searchLong"),
          "aria-label": t("nav.searchLong"),
          leftSection: <Icon name="search" />,
        }}
        highlightQuery
      />
      <Suspense>
        {command && <PanelDialog from={command} point="command/v1" onClose={() => setCommand(undefined)} />}
      </Suspense>
    </>
  );
}
