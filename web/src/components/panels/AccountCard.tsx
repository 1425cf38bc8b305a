// SPDX-License-Identifier: Apache-2.0
import type { Plugin } from "../../api/types";
import { useRole } from "../../app/session";
import { PanelCard, PanelContent } from "./Panel";

const point = "accounts.card/v1";

function useFrom(plugin: Plugin) {
  const { isAdmin } = useRole();
  const found = plugin.contributes.find((item) => item.point === point && (isAdmin || item.role !== "admin"));
  return found && { plugin: plugin.id, pluginName: plugin.name, title: found.title, icon: found.icon };
}

/** What a plugin says about the reader's own account, as a card. */
export function AccountCard({ plugin }: { plugin: Plugin }) {
  const from = useFrom(plugin);
  return from ? <PanelCard from={from} point={point} /> : null;
}

/** The same inside a card of somebody else's. */
export function AccountStatus({ plugin }: { plugin: Plugin }) {
  const from = useFrom(plugin);
  return from ? <PanelContent from={from} point={point} headings={3} /> : null;
}
