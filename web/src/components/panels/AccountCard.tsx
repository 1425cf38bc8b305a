// SPDX-License-Identifier: Apache-2.0
import type { Plugin } from "../../api/types";
import { useContributed } from "./contributions";
import { PanelCard, PanelContent } from "./Panel";

const point = "accounts.card/v1";

/** What a plugin says about the reader's own account, as a card. */
export function AccountCard({ plugin }: { plugin: Plugin }) {
  const from = useContributed()(plugin, point)[0];
  return from ? <PanelCard from={from} point={point} /> : null;
}

/** The same inside a card of somebody else's. */
export function AccountStatus({ plugin }: { plugin: Plugin }) {
  const from = useContributed()(plugin, point)[0];
  return from ? <PanelContent from={from} point={point} headings={3} /> : null;
}
